/** A function beside the service's own: everything of it is its own, and nothing of the service's changes by it. */
import { expect } from "chai";
import { buildsOf, functionHookBuild, HOOK_BUILD } from "../../infra/function/builds.ts";
import { bundleHandler } from "../../infra/function/bundle.ts";
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import { MOST_FUNCTIONS } from "../../infra/functions/faults.ts";
import { settingsFaults } from "../support/settings.ts";
import { runProgram, type MockRun, type RecordedResource } from "../support/mocks.ts";
import { EVERY_OPTION } from "../support/every-option.ts";
import { MOST_FUNCTIONS_LIST, ownFunctions as MOST } from "../support/most-functions.ts";
import { SECOND, SECOND_FUNCTION } from "../support/second-function.ts";

const LAMBDA = "aws:lambda/function:Function";

const idOf = ({ type, name }: RecordedResource): string => `${type} ${name}`;

/** What the list changes of what is there without it: the roles that work on every function. */
const SHARED_RIGHTS = /^aws:iam\/(policy:Policy|rolePolicy:RolePolicy) identity-/;

describe("a function beside the service's own", function () {
  this.timeout(30_000);
  let without: MockRun<unknown>;
  let run: MockRun<unknown>;
  let added: readonly RecordedResource[];

  before(async () => {
    without = await runProgram({ stack: "production" });
    run = await runProgram({ stack: "production", functions: SECOND_FUNCTION });
    const known = new Set(without.resources.map(idOf));
    added = run.resources.filter((resource) => !known.has(idOf(resource)));
  });

  it("changes nothing of the service's own but the rights of those who work on all functions", () => {
    const after = new Map(run.resources.map((resource) => [idOf(resource), resource]));
    const changed = without.resources
      .filter((resource) => !SHARED_RIGHTS.test(idOf(resource)))
      .filter((resource) => JSON.stringify(after.get(idOf(resource))) !== JSON.stringify(resource));
    expect(changed.map(idOf)).to.deep.equal([]);
  });

  it("is all that is added, under names that nothing else has", () => {
    const named = (resources: readonly RecordedResource[]) =>
      resources.flatMap(({ type, inputs }) => {
        const { name, alarmName, dashboardName, groupName, deploymentGroupName } = inputs;
        const own = name ?? alarmName ?? dashboardName ?? groupName ?? deploymentGroupName;
        // An alias and a role's policy have their names within what they are of.
        return typeof own === "string" && !/alias:Alias|rolePolicy:/.test(type) ? [own] : [];
      });
    const names = named(added);
    expect(names.length).to.be.greaterThan(40);
    for (const name of names) expect(name).to.include("ledger-statements-");
    const taken = new Set(named(without.resources));
    expect(names.filter((name) => taken.has(name))).to.deep.equal([]);
    const pairs = added.map((resource) => `${resource.type} ${named([resource]).join()}`);
    const unique = pairs.filter((pair) => !pair.endsWith(" "));
    expect(new Set(unique).size).to.equal(unique.length);
  });

  it("has settings, variables, memory and time of its own, and shares the rest", () => {
    const { inputs } = run.find(LAMBDA, "statements-function");
    expect(inputs).to.deep.include({
      name: "ledger-statements-function-production",
      memorySize: 1280,
      timeout: 60,
      runtime: "nodejs24.x",
      architectures: ["x86_64"],
      publish: true,
    });
    const { variables } = inputs["environment"] as { variables: Record<string, string> };
    expect(variables).to.deep.equal({
      HTTP_FRONTS: "none",
      ARCHIVE: "ledger-archive-production",
      ENVIRONMENT: "production",
      SERVICE_NAME: "ledger-statements",
      LOG_LEVEL: "error",
      POWERTOOLS_SERVICE_NAME: "ledger-statements",
      POWERTOOLS_METRICS_NAMESPACE: "ledger-api",
      POWERTOOLS_LOG_LEVEL: "error",
    });
  });

  it("leaves what belongs to the service's own function with that one", async () => {
    const config = {
      sources: [{ name: "orders", kind: "queue" }],
      secrets: { bank: "ledger/staging/bank" },
      reservedConcurrency: 20,
      provisionedConcurrency: 2,
      database: "dynamodb",
    };
    const first = await runProgram({ config });
    const both = await runProgram({ config, functions: SECOND_FUNCTION });
    const counted = ({ resources }: MockRun<unknown>, type: RegExp) =>
      resources.filter((resource) => type.test(resource.type)).length;
    for (const type of [/eventSourceMapping/, /provisionedConcurrencyConfig/, /dynamodb\/table/]) {
      expect(counted(first, type), String(type)).to.be.greaterThan(0);
      expect(counted(both, type), String(type)).to.equal(counted(first, type));
    }
    const { inputs } = both.find(LAMBDA, "statements-function");
    expect(inputs).not.to.have.property("reservedConcurrentExecutions");
    expect(JSON.stringify(inputs["environment"])).not.to.match(/SECRETS|TABLE_NAME|PARTIAL/);
  });

  it("has every alarm of the service's, on its own figures, and tells the same people", () => {
    const alarmsOf = ({ resources }: MockRun<unknown>) =>
      resources.filter(({ type }) => type.endsWith("Alarm"));
    const metric = ({ name }: RecordedResource) => name.replace("statements-", "");
    const own = alarmsOf(run).filter(({ name }) => name.startsWith("statements-"));
    const first = alarmsOf(without).map(metric);
    expect(own.map(metric)).to.have.members([
      // The account's quota is one for all.
      ...first.filter((name) => name !== "concurrency-alarm"),
      "pages-waiting-alarm",
    ]);
    for (const { name, inputs } of own) {
      const text = JSON.stringify(inputs);
      // Whatever it reads, and whatever it is made of, is the function's.
      for (const [, dimension] of text.matchAll(
        /"(?:FunctionName|QueueName|Resource)":"([^"]+)"/g,
      )) {
        if (name !== "statements-pages-waiting-alarm") {
          expect(dimension, name).to.match(/^ledger-statements-/);
        }
      }
      for (const [, red] of text.matchAll(/ALARM\(\\+"([^\\]+)\\+"\)/g)) {
        expect(red, name).to.match(/^ledger-statements-.+-production$/);
      }
      expect(text, name).not.to.match(/"service":"ledger"/);
      const description = String(inputs["alarmDescription"]);
      expect(description).to.match(/^P[1-4] ledger-statements in production .*: /);
      expect(description).to.match(
        /What to do: https:\/\/github\.com\/acme\/ledger\/\S+#[a-z-]+\n/,
      );
      expect(description).to.include("#dashboards/dashboard/ledger-statements-overview-production");
      expect(description).to.include("npm run logs -- --stack production --function statements");
    }
    const told = own.flatMap(
      ({ inputs }) => (inputs["alarmActions"] as string[] | undefined) ?? [],
    );
    expect(told.length).to.be.greaterThan(5);
    for (const topic of told) expect(topic).to.match(/:ledger-p[1-4]-production$/);
  });

  it("has a dashboard of its own, where nothing is of another function", () => {
    const { inputs } = run.find("aws:cloudwatch/dashboard:Dashboard", "statements-dashboard");
    const body = String(inputs["dashboardBody"]);
    expect(body).to.include("ledger-statements-function-production:live");
    expect(body).not.to.match(/ledger-(function|dlq|hook)-production/);
  });

  it("is released by an application, a hook and a role of its own", () => {
    const group = run.find(
      "aws:codedeploy/deploymentGroup:DeploymentGroup",
      "statements-release-group",
    ).inputs;
    expect(group).to.deep.include({
      appName: "ledger-statements-release-production",
      deploymentGroupName: "ledger-statements-release-production",
      alarmConfiguration: {
        enabled: true,
        alarms: ["errors", "failures", "duration"].map(
          (metric) => `ledger-statements-${metric}-production`,
        ),
      },
    });
    expect(group["serviceRoleArn"]).to.match(/role\/ledger-statements-codedeploy-production$/);
    const hook = run.find(LAMBDA, "statements-release-hook").inputs;
    expect(hook["environment"]).to.have.nested.property(
      "variables.FUNCTION_NAME",
      "ledger-statements-function-production",
    );
    expect(run.outputs).to.have.nested.property("functions.statements.functionId", "statements");
  });

  it("is tried by its own smoke events, in a hook that is otherwise the service's", async () => {
    const [own, first] = await Promise.all([
      bundleHandler(functionHookBuild(SECOND)),
      bundleHandler(HOOK_BUILD),
    ]);
    expect(own.code).to.include('"2026-01"');
    expect(first.code).not.to.include('"2026-01"');
    expect(own.sha256Hex).not.to.equal(first.sha256Hex);
    expect(Object.keys(own.metafile.inputs)).not.to.include("function/domain/smoke-events.ts");
    expect(Object.keys(first.metafile.inputs)).to.include("function/domain/smoke-events.ts");
  });

  it("is built once like every other, and adds no build where there is none", () => {
    expect(buildsOf([])).to.deep.equal([{}, HOOK_BUILD]);
    expect(
      buildsOf([SECOND, { ...SECOND, name: "letters" }]).map(({ name }) => name),
    ).to.deep.equal([
      undefined,
      undefined,
      undefined,
      "hook/index.ts of statements",
      "hook/index.ts of letters",
    ]);
  });
});

describe("the list of functions", () => {
  const faults = (...functions: readonly OwnFunction[]) => settingsFaults({}, functions);
  const named = (name: string): OwnFunction => ({ ...SECOND, name });

  it("takes what is right", () => {
    expect(faults(SECOND)).to.deep.equal([]);
    expect(faults(...["statements", "letters", "exports"].map(named))).to.deep.equal([]);
  });

  for (const name of ["", "Reports", "my-reports", "1st", "a".repeat(21)]) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      expect(faults(named(name))).to.deep.equal([
        `functions name: ${JSON.stringify(name)}; must start with a-z, hold only a-z and 0-9, and have 20 characters at most; choose another name in infra/own/functions.ts`,
      ]);
    });
  }

  it("refuses a name that would lead something else's: an alarm, a queue, a policy, a role", () => {
    // With the first, the alarm `failing` of the function would have the name of the service's own `all-failing`.
    for (const name of ["all", "dead", "dlq", "hook", "canary", "table", "p1", "lasting"]) {
      expect(faults(named(name)).join(), name).to.match(
        new RegExp(`^functions name: "${name}"; would lead ledger-${name}[a-z-]*-staging`),
      );
    }
  });

  it("refuses a name twice, no smoke event, and an entry point outside of the project", () => {
    expect(faults(SECOND, SECOND).join()).to.include('"statements"; is there twice');
    expect(faults({ ...SECOND, smokeEvents: [] }).join()).to.include(
      'functions "statements" smokeEvents: none; a release tries a version by them',
    );
    for (const entryPoint of ["", "/etc/handler.ts", "../handler.ts", "handler.js"]) {
      expect(faults({ ...SECOND, entryPoint }).join()).to.include(
        `functions "statements" entryPoint: ${JSON.stringify(entryPoint)}; must be a TypeScript file`,
      );
    }
  });

  it("holds settings to the rules of the config keys, and to what a function can have of its own", () => {
    const given = (settings: object) => faults({ ...SECOND, settings: () => settings });
    expect(given({ memoryMb: 64, timeoutSeconds: 901, sources: [] })).to.deep.equal([
      'functions "statements" memoryMb: 64; must be a whole number, 128 to 10240 MB; correct it in infra/own/functions.ts',
      'functions "statements" timeoutSeconds: 901; must be a whole number, 1 to 900 seconds; correct it in infra/own/functions.ts',
      'functions "statements" sources: []; no setting of a function\'s own; it takes memoryMb, timeoutSeconds, logLevel, logRetentionDays, deadLetterRetentionDays, errorAlarmThreshold, durationAlarmMs, throttleAlarmThreshold, silenceAlarmMinutes, logVolumeAlarmMb, trafficShift, canaryMinimumInvocations, lowTraffic; correct it in infra/own/functions.ts',
    ]);
    expect(given({ timeoutSeconds: 5, durationAlarmMs: 5000 }).join()).to.include(
      'durationAlarmMs: "5000"; must be below timeoutSeconds (5 s = 5000 ms)',
    );
    // Inherited, it always fits.
    expect(given({ timeoutSeconds: 1 })).to.deep.equal([]);
  });

  it("refuses names that get too long for AWS", () => {
    const name = "a".repeat(20);
    const long = settingsFaults({ serviceName: "l".repeat(30) }, [named(name)]);
    expect(long).to.deep.equal([
      `functions: function ${"l".repeat(30)}-${name}-function-staging has 68 of at most 64 characters; choose a shorter name in infra/own/functions.ts`,
      `functions: execution role ${"l".repeat(30)}-${name}-execution-staging has 69 of at most 64 characters; choose a shorter name in infra/own/functions.ts`,
      `functions: CodeDeploy role ${"l".repeat(30)}-${name}-codedeploy-staging has 70 of at most 64 characters; choose a shorter name in infra/own/functions.ts`,
    ]);
  });

  it(`has room for ${MOST_FUNCTIONS}, with every option of the template on`, async () => {
    expect(MOST).to.have.length(MOST_FUNCTIONS);
    const { outputs } = await runProgram({
      stack: "production",
      config: { network: "create", ...EVERY_OPTION },
      functions: MOST_FUNCTIONS_LIST,
    });
    const made = outputs["functions"] as unknown as Readonly<Record<string, unknown>>;
    expect(Object.keys(made)).to.have.length(MOST_FUNCTIONS);
  });

  it("says at once what to do with more than there is room for", () => {
    const many = ["a", "b", "c", "d"].map(named);
    expect(faults(...many)).to.deep.equal([
      "functions: 4 beside the service's own; IAM's limit of 6,144 characters a policy leaves room for 3; take some out of infra/own/functions.ts, and make them a second service: docs/extending.md#run-a-second-service-in-the-account",
    ]);
  });
});
