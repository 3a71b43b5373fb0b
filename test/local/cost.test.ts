/** `npm run cost` as a user runs it, with the real engine and without an account. */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { execa } from "execa";
import { userCache } from "local-aws/make-once.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { stringify } from "yaml";
import type { Difference } from "../../local/cost/difference.ts";
import { copyProject, PROJECT_ROOT, useEngine } from "../support/engine.ts";
import { testConfig, testProjectFile } from "../support/settings.ts";

interface Document {
  readonly totalUsd: number;
  readonly against: { readonly revision: string };
  readonly difference: Difference;
}

interface ActualDocument {
  readonly usage: { readonly requests: number; readonly durationMs: number };
  readonly actual: {
    readonly by: string;
    readonly askingCostUsd: number;
    readonly services: readonly { readonly service: string; readonly spent?: number }[];
  };
}

/** The outputs of the tests' own stack, as far as commands insist on them. */
const outputsOf = (accountId: string, region: string) => ({
  environment: "staging",
  serviceName: "ledger",
  region,
  accountId,
  functionName: "ledger-function-staging",
  functionVersion: "1",
  aliasName: "live",
  deadLetterQueueUrl: "none",
  artifactsBucketName: "none",
  codeDeployApplicationName: "none",
  deploymentGroupName: "none",
  deploymentConfigName: "none",
  hookFunctionName: "none",
  metricsNamespace: "ledger-api",
  canaryMinimumInvocations: 1,
  durationAlarmMs: 1,
  hookTimeoutSeconds: 1,
  timeoutSeconds: 1,
});

const cost = (
  project: string,
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) =>
  execa(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(project, "local", "cost.ts"), ...args],
    {
      cwd: project,
      env: {
        HOME: home,
        XDG_CACHE_HOME: userCache(),
        NODE_COMPILE_CACHE: path.join(PROJECT_ROOT, ".cache", "compiled"),
        NO_COLOR: "1",
        AWS_PROFILE: "no-such-profile",
        ...env,
      },
      reject: false,
    },
  );

/** Cost Explorer that answers every request alike. */
async function serveCosts(services: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const answer = async (request: IncomingMessage): Promise<string> => {
    asked.push(`${String(request.headers["x-amz-target"])} ${await text(request)}`);
    const Groups = Object.entries(services).map(([Key, Amount]) => ({
      Keys: [Key],
      Metrics: { UnblendedCost: { Amount, Unit: "USD" } },
    }));
    return JSON.stringify({ ResultsByTime: [{ Groups }] });
  };
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/x-amz-json-1.1");
    void answer(request).then((body) => response.end(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

describe("npm run cost", function () {
  // Whole processes: on a busy machine they are slow, which is no fault.
  this.timeout(90_000);
  useEngine();

  it("says against another revision what was changed since, and nothing else", () =>
    inWorkspace(PROJECT_ROOT, async (workspace) => {
      const home = path.join(workspace.scratch, "home");
      mkdirSync(home);
      const project = copyProject(workspace);
      writeFileSync(path.join(project, "Pulumi.yaml"), testProjectFile());
      const writeStack = (changed: Readonly<Record<string, string | number>> = {}): void => {
        const { stackValues } = testConfig("staging", changed);
        writeFileSync(
          path.join(project, "Pulumi.staging.yaml"),
          stringify({ config: stackValues }),
        );
      };
      writeStack({ memoryMb: 512 });
      const git = (...args: string[]) => execa("git", args, { cwd: project });
      await git("init", "--quiet");
      await git("add", "--all");
      const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
      await git(...author, "commit", "--quiet", "--message", "Before");
      writeStack({ memoryMb: 1024 });
      const usage = ["--requests", "2e6", "--duration-ms", "50"];
      const { exitCode, stdout, stderr } = await cost(project, home, [
        ...usage,
        "--against",
        "HEAD",
        "--json",
      ]);

      expect(exitCode, stderr).to.equal(0);
      const { difference, against, totalUsd } = JSON.parse(stdout) as Document;
      expect(against.revision).to.equal("HEAD");
      expect(difference.lines.map(({ resource, what }) => [resource, what])).to.deep.equal([
        ["function", "compute"],
      ]);
      // Two million calls of 0.05 s with half a GB more, at the lower of Lambda's two prices or at the higher.
      expect(difference.usd).to.be.within(50_000 * 0.0000133, 50_000 * 0.0000167);
      expect(difference.afterUsd).to.equal(totalUsd);
      expect(difference.beforeUsd).to.be.closeTo(totalUsd - difference.usd, 1e-9);
      expect(difference.notPriced).to.deep.equal({});
    }));

  describe("with an account", () => {
    const account = useEmulator();

    /** A project whose stack has served 3,000 calls of 40 ms two days ago. */
    const withUsage = (
      work: (
        run: (...args: string[]) => ReturnType<typeof cost>,
        costs: Awaited<ReturnType<typeof serveCosts>>,
      ) => Promise<void>,
      paid: Readonly<Record<string, string>>,
    ) =>
      inWorkspace(PROJECT_ROOT, async (workspace) => {
        const home = path.join(workspace.scratch, "home");
        mkdirSync(home);
        const project = copyProject(workspace);
        writeFileSync(path.join(project, "Pulumi.yaml"), testProjectFile());
        writeFileSync(
          path.join(project, "Pulumi.staging.yaml"),
          stringify({ config: testConfig("staging").stackValues }),
        );
        const outputs = outputsOf(account().accountId, account().region);
        const file = path.join(workspace.scratch, "outputs.json");
        writeFileSync(file, JSON.stringify(outputs));
        const cloudWatch = new CloudWatchClient(account().client);
        const { functionName, aliasName } = outputs;
        const dimensions = { FunctionName: functionName, Resource: `${functionName}:${aliasName}` };
        const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
        const Timestamp = new Date(Date.now() - 2.5 * 86_400_000);
        for (const [MetricName, Value] of [
          ["Invocations", 3000],
          ["Duration", 120_000],
        ] as const) {
          const MetricData = [{ MetricName, Dimensions, Timestamp, Value }];
          await cloudWatch.send(new PutMetricDataCommand({ Namespace: "AWS/Lambda", MetricData }));
        }
        cloudWatch.destroy();
        const costs = await serveCosts(paid);
        const env = {
          ...account().environment,
          AWS_PROFILE: "",
          STACK_OUTPUTS_FILE: file,
          AWS_ENDPOINT_URL_COST_EXPLORER: costs.url,
        };
        try {
          await work((...args) => cost(project, home, args, env), costs);
        } finally {
          costs.close();
        }
      });

    it("estimates for the usage that CloudWatch has counted, and what was paid beside it", () =>
      withUsage(
        async (run, costs) => {
          const { exitCode, stdout, stderr } = await run("--actual", "--yes", "--json");

          expect(exitCode, stderr).to.equal(0);
          const { usage, actual } = JSON.parse(stdout) as ActualDocument;
          expect(usage.durationMs).to.equal(40);
          // 3,000 in the days since: two of them or three, by the time of day.
          expect(usage.requests).to.be.within((3000 / 3) * 30, (3000 / 1) * 31);
          expect(actual.by).to.equal("tags");
          expect(actual.services.find(({ service }) => service === "AWS Lambda")?.spent).to.equal(
            12.5,
          );
          expect(actual.askingCostUsd).to.equal(0.01);
          expect(costs.asked).to.have.length(1);
          expect(costs.asked[0]).to.match(/GetCostAndUsage .*"Values":\["ledger"\]/);
        },
        { "AWS Lambda": "12.5" },
      ));

    it("asks nobody for money without a yes", () =>
      withUsage(async (run, costs) => {
        const { exitCode, stderr } = await run("--actual");
        expect(exitCode).to.equal(1);
        expect(stderr).to.match(
          /error: nobody is there to confirm: Cost Explorer charges \$0\.01 for each request\. Ask it once\?; add --yes/,
        );
        expect(costs.asked).to.deep.equal([]);
      }, {}));
  });

  it("refuses a revision that git does not know, in one line", async () => {
    const { exitCode, stderr } = await cost(PROJECT_ROOT, PROJECT_ROOT, ["--against", "no-such"]);

    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^error: --against no-such: git knows no such revision; name [^\n]+$/m);
  });
});
