import { AwsError } from "../http.ts";

/** A refusal by the name that CodeDeploy gives it; the API answers it with status 400. */
export class CodeDeployError extends AwsError {
  constructor(name: string, message: string) {
    super(400, name, message);
  }
}
