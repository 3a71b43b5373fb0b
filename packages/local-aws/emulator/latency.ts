/** How long AWS takes to answer, for tests that measure: the emulator answers at once. */
import type { Call } from "./http.ts";

/** Milliseconds by operation; `Invoke` is a Lambda invocation. What is not named takes no time. */
export type Latencies = Readonly<Record<string, number>>;

/** Measured from within a region: one sequential receiver gets about 300 messages a second. */
export const SQS_LATENCIES: Latencies = {
  ReceiveMessage: 30,
  DeleteMessage: 15,
  DeleteMessageBatch: 15,
  SendMessage: 15,
  SendMessageBatch: 15,
  ChangeMessageVisibility: 15,
  ChangeMessageVisibilityBatch: 15,
  Invoke: 50,
};

export const latencyMs = (latencies: Latencies, { operation, path }: Call): number =>
  latencies[path.endsWith("/invocations") ? "Invoke" : operation] ?? 0;
