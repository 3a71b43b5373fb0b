/** Options on the real engine: turning one on or off again is a plan that touches its own resources and no others. */
import { expect } from "chai";
import { type OfflineStack, type RunOptions, useEngine, withStack } from "../support/engine.ts";
import { all, each, touchedInAws } from "../support/touched.ts";

/** What encrypts, and who may use the key: with and without it the same resources, otherwise set. */
const ENCRYPTED = [
  "update artifacts-encryption",
  "update dead-letters",
  "update function",
  "update hook",
  "update hook-logs",
  "update logs",
  "update p1-topic",
  "update p2-topic",
  "update p3-topic",
  "update p4-topic",
];
const ALLOWED = [
  "update execution-permissions",
  "update hook-permissions",
  "update identity-boundary",
  "update identity-operator",
  "update identity-rollback-alias",
];
/** The rights of options, which come with the first one that has any. */
const OPTION_VIEWS = [
  "identity-deploy-options-view",
  "identity-options-view",
  "identity-plan-options-view",
  "identity-preview-options-view",
];
const KEY = [
  "identity-data-key",
  "identity-data-key-alias",
  "identity-deploy-options",
  ...OPTION_VIEWS,
];
/** Options that meet in no resource: each of these names is of one of them alone. */
const OTHERS = {
  traceSampling: [{ front: "ledger-api/live", perSecond: 2, percent: 7.5 }],
  signingProfileVersionArn:
    "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/releases/0a1B2c3D4e",
  sources: [
    { name: "books", kind: "queue" },
    { name: "nightly", kind: "schedule", expression: "rate(1 day)", event: { action: "count" } },
  ],
};

const OTHERS_MAKE = [
  "books-age-alarm",
  "books-dead-letters",
  "books-dead-letters-alarm",
  "books-dead-letters-policy",
  "books-mapping",
  "books-queue",
  "books-queue-policy",
  "handler-signing",
  "hook-signing",
  "identity-code-signing",
  "nightly-dead-letters",
  "nightly-dead-letters-alarm",
  "nightly-dead-letters-policy",
  "nightly-schedule",
  "scheduler-permissions",
  "scheduler-role",
  "schedules",
  "schedules-not-fired-alarm",
  "trace-ledger-api/live",
];
const OTHERS_CHANGE = each("update", [
  "dashboard",
  "execution-permissions",
  "function",
  "hook",
  "identity-boundary",
  "identity-operator",
]);
const OPTION_RIGHTS = ["update identity-deploy-options", "update identity-options-view"];

const API = { api: "rest" };
const API_MAKES = [
  "api",
  "api-all-failing-alarm",
  "api-deployment",
  "api-errors-alarm",
  "api-limit-alarm",
  "api-limits",
  "api-logs",
  "api-permission",
  "api-refusals-alarm",
  "api-slow-alarm",
  "api-stage",
  "identity-deploy-growth",
  "identity-growth",
  "query-callers-that-are-throttled",
  "query-one-request-by-its-id",
  "query-requests-by-route-and-status",
  "query-requests-that-the-gateway-refused-or-failed",
  "query-slowest-requests",
];
const API_CHANGES = [
  // The bundles hold the routes of HTTP only where an API is on.
  ...each("replace", ["handler-source-map", "handler-zip", "hook-source-map", "hook-zip"]),
  ...each("update", [
    "dashboard",
    "down-alarm",
    "failing-alarm",
    "function",
    "hook",
    "identity-operator",
    "slow-alarm",
  ]),
];

describe("options on the real engine", function () {
  this.timeout(300_000);
  useEngine();

  const plan = async (stack: OfflineStack, config: RunOptions["config"] = {}) =>
    touchedInAws((await stack.run("preview", { config })).plan);

  it("encryption comes and goes by its own resources, and so do tracing, signing and sources", async () => {
    await withStack(async (stack) => {
      await stack.run("up");
      expect(await plan(stack, OTHERS)).to.deep.equal(
        all(
          each("create", [...OTHERS_MAKE, "identity-deploy-options", ...OPTION_VIEWS]),
          OTHERS_CHANGE,
        ),
      );
      expect(await plan(stack, { createKey: true })).to.deep.equal(
        all(ENCRYPTED, ALLOWED, each("create", KEY)),
      );
      expect(await plan(stack, API)).to.deep.equal(
        all(each("create", [...API_MAKES, ...OPTION_VIEWS]), API_CHANGES),
      );

      await stack.run("up", { config: { createKey: true, ...OTHERS } });
      expect(await plan(stack, { createKey: true, ...OTHERS })).to.deep.equal([]);
      // The rights of options stay while any of them is on.
      expect(await plan(stack, { createKey: true })).to.deep.equal(
        all(each("delete", OTHERS_MAKE), OTHERS_CHANGE, OPTION_RIGHTS),
      );
      await stack.run("up", { config: { createKey: true } });
      expect(await plan(stack, { createKey: true, keyUse: "decrypt" })).to.deep.equal(ENCRYPTED);
      expect(await plan(stack)).to.deep.equal(all(ENCRYPTED, ALLOWED, each("delete", KEY)));
    });
  });

  it("an API is deployed again by another body and by nothing else, and goes by its own resources", async () => {
    await withStack(async (stack) => {
      await stack.run("up", { config: API });
      expect(await plan(stack, API)).to.deep.equal([]);
      const body = await plan(stack, { ...API, apiAuthorization: "none" });
      expect(body).to.deep.equal([
        "replace api-deployment",
        "update api",
        // It points at the new one before the old one goes.
        "update api-stage",
      ]);
      expect(await plan(stack, { ...API, apiBurstRequests: 95 })).to.deep.equal([
        "update api-limits",
      ]);
      expect(await plan(stack)).to.deep.equal(
        all(each("delete", [...API_MAKES, ...OPTION_VIEWS]), API_CHANGES),
      );
    });
  });

  it("a VPC grows, changes its way out, is left and goes by its own resources", async () => {
    await withStack(async (stack) => {
      const within = { network: "create" };
      await stack.run("up", { config: within });

      const third = await plan(stack, { ...within, availabilityZones: 3 });
      expect(third.filter((line) => !/^create vpc-(?:private|public)-3$/.test(line))).to.deep.equal(
        all(
          each("update", ["com.amazonaws.eu-central-1.dynamodb", "com.amazonaws.eu-central-1.s3"]),
          ["update function"],
        ),
      );

      expect(await plan(stack, { ...within, natGateways: "none" })).to.deep.equal([
        ...each("delete", ["vpc-1", "vpc-1", "vpc-private-1", "vpc-private-2"]),
        // The names of endpoints, which the handler's rights decide about.
        "update identity-network",
      ]);

      const more = {
        ...within,
        flowLogRetentionDays: 30,
        interfaceEndpoints: ["sts"],
        egress: [{ name: "orders database", to: "10.20.0.0/16", port: 5432 }],
      };
      expect(await plan(stack, more)).to.deep.equal(
        all(
          each("create", [
            "endpoints-security-group",
            "flow-logs",
            "flow-logs-group",
            "flow-logs-permissions",
            "flow-logs-role",
            "sts-endpoint",
            ...OPTION_VIEWS,
          ]),
          each("update", ["function-security-group", "identity-boundary", "identity-network"]),
        ),
      );

      // No right of anybody changes, so the pipeline's own role gets the function out.
      expect(await plan(stack, { network: "leave" })).to.deep.equal(["update function"]);

      const gone = await plan(stack);
      expect(gone.filter((line) => line.startsWith("update "))).to.deep.equal(
        each("update", [
          "execution-permissions",
          "function",
          "identity-boundary",
          "identity-service",
          "identity-view",
        ]),
      );
      expect(
        gone.filter(
          (line) =>
            !/^(?:update .*|delete (?:vpc.*|com\.amazonaws\..*|default_.*|function-security-group|identity-(?:deploy-)?network))$/.test(
              line,
            ),
        ),
      ).to.deep.equal([]);
    });
  });
});
