/** Lambda's own part of a canary: which version answers a call of an alias, and what is counted. */
import { GetAliasCommand, InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { FrontCloudWatch } from "../cloudwatch/front.ts";
import type { Answer, Call } from "../http.ts";

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export class FrontLambda {
  readonly #lambda: LambdaClient;
  readonly #cloudWatch: FrontCloudWatch;
  readonly #pick: () => number;

  constructor(lambda: LambdaClient, cloudWatch: FrontCloudWatch, pick: () => number) {
    this.#lambda = lambda;
    this.#cloudWatch = cloudWatch;
    this.#pick = pick;
  }

  /**
   * Answers a synchronous Invoke, and an asynchronous one of an alias with weights; everything else is not
   * its business. What an asynchronous call comes to is the emulator's to know: it is not counted here.
   */
  async answer({ service, method, path, query, headers, body }: Call): Promise<Answer | undefined> {
    const named = decodeURIComponent(INVOKE.exec(path)?.[1] ?? "");
    const kind = headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (service !== "lambda" || method !== "POST" || !named) return undefined;
    if (kind !== "RequestResponse" && kind !== "Event") return undefined;
    // A name, or an ARN that may end with a qualifier.
    const [, , , , , , arnName, arnQualifier] = named.split(":");
    const functionName = arnName ?? named;
    const qualifier = query.get("Qualifier") ?? arnQualifier;
    const { version, weighted } = await this.#choose(functionName, qualifier);

    if (kind === "Event") {
      return weighted ? this.#invokeLater(functionName, version, body) : undefined;
    }
    const startedMs = performance.now();
    const { FunctionError, ExecutedVersion, Payload, LogResult } = await this.#lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        ...(version && { Qualifier: version }),
        Payload: body,
        LogType: headers["x-amz-log-type"] === "Tail" ? "Tail" : "None",
      }),
    );
    const executedVersion = version ?? ExecutedVersion ?? "$LATEST";
    await this.#cloudWatch.count({
      functionName,
      qualifier,
      executedVersion,
      weighted,
      failed: FunctionError !== undefined,
      throttled: false,
      durationMs: performance.now() - startedMs,
    });
    return {
      status: 200,
      body: Payload ?? new Uint8Array(),
      headers: {
        "content-type": "application/json",
        "x-amz-executed-version": executedVersion,
        ...(FunctionError && { "x-amz-function-error": FunctionError }),
        ...(LogResult && { "x-amz-log-result": LogResult }),
      },
    };
  }

  async #invokeLater(
    functionName: string,
    version: string | undefined,
    body: Buffer,
  ): Promise<Answer> {
    await this.#lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        ...(version && { Qualifier: version }),
        InvocationType: "Event",
        Payload: body,
      }),
    );
    return { status: 202, body: new Uint8Array() };
  }

  /** The version that an alias sends this call to; a version's number, or nothing, stays what it is. */
  async #choose(functionName: string, qualifier: string | undefined) {
    if (qualifier === undefined || /^(\d+|\$LATEST)$/.test(qualifier)) {
      return { version: qualifier, weighted: false };
    }
    const alias = await this.#lambda
      .send(new GetAliasCommand({ FunctionName: functionName, Name: qualifier }))
      .catch(() => undefined);
    // Unknown: the emulator says so itself.
    if (!alias) return { version: qualifier, weighted: false };
    const weights = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
    const [[canary, share] = ["", 0]] = weights;
    const version = weights.length > 0 && this.#pick() < share ? canary : alias.FunctionVersion;
    return { version, weighted: weights.length > 0 };
  }
}
