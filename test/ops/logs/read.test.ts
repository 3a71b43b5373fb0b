import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { followLines, readCall, readLines } from "../../../ops/logs/read.ts";
import { refusal } from "../../support/release-context.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";

describe("reading logs", () => {
  const account = useEmulator();
  const logGroupName = "/aws/lambda/lambda-function-staging";
  const logStreamName = "2026/01/02/[8]0a1b";
  let client: CloudWatchLogsClient;
  const startMs = Date.now() - 60_000;

  const write = (...lines: [afterMs: number, message: string][]) =>
    client.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: lines.map(([afterMs, message]) => ({
          timestamp: startMs + afterMs,
          message: JSON.stringify({ level: "INFO", message }),
        })),
      }),
    );
  const messages = async (lines: ReturnType<typeof readLines>): Promise<string[]> => {
    const found: string[] = [];
    for await (const { message } of lines) found.push(message);
    return found;
  };

  before(async () => {
    client = new CloudWatchLogsClient(account().client);
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    await write([0, "first"], [1000, "second order-7"], [2000, "third"]);
  });
  after(() => {
    client.destroy();
  });

  it("yields every line of the span in the order of time", async () => {
    const span = { logGroupName, sinceMs: startMs, untilMs: startMs + 2500 };
    expect(await messages(readLines(client, span))).to.deep.equal([
      "first",
      "second order-7",
      "third",
    ]);
    expect(await messages(readLines(client, { ...span, sinceMs: startMs + 500 }))).to.deep.equal([
      "second order-7",
      "third",
    ]);
  });

  it("lets CloudWatch search for a text", async () => {
    const span = { logGroupName, sinceMs: startMs, text: "order-7" };
    expect(await messages(readLines(client, span))).to.deep.equal(["second order-7"]);
  });

  it("follows: each line once, those that come late included", async () => {
    const late: [number, string][][] = [[[2500, "late"]], [[3000, "new"]]];
    const wait = async (): Promise<boolean> => {
      const next = late.shift();
      if (next) await write(...next);
      return next !== undefined;
    };
    const found = await messages(followLines(client, { logGroupName, sinceMs: startMs }, wait));
    expect(found).to.deep.equal(["first", "second order-7", "third", "late", "new"]);
  });

  it("finds of one call what knows its request id alone, such as a time-out", async () => {
    const request = "0b1e7c52-8f3a-4d2b-9c64-000000000000";
    const put = (afterMs: number, message: string) =>
      client.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName,
          logEvents: [{ timestamp: startMs + afterMs, message }],
        }),
      );
    await put(
      4000,
      JSON.stringify({
        level: "INFO",
        message: "begun",
        correlation_id: "order-9",
        function_request_id: request,
      }),
    );
    await put(
      5000,
      JSON.stringify({
        type: "platform.report",
        record: { requestId: request, status: "timeout" },
      }),
    );
    await put(
      6000,
      JSON.stringify({ level: "INFO", message: "another call", correlation_id: "order-90" }),
    );

    const lines = await readCall(client, { logGroupName, sinceMs: startMs }, "order-9");

    expect(lines.map(({ message }) => message)).to.deep.equal([
      "begun",
      "platform.report: timeout",
    ]);
  });

  it("says that there is no such log group", async () => {
    const span = { logGroupName: "/aws/lambda/none", sinceMs: startMs };
    expect(await refusal(messages(readLines(client, span)))).to.contain(
      "there is no log group /aws/lambda/none; deploy the stack first",
    );
  });

  it("follows where events have no id: equal lines of one moment too, each once", async () => {
    const events = [
      { timestamp: startMs, message: "same", logStreamName },
      { timestamp: startMs, message: "same", logStreamName },
      { timestamp: startMs + 1, message: "other", logStreamName },
    ];
    const polls = [events.slice(0, 2), events, events];
    const withoutIds = new CloudWatchLogsClient(account().client);
    let poll = 0;
    withoutIds.middlewareStack.add(
      () => async () => ({ response: {}, output: { $metadata: {}, events: polls[poll] ?? [] } }),
      { step: "deserialize", priority: "high" },
    );
    const wait = async (): Promise<boolean> => (poll += 1) < polls.length;

    const found = await messages(followLines(withoutIds, { logGroupName, sinceMs: startMs }, wait));

    expect(found).to.deep.equal(["same", "same", "other"]);
  });
});
