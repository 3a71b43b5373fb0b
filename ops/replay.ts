/** `npm run replay`: dead letters by error, and back to the function. */
import { putBack, takeOut } from "./replay/actions.ts";
import { sqsClient } from "./replay/clients.ts";
import { replayCommand, type ReplayOptions } from "./replay/options.ts";
import { SqsQueue } from "./replay/sqs-queue.ts";
import { explaining, openStackAccount } from "./support/aws.ts";
import { run } from "./support/command.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { isRefusal } from "./support/refused.ts";
import { readStackOutputs } from "./support/stack-outputs.ts";
import { openTerminal } from "./support/terminal.ts";

async function replay(options: ReplayOptions): Promise<void> {
  const terminal = openTerminal();
  const outputs = await readStackOutputs(options.stack);
  const clients = await openStackAccount(outputs);
  const queue = new SqsQueue(sqsClient(outputs.region), outputs.deadLetterQueueUrl);
  const queueName = outputs.deadLetterQueueUrl.split("/").at(-1) ?? "";
  const { environment, accountId, region } = outputs;
  terminal.say(`stack ${environment}, account ${accountId}, region ${region}, queue ${queueName}`);
  const signal = onInterrupt();
  signal.addEventListener("abort", () =>
    terminal.say(
      "interrupted: what has begun may end within 10 s; interrupt again to stop at once",
    ),
  );
  const session = { options, outputs, clients, queue, queueName, terminal, signal };
  try {
    await (options.import === undefined ? takeOut(session) : putBack(session, options.import));
  } catch (error) {
    if (!signal.aborted || isRefusal(error)) throw error;
    // What the user has cut off is no defect.
    terminal.say("interrupted");
    process.exitCode = 1;
  } finally {
    // A call that is never answered would keep the process from ending by itself.
    if (signal.aborted) setTimeout(() => process.exit(), EXIT_MS).unref();
  }
}

/** Time for the last lines to be written. */
const EXIT_MS = 1000;

await run(replayCommand().action(explaining(replay)));
