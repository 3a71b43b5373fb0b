import { Readable } from "node:stream";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { awsSource, releaseMoments } from "../../../local/dashboard/aws-source.ts";

type Answers = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>>;

const NOON = Date.UTC(2026, 2, 12, 12);
const SPAN = { fromMs: NOON, toMs: NOON + 600_000 };

/** A source whose calls are answered here, by operation. */
function sourceOf(answers: Answers, minuteMs = 60_000) {
  const asked: { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }[] =
    [];
  const handle = async ({
    headers,
    body,
  }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
  }) => {
    const operation = (headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    const input = JSON.parse(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>;
    asked.push({ operation, input });
    const answer = answers[operation];
    if (!answer) throw new Error(`nobody answers ${operation}`);
    const type = { "content-type": "application/x-amz-json-1.1" };
    const text = JSON.stringify(answer(input));
    return { response: { statusCode: 200, headers: type, body: Readable.from([text]) } };
  };
  const options = {
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  };
  const source = awsSource({
    clients: {
      cloudWatch: new CloudWatchClient(options),
      codeDeploy: new CodeDeployClient(options),
    },
    logs: new CloudWatchLogsClient(options),
    outputs: { codeDeployApplicationName: "a", deploymentGroupName: "g" },
    minuteMs,
    signal: new AbortController().signal,
  });
  return { source, asked };
}

const seconds = (ms: number) => ms / 1000;

describe("an account as a source of the dashboard", () => {
  it("has the points of all pages", async () => {
    const page = (values: readonly number[], from: number, NextToken?: string) => ({
      MetricDataResults: [
        {
          Id: "a",
          Timestamps: values.map((_, index) => seconds(NOON) + 60 * (from + index)),
          Values: values,
        },
      ],
      ...(NextToken !== undefined && { NextToken }),
    });
    const { source, asked } = sourceOf({
      GetMetricData: ({ NextToken }) => (NextToken === "2" ? page([3], 2) : page([1, 2], 0, "2")),
    });
    const points = await source.read([{ Id: "a", Expression: "1", ReturnData: true }], SPAN);

    expect(points.get("a")).to.deep.equal([
      [NOON, 1],
      [NOON + 60_000, 2],
      [NOON + 120_000, 3],
    ]);
    expect(asked[0]?.input).to.include({
      StartTime: seconds(SPAN.fromMs),
      EndTime: seconds(SPAN.toMs),
    });
  });

  it("lists the metrics of all pages by their dimensions", async () => {
    const { source } = sourceOf({
      ListMetrics: ({ NextToken }) => ({
        Metrics: [{ Dimensions: [{ Name: "version", Value: NextToken === "2" ? "8" : "7" }] }],
        ...(NextToken !== "2" && { NextToken: "2" }),
      }),
    });

    expect(await source.list("n", "m")).to.deep.equal([
      { namespace: "n", metricName: "m", dimensions: { version: "7" } },
      { namespace: "n", metricName: "m", dimensions: { version: "8" } },
    ]);
  });

  it("says of each alarm how it is, and which is not there", async () => {
    const { source } = sourceOf({
      DescribeAlarms: () => ({
        MetricAlarms: [{ AlarmName: "a", StateValue: "OK" }],
        CompositeAlarms: [
          { AlarmName: "b", StateValue: "ALARM", StateTransitionedTimestamp: seconds(NOON) },
        ],
      }),
    });

    expect(await source.alarms(["c", "b", "a"])).to.deep.equal([
      { name: "c", state: "missing" },
      { name: "b", state: "ALARM", sinceMs: NOON },
      { name: "a", state: "OK", sinceMs: undefined },
    ]);
  });

  const QUERY = { logGroupName: "g", query: 'filter level = "ERROR" | fields @timestamp, message' };

  it("lets Insights run a query, and waits for its result", async function () {
    this.timeout(10_000);
    let tries = 0;
    const { source, asked } = sourceOf({
      StartQuery: () => ({ queryId: "q" }),
      GetQueryResults: () => {
        tries += 1;
        if (tries === 1) return { status: "Running", results: [] };
        const row = [
          { field: "@timestamp", value: "2026-03-12 12:00:00.000" },
          { field: "message", value: "m" },
        ];
        return { status: "Complete", results: [row] };
      },
    });

    expect(await source.rows(QUERY, SPAN)).to.deep.equal([{ "@timestamp": NOON, message: "m" }]);
    expect(asked[0]?.input).to.include({ logGroupName: "g", queryString: QUERY.query });
  });

  it("says when a query has failed", async () => {
    const { source } = sourceOf({
      StartQuery: () => ({ queryId: "q" }),
      GetQueryResults: () => ({ status: "Failed" }),
    });
    const failure = await source.rows(QUERY, SPAN).catch((error: Error) => error.message);

    expect(failure).to.equal("the query Failed");
  });

  it("leaves metric math to CloudWatch", () => {
    expect(sourceOf({}).source.problemOf("RATE(a)", [])).to.equal(undefined);
  });
});

describe("a local cloud as a source of the dashboard", () => {
  it("has no Insights: its lines are read, and the query is run here", async () => {
    const line = (level: string, timestamp: number) => ({
      timestamp,
      message: JSON.stringify({ level, message: `m${timestamp - NOON}` }),
    });
    const { source } = sourceOf(
      {
        FilterLogEvents: ({ nextToken }) =>
          nextToken === "2"
            ? { events: [line("ERROR", NOON + 2)] }
            : { events: [line("ERROR", NOON), line("INFO", NOON + 1)], nextToken: "2" },
      },
      2000,
    );

    expect(
      await source.rows(
        { logGroupName: "g", query: 'filter level = "ERROR" | fields message' },
        SPAN,
      ),
    ).to.deep.equal([{ message: "m0" }, { message: "m2" }]);
  });

  it("says which metric math it does not know", () => {
    expect(sourceOf({}, 2000).source.problemOf("RATE(a)", ["a"])).to.equal("RATE(a)");
  });
});

describe("releases in a dashboard", () => {
  it("are deployments and their ends, oldest first, without those that bring a version back", () => {
    const version = (number: number) => ({ from: String(number - 1), to: String(number) });
    const moments = releaseMoments([
      { createdMs: 30, completedMs: 40, status: "Stopped", rollsBack: false, ...version(9) },
      { createdMs: 41, completedMs: 42, status: "Succeeded", rollsBack: true, ...version(8) },
      { createdMs: 10, completedMs: 20, status: "Succeeded", rollsBack: false, ...version(8) },
      {
        createdMs: 50,
        completedMs: undefined,
        status: "InProgress",
        rollsBack: false,
        ...version(10),
      },
    ]);

    expect(moments).to.deep.equal([
      { atMs: 10, label: "release of version 8" },
      { atMs: 30, label: "release of version 9" },
      { atMs: 40, label: "back to version 8" },
      { atMs: 50, label: "release of version 10" },
    ]);
  });
});
