import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { unzipSync } from "fflate";
import { SMOKE_EVENTS } from "../../../hook/smoke-events.ts";
import { bundleHandler } from "../../../infra/function/bundle.ts";
import { refuseSecondCloud, shellText, writeEnvFile } from "../../../local/cloud/env-file.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { makeVariant } from "../../../local/cloud/variant.ts";

describe("the local cloud's alarms", () => {
  it("are the program's, in the names of the API", () => {
    const input = alarmInput({
      name: "lambda-errors-staging",
      threshold: 5,
      treatMissingData: "notBreaching",
      dimensions: { FunctionName: "f" },
      okActions: ["arn:1"],
      alarmActions: ["arn:2"],
      tagsAll: { Service: "lambda" },
    });
    expect(input).to.deep.equal({
      AlarmName: "lambda-errors-staging",
      Threshold: 5,
      TreatMissingData: "notBreaching",
      Dimensions: [{ Name: "FunctionName", Value: "f" }],
      OKActions: ["arn:1"],
      AlarmActions: ["arn:2"],
    });
  });

  it("may be made of several metrics", () => {
    const metric = {
      namespace: "AWS/Lambda",
      metricName: "Errors",
      period: 60,
      stat: "Sum",
      dimensions: { ExecutedVersion: "3" },
    };
    const { Metrics } = alarmInput({
      name: "a",
      metricQueries: [
        { id: "e", expression: "errors", returnData: true },
        { id: "errors", metric },
      ],
    });
    expect(Metrics).to.deep.equal([
      { Id: "e", Expression: "errors", ReturnData: true },
      {
        Id: "errors",
        MetricStat: {
          Metric: {
            Namespace: "AWS/Lambda",
            MetricName: "Errors",
            Dimensions: [{ Name: "ExecutedVersion", Value: "3" }],
          },
          Period: 60,
          Stat: "Sum",
        },
      },
    ]);
  });
});

describe("the local cloud", () => {
  let folder: string;
  beforeEach(async () => {
    // Below the project, where a copy of the program finds its packages.
    const cache = join(PROJECT_ROOT, ".cache");
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, "test-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("takes a user's own profile and session away in a shell", () => {
    expect(shellText({ AWS_ACCESS_KEY_ID: "1" }, 42).split("\n")).to.deep.equal([
      "# local cloud of process 42",
      "unset AWS_PROFILE AWS_SESSION_TOKEN",
      "export AWS_ACCESS_KEY_ID='1'",
      "",
    ]);
  });

  it("keeps a second cloud out as long as the first one lives", async () => {
    const file = join(folder, "env");
    await refuseSecondCloud(file);
    await writeEnvFile(file, {});
    const refusal = await refuseSecondCloud(file).catch((error: Error) => error.message);
    expect(refusal).to.match(new RegExp(`a local cloud is running \\(process ${process.pid}\\)`));
    // A process of this number cannot be.
    await writeFile(file, shellText({}, 2 ** 30));
    await refuseSecondCloud(file);
  });

  it("tells a demonstration's bad build from its good one by users' calls alone", async () => {
    const accepted = SMOKE_EVENTS.filter(
      ({ statusCode, feature }) => statusCode === 200 && !feature,
    );
    const failures = async (name: "good" | "bad", source: string): Promise<number> => {
      const program = await makeVariant(folder, name);
      const { zip } = await bundleHandler({ entryPoint: join(program, "function/handler.ts") });
      await rm(program, { recursive: true });
      await writeFile(join(folder, "index.mjs"), unzipSync(zip)["dist/index.mjs"] ?? "");
      const events = accepted.map(({ event }) => ({ ...event, source }));
      // In a process of its own: the handler's log lines are not this test's.
      const { stderr } = await execa(process.execPath, ["--input-type=module", "--eval", CALLER], {
        cwd: folder,
        env: { EVENTS: JSON.stringify(events) },
      });
      return Number(/(\d+) failed$/.exec(stderr)?.[1]);
    };
    expect(await failures("good", "user")).to.equal(0);
    expect(await failures("bad", "smoke")).to.equal(0);
    expect(await failures("bad", "user")).to.equal(accepted.length);
  });
});

/** Calls the bundle with every event, and says how many calls failed. */
const CALLER = `
  import { handler } from "./index.mjs";
  const context = { awsRequestId: crypto.randomUUID(), getRemainingTimeInMillis: () => 30_000 };
  const calls = JSON.parse(process.env.EVENTS).map((event) => handler(event, context));
  const answers = await Promise.allSettled(calls);
  console.error(answers.filter(({ status }) => status === "rejected").length + " failed");
  process.exit();`;
