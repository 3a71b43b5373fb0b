/** SQS where the emulator is kinder, or less kind, than AWS. */
import type { Answer, Call, Forward } from "../http.ts";

export interface FrontSqsOptions {
  /** The emulator's own URL, which its queue URLs begin with. */
  readonly upstream: string;
  /** The URL that callers are to use instead. */
  readonly url: () => string;
  readonly forward: Forward;
  /** Somebody uses a queue, and sends so many messages to it. */
  readonly used: (queueName: string, sent: number) => void;
}

/**
 * Answers every call of SQS by the emulator's answer, with two changes:
 *
 * - a receipt handle that is no longer valid deletes nothing and is answered with success (SQS API reference,
 *   DeleteMessage; ran against AWS). The emulator refuses it;
 * - queue URLs lead to this endpoint, because the SDK sends a call to the host of its queue's URL.
 */
export class FrontSqs {
  readonly #options: FrontSqsOptions;

  constructor(options: FrontSqsOptions) {
    this.#options = options;
  }

  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service !== "sqs") return undefined;
    const { upstream, url, forward, used } = this.#options;
    const answer = await forward(call);
    if (answer.status === 200) used(...useOf(call));
    const text = Buffer.from(answer.body as Uint8Array).toString();
    if (call.operation === "DeleteMessage" && isStale(answer.status, text)) {
      return { status: 200, body: {} };
    }
    if (call.operation === "DeleteMessageBatch" && answer.status === 200) {
      return { ...answer, body: Buffer.from(forgiven(text)) };
    }
    return { ...answer, body: Buffer.from(text.replaceAll(upstream, url())) };
  }
}

/** The queue of a call, and how many messages the call sends to it. */
function useOf(call: Call): [queueName: string, sent: number] {
  const { operation, QueueUrl = "", QueueName = "", Entries = [] } = inputOf(call);
  const sent = { SendMessage: 1, SendMessageBatch: Entries.length }[operation] ?? 0;
  return [QueueUrl.split("/").at(-1) || QueueName, sent];
}

interface Input {
  readonly operation: string;
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly Entries?: readonly unknown[];
}

/** By either protocol: SDKs speak JSON; curl and older clients send a form to the queue's own URL, or name it there. */
function inputOf(call: Call): Input {
  if (!String(call.headers["content-type"]).startsWith("application/x-www-form-urlencoded")) {
    return { operation: call.operation, ...call.json() };
  }
  const form = new URLSearchParams(call.body.toString());
  return {
    operation: form.get("Action") ?? "",
    QueueUrl: form.get("QueueUrl") ?? call.path,
    QueueName: form.get("QueueName") ?? "",
    Entries: [...form.keys()].filter((key) => /^SendMessageBatchRequestEntry\.\d+\.Id$/.test(key)),
  };
}

const STALE = "ReceiptHandleIsInvalid";

const isStale = (status: number, text: string): boolean => status === 400 && text.includes(STALE);

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id: string }[];
  readonly Failed?: readonly { readonly Id: string; readonly Code: string }[];
}

/** A batch's answer in which stale handles count as deleted. */
function forgiven(text: string): string {
  const { Successful = [], Failed = [] } = JSON.parse(text) as BatchAnswer;
  const stale = Failed.filter(({ Code }) => Code === STALE);
  return JSON.stringify({
    Successful: [...Successful, ...stale.map(({ Id }) => ({ Id }))],
    Failed: Failed.filter(({ Code }) => Code !== STALE),
  });
}
