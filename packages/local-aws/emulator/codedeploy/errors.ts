/** A refusal by the name that CodeDeploy gives it; the API answers it with status 400. */
export class CodeDeployError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
