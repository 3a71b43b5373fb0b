/** What was used, as the emulator's CloudWatch has counted it. */
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { DAY_MS, lastDays, measureUsage } from "../../../ops/cost/measure.ts";
import { refusal } from "../../support/release-context.ts";

const OUTPUTS = {
  serviceName: "parcels",
  environment: "staging",
  functionName: "parcels-function-staging",
  metricsNamespace: "parcels-api",
};
const ALIAS = { FunctionName: OUTPUTS.functionName, Resource: `${OUTPUTS.functionName}:live` };
const LOG_GROUP = { LogGroupName: `/aws/lambda/${OUTPUTS.functionName}` };

describe("the days that are looked back on", () => {
  it("are whole ones of UTC, without today and yesterday", () => {
    const { fromMs, untilMs } = lastDays(30, Date.parse("2026-03-31T23:59:59Z"));
    expect(new Date(fromMs).toISOString()).to.equal("2026-02-28T00:00:00.000Z");
    expect(new Date(untilMs).toISOString()).to.equal("2026-03-30T00:00:00.000Z");
  });
});

describe("measuring usage", () => {
  const account = useEmulator();
  const days = lastDays(10, Date.now());
  let cloudWatch: CloudWatchClient;

  const put = (
    Namespace: string,
    MetricName: string,
    dimensions: Readonly<Record<string, string>>,
    values: readonly (readonly [atMs: number, value: number])[],
  ) =>
    cloudWatch.send(
      new PutMetricDataCommand({
        Namespace,
        MetricData: values.map(([atMs, Value]) => ({
          MetricName,
          Dimensions: Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: value })),
          Timestamp: new Date(atMs),
          Value,
        })),
      }),
    );

  before(() => {
    cloudWatch = new CloudWatchClient(account().client);
  });
  after(() => {
    cloudWatch.destroy();
  });

  it("refuses where nobody has called, and says what to do", async () => {
    expect(await refusal(measureUsage({ cloudWatch }, OUTPUTS, days))).to.match(
      /^CloudWatch has counted no call of parcels-function-staging through its alias from \S+ to \S+; give figures of your own: --requests/,
    );
  });

  it("adds up calls through the alias, their duration and the bytes of their lines, day by day", async () => {
    const at = (day: number, hour = 12) => days.fromMs + day * DAY_MS + hour * 3_600_000;
    await put("AWS/Lambda", "Invocations", ALIAS, [
      [at(4), 100],
      [at(4, 13), 100],
      [at(9), 300],
      // Outside of the days.
      [days.untilMs + 60_000, 5000],
    ]);
    await put("AWS/Lambda", "Duration", ALIAS, [
      [at(4), 20_000],
      [at(9), 30_000],
    ]);
    // Another function's, and calls past the alias.
    await put("AWS/Lambda", "Invocations", { FunctionName: "other", Resource: "other:live" }, [
      [at(5), 7000],
    ]);
    await put("AWS/Lambda", "Invocations", { FunctionName: OUTPUTS.functionName }, [[at(5), 9000]]);
    await put("AWS/Logs", "IncomingBytes", LOG_GROUP, [[at(9), 900_000]]);

    const measured = await measureUsage({ cloudWatch }, OUTPUTS, days);

    expect(measured).to.deep.include({ requests: 500, durationMs: 100, logBytes: 900_000 });
    // A service that is younger than the span is not taken for a quieter one.
    expect(measured.days).to.equal(6);
  });
});
