/** `npm run replay`: dead letters by error, and back to the function, or to the queue that gave them up. */
import { putBack, type Session, takeOut } from "./replay/actions.ts";
import { sqsClient } from "./replay/clients.ts";
import { replayCommand, type ReplayOptions } from "./replay/options.ts";
import { chosenQueues } from "./replay/sources.ts";
import { SqsQueue } from "./replay/sqs-queue.ts";
import { explaining, openStackAccount } from "./support/aws.ts";
import { run } from "./support/command.ts";
import { readFunctionOutputs } from "./support/function-outputs.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { isRefusal } from "./support/refused.ts";
import { openTerminal } from "./support/terminal.ts";

async function replay(options: ReplayOptions): Promise<void> {
  const terminal = openTerminal();
  const outputs = await readFunctionOutputs(options.stack, options.function);
  const usesFile = (options.export ?? options.import) !== undefined;
  const queues = chosenQueues(outputs, { source: options.source, usesFile });
  const clients = await openStackAccount(outputs);
  const { environment, accountId, region } = outputs;
  const signal = onInterrupt();
  signal.addEventListener("abort", () =>
    terminal.say(
      "interrupted: what has begun may end within 10 s; interrupt again to stop at once",
    ),
  );
  const documents: object[] = [];
  const sqs = sqsClient(region);
  try {
    for (const from of queues) {
      if (signal.aborted) break;
      const queueName = from.url.split("/").at(-1) ?? "";
      terminal.say(
        `stack ${environment}, account ${accountId}, region ${region}, queue ${queueName}`,
      );
      const session: Session = {
        options,
        outputs,
        clients,
        sqs,
        from,
        queue: new SqsQueue(sqs, from.url),
        queueName,
        terminal,
        signal,
        print: (document) =>
          documents.push(queues.length > 1 ? { source: from.source, ...document } : document),
      };
      await (options.import === undefined ? takeOut(session) : putBack(session, options.import));
    }
  } catch (error) {
    if (!signal.aborted || isRefusal(error)) throw error;
    // What the user has cut off is no defect.
    terminal.say("interrupted");
    process.exitCode = 1;
  } finally {
    // One queue is one document, several are a list of them.
    const [only] = documents;
    if (only) console.log(JSON.stringify(queues.length > 1 ? documents : only, undefined, 2));
    // A call that is never answered would keep the process from ending by itself.
    if (signal.aborted) setTimeout(() => process.exit(), EXIT_MS).unref();
  }
}

/** Time for the last lines to be written. */
const EXIT_MS = 1000;

await run(replayCommand().action(explaining(replay)));
