/**
 * API Gateway's setting of an account, as AWS keeps it: it takes a role only when it can use it, which takes a while
 * after the role is made (API Gateway guide, "Set up CloudWatch logging for REST APIs"; IAM guide, "Changes that I make
 * are not always immediately visible").
 */
import type { APIGatewayClient } from "@aws-sdk/client-api-gateway";

export class ApiAccount {
  role: string | undefined;
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  /** How often a role is refused before it is taken. */
  refusals = 0;

  get client(): APIGatewayClient {
    return { send: (command: object) => this.#answer(command) } as unknown as APIGatewayClient;
  }

  async #answer(command: object): Promise<object> {
    const { name } = command.constructor;
    this.calls.push(name);
    if (name === "GetAccountCommand") {
      return this.role === undefined ? {} : { cloudwatchRoleArn: this.role };
    }
    const { input } = command as { readonly input: unknown };
    const { patchOperations: [patch] = [] } = input as {
      readonly patchOperations?: readonly { op: string; path: string; value: string }[];
    };
    if (patch?.op !== "replace" || patch.path !== "/cloudwatchRoleArn") {
      throw new Error(`no such patch: ${JSON.stringify(input)}`);
    }
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw Object.assign(
        new Error("The role ARN does not have required permissions set to API Gateway"),
        { name: "BadRequestException" },
      );
    }
    this.role = patch.value;
    return {};
  }
}
