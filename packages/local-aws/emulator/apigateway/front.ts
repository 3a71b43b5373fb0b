/**
 * API Gateway in front of the emulator, whose own keeps no snapshots of deployments, imports no OpenAPI document, and
 * calls functions past the weights of their alias: REST APIs and HTTP APIs, control plane and data plane.
 */
import { type Answer, AwsError, type Call } from "../http.ts";
import { addressed } from "./address.ts";
import { Buckets } from "./bucket.ts";
import { accountOperations } from "./control/account.ts";
import { deploymentOperations } from "./control/deployments.ts";
import { domainOperations } from "./control/domains.ts";
import { httpApiOperations } from "./control/http-apis.ts";
import { httpPartOperations } from "./control/http-parts.ts";
import { httpStageOperations } from "./control/http-stages.ts";
import { operated, type Operation } from "./control/operations.ts";
import { keyOperations } from "./control/keys.ts";
import { planOperations } from "./control/plans.ts";
import { restApiOperations } from "./control/rest-apis.ts";
import { stageOperations } from "./control/stages.ts";
import { answerHttp, type HttpDataPlane } from "./http.ts";
import type { HttpApi } from "./http-state.ts";
import { isLocal, Tokens } from "./jwt.ts";
import type { LambdaOptions } from "./lambda.ts";
import { Usage } from "./plans.ts";
import { apiRequest } from "./request.ts";
import { answerRest, type DataPlane } from "./rest.ts";
import { State } from "./state.ts";

export interface FrontApiGatewayOptions
  extends Pick<DataPlane, "accountId" | "region" | "partition" | "nowMs" | "record" | "writeLog"> {
  readonly lambda: LambdaOptions;
  /** Text of the trust policy of a role; empty where there is no such role. */
  readonly trustOf: (roleName: string) => Promise<string>;
}

export class FrontApiGateway {
  readonly #plane: HttpDataPlane;
  readonly #operations: readonly Operation[];

  constructor(options: FrontApiGatewayOptions) {
    const { nowMs, region } = options;
    const state = new State();
    const usage = new Usage();
    this.#plane = {
      ...options,
      state,
      usage,
      buckets: new Buckets(nowMs),
      tokens: new Tokens(nowMs),
    };
    this.#operations = [
      ...stageOperations(state, nowMs),
      ...restApiOperations(state, nowMs),
      ...deploymentOperations(state, nowMs),
      ...keyOperations(state),
      ...planOperations(state, usage),
      ...accountOperations(state, options.trustOf),
      ...domainOperations(state, region),
      ...httpApiOperations(state, nowMs),
      ...httpPartOperations(state),
      ...httpStageOperations(state, nowMs),
    ];
  }

  /** Answers who calls an API, and who makes one; everything else is not its business. */
  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service === "apigateway") return this.#control(call);
    const token = await this.#token(call);
    if (token) return token;
    const found = addressed(call, this.#plane.state);
    if (found === undefined) return undefined;
    if (found.kind === "forbidden") {
      return plain(403, "Forbidden", { "x-amzn-errortype": "ForbiddenException" });
    }
    if (found.kind === "not found") return plain(404, "Not Found");
    const request = apiRequest(call, found);
    const answer =
      found.kind === "REST"
        ? await answerRest(found.api, found.stage, request, this.#plane)
        : await answerHttp(found.api, found.stage, request, this.#plane);
    return withLength(answer);
  }

  async #control(call: Call): Promise<Answer> {
    const answer =
      (await operated(this.#operations, call)) ??
      (TAGS.test(call.path) ? { status: 200, body: {} } : undefined);
    if (answer) return answer;
    throw new AwsError(
      501,
      "NotImplemented",
      `${call.method} ${call.path} of API Gateway is not in the local cloud`,
    );
  }

  /**
   * `/_api/ID/_token?sub=…&scope=…`: a token for the API's JWT authorizer. Its real issuer cannot be reached from here,
   * so the local cloud signs instead; an issuer on this machine signs itself.
   */
  async #token({ path, query }: Call): Promise<Answer | undefined> {
    const api = this.#plane.state.httpApis.get(/^\/_api\/([^/]+)\/_token$/.exec(path)?.[1] ?? "");
    const authorizer = api && firstAuthorizer(api);
    if (!authorizer || isLocal(authorizer.jwtConfiguration.issuer)) return undefined;
    const token = await this.#plane.tokens.issue(authorizer, {
      subject: query.get("sub") ?? "local",
      scope: query.get("scope") ?? "",
    });
    return { status: 200, body: Buffer.from(token), headers: { "content-type": "text/plain" } };
  }
}

const firstAuthorizer = ({ definition }: HttpApi) => [...definition.authorizers.values()][0];

/** Tags are taken and forgotten. */
const TAGS = /^\/(?:v2\/)?tags\//;

/** A whole answer says how long it is; one that has no body by its status does not. */
function withLength(answer: Answer): Answer {
  const { status, body, headers } = answer;
  if (status === 204 || status === 304) return answer;
  const length = String((body as Uint8Array).length);
  return { ...answer, headers: { ...headers, "content-length": length } };
}

const plain = (status: number, message: string, headers = {}): Answer => ({
  status,
  body: Buffer.from(JSON.stringify({ message })),
  headers: { "content-type": "application/json", ...headers },
});
