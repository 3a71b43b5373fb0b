/** Calls of the service as its users make them, for the demonstration: answered ones and asynchronous ones. */
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SMOKE_EVENTS } from "../../function/domain/smoke-events.ts";
import type { StackOutputs } from "../../infra/outputs.ts";

/** What was sent until now. */
export interface Sent {
  calls: number;
  failed: number;
  /** Nobody waits for their answers; those that fail at every try become dead letters. */
  asynchronous: number;
}

/** One call in so many is answered, the others are asynchronous. */
export const MIXED = 3;
/** No call is answered: each that fails ends as a dead letter. */
export const ASYNCHRONOUS_ONLY = Infinity;

/** The events that the service answers with success, as if a user had sent them. */
const EVENTS = SMOKE_EVENTS.filter(
  ({ statusCode, failures, feature }) =>
    statusCode === 200 && failures === undefined && feature === undefined,
).map(({ event }) => ({
  ...event,
  source: "user",
}));

/** Sends calls through the alias until `signal` is aborted; failed ones are counted, never thrown. */
export async function sendTraffic(
  environment: Readonly<Record<string, string>>,
  { functionName, aliasName, region }: StackOutputs,
  callsPerSecond: number,
  signal: AbortSignal,
  answeredEvery: number = MIXED,
): Promise<Sent> {
  const lambda = new LambdaClient({
    region,
    endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
    credentials: {
      accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
  });
  const sent: Sent = { calls: 0, failed: 0, asynchronous: 0 };
  const underWay = new Set<Promise<void>>();
  const call = async (number: number): Promise<void> => {
    // From 1, so that of asynchronous calls only not even the first is answered.
    const asynchronous = (number + 1) % answeredEvery > 0;
    const command = new InvokeCommand({
      FunctionName: functionName,
      Qualifier: aliasName,
      InvocationType: asynchronous ? "Event" : "RequestResponse",
      Payload: JSON.stringify(EVENTS[number % EVENTS.length]),
    });
    const failed = await lambda.send(command).then(
      ({ FunctionError }) => FunctionError !== undefined,
      () => true,
    );
    sent.calls += 1;
    if (asynchronous) sent.asynchronous += 1;
    if (failed) sent.failed += 1;
  };
  for (let number = 0; !signal.aborted; number++) {
    const work = call(number).finally(() => underWay.delete(work));
    underWay.add(work);
    await sleep(1000 / callsPerSecond, undefined, { signal }).catch(() => {});
  }
  await Promise.all(underWay);
  lambda.destroy();
  return sent;
}
