import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { runQuery } from "local-aws/insights/query.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { queryOf, readReports, type ReadOptions } from "../../../ops/tune/read.ts";
import { makeService, type Service } from "../../support/emulated-service.ts";
import { refusal } from "../../support/release-context.ts";
import { jsonReport, OTHER_LINES } from "./lines.ts";

const DAY_MS = 86_400_000;

describe("the query for reports", () => {
  it("finds Lambda's reports of both log formats, and no other line", () => {
    const text = "REPORT RequestId: 6d68ca91\tDuration: 1 ms";
    const report = jsonReport();
    const lines = [report, ...OTHER_LINES, text];
    const events = lines.map((message, index) => ({ timestamp: index, message }));
    const rows = runQuery(queryOf(10), events);
    expect(rows.map((row) => row["@message"])).to.deep.equal([report, text]);
    expect(runQuery(queryOf(1), events)).to.have.length(1);
  });
});

describe("reading reports", () => {
  const account = useEmulator();
  let service: Service;
  let client: CloudWatchLogsClient;
  const now = Date.now();

  const options = (more: Partial<ReadOptions> = {}): ReadOptions => ({
    logGroupName: service.outputs.logGroupName,
    sinceMs: now - 7 * DAY_MS,
    untilMs: now,
    most: 28_000,
    signal: new AbortController().signal,
    progress: () => {},
    pollMs: 1,
    ...more,
  });

  before(async () => {
    service = await makeService(account(), "export const handler = async () => 1;");
    client = new CloudWatchLogsClient(account().client);
    const { logGroupName } = service.outputs;
    await client.send(new CreateLogGroupCommand({ logGroupName })).catch(() => {});
    const logStreamName = "2026/01/02/[8]0a1b";
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const lines = Array.from({ length: 200 }, (_, index) =>
      jsonReport({
        memoryMb: index < 100 ? 256 : 1024,
        durationMs: (index < 100 ? 178 : 74) * (index % 2 === 0 ? 0.9 : 1.1),
      }),
    );
    const logEvents = [...lines, ...OTHER_LINES].map((message, index) => ({
      timestamp: now - 6 * DAY_MS + index * 2_000_000,
      message,
    }));
    await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  });
  after(() => {
    client.destroy();
  });

  it("takes each report of the span once, from all of its parts", async () => {
    const parts: number[] = [];
    const { reports, scannedBytes } = await readReports(
      client,
      options({ progress: (read) => parts.push(read) }),
    );
    expect(reports).to.have.length(200);
    expect(reports.filter(({ memoryMb }) => memoryMb === 256)).to.have.length(100);
    expect(scannedBytes).to.be.greaterThan(200 * 300);
    expect(parts).to.have.length(28);
  });

  it("refuses a log group that is not there", async () => {
    expect(await refusal(readReports(client, options({ logGroupName: "/none" })))).to.match(
      /^there is no log group \/none; deploy the stack first/,
    );
  });

  it("ends where Insights ends a query, in one line", async () => {
    const failing = new CloudWatchLogsClient(account().client);
    failing.send = (({ constructor }: object) =>
      Promise.resolve(
        constructor.name === "StartQueryCommand" ? { queryId: "q" } : { status: "Failed" },
      )) as never;
    expect(await refusal(readReports(failing, options()))).to.match(
      /^CloudWatch Logs Insights ended a query as Failed; run the command again/,
    );
    failing.destroy();
  });

  it("stops the query when it is interrupted", async () => {
    const sent: string[] = [];
    const controller = new AbortController();
    const running = new CloudWatchLogsClient(account().client);
    running.send = (({ constructor }: object) => {
      sent.push(constructor.name);
      if (constructor.name === "GetQueryResultsCommand") controller.abort();
      return Promise.resolve({ queryId: "q", status: "Running" });
    }) as never;
    let failed = false;
    await readReports(running, options({ signal: controller.signal, pollMs: 60_000 })).catch(() => {
      failed = true;
    });
    expect(failed).to.equal(true);
    expect(sent).to.deep.equal(["StartQueryCommand", "GetQueryResultsCommand", "StopQueryCommand"]);
    running.destroy();
  });

  it("ends in a recommendation, by the command as a user runs it", async function () {
    this.timeout(90_000);
    const { exitCode, stdout, stderr } = await service.start(["tune", "--json", "--goal", "price"]);
    expect(exitCode, stderr).to.equal(0);
    const { recommendation, model, sizes } = JSON.parse(stdout) as {
      readonly recommendation: { readonly memoryMb: number };
      readonly model: { readonly kind: string; readonly waitMs: number; readonly cpuMs: number };
      readonly sizes: readonly object[];
    };
    expect(sizes).to.have.length(2);
    // 178 and 74 ms: 40 of waiting, and 20 on a whole CPU.
    expect(model.kind).to.equal("compared");
    expect(model.waitMs).to.be.closeTo(39.6, 1);
    expect(model.cpuMs).to.be.closeTo(20, 0.5);
    expect(recommendation.memoryMb).to.equal(128);
  });

  it("refuses with how many calls are missing where there are too few", async function () {
    this.timeout(90_000);
    const none = await service.start(["tune", "--since", "1m"]);
    expect(none.exitCode).to.equal(1);
    expect(none.stderr).to.match(
      /error: no warm calls that succeeded are in \/aws\/lambda\/\S+ from \S+ on; take an earlier --since/,
    );
  });
});
