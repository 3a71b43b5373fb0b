import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { checkConcurrency } from "../../../ops/doctor/concurrency.ts";
import { type ConcurrencyFacts, judgeConcurrency } from "../../../ops/doctor/concurrency-state.ts";
import { testSettings } from "../../support/settings.ts";

const SCALED = { provisionedConcurrency: 3, provisionedConcurrencyMaximum: 9 };

function facts(
  settings: Parameters<typeof testSettings>[0],
  more: Partial<ConcurrencyFacts> = {},
): ConcurrencyFacts {
  return {
    stack: "staging",
    settings: testSettings(settings),
    account: { quota: 1000, unreserved: 1000 },
    reserved: 0,
    hasScalingRole: true,
    ...more,
  };
}

const warm = (requested: number, status = "READY", reason?: string) => ({
  provisioned: { status, reason, requested, allocated: requested },
});

describe("the doctor's look at concurrency", () => {
  const well: readonly (readonly [string, ConcurrencyFacts])[] = [
    ["a reservation that the account can give", facts({ reservedConcurrency: 900 })],
    [
      "a reservation that the function has already",
      facts(
        { reservedConcurrency: 900 },
        { reserved: 900, account: { quota: 1000, unreserved: 100 } },
      ),
    ],
    ["as many warm as asked for", facts({ provisionedConcurrency: 3 }, warm(3))],
    ["more warm, because auto scaling says so", facts(SCALED, warm(7))],
    [
      "fewer warm, in a schedule's range",
      facts(
        {
          ...SCALED,
          provisionedConcurrencySchedules: [
            { name: "night", cron: "0 1 ? * 2 *", timeZone: "UTC", minimum: 1, maximum: 2 },
          ],
        },
        warm(1),
      ),
    ],
    ["what Lambda is still warming up", facts(SCALED, warm(3, "IN_PROGRESS"))],
  ];
  for (const [what, given] of well) {
    it(`is content with ${what}`, () => {
      expect(judgeConcurrency(given)).to.deep.equal([]);
    });
  }

  const ill: readonly (readonly [string, ConcurrencyFacts, RegExp, RegExp])[] = [
    [
      "a reservation in a new account",
      facts({ reservedConcurrency: 1 }, { account: { quota: 10, unreserved: 10 } }),
      /reservedConcurrency is 1, and the account can give 0/,
      /L-B99A9384/,
    ],
    [
      "one more than the account can give",
      facts({ reservedConcurrency: 901 }),
      /can give 900/,
      /lower reservedConcurrency/,
    ],
    [
      "more warm than the account can give",
      facts(
        { provisionedConcurrency: 60 },
        {
          account: { quota: 150, unreserved: 150 },
          provisioned: { status: "IN_PROGRESS", reason: undefined, requested: 60, allocated: 2 },
        },
      ),
      /provisionedConcurrency is 60, and the account can give 52/,
      /lower provisionedConcurrency/,
    ],
    [
      "scaling without the role that AWS scales by",
      facts(SCALED, { hasScalingRole: false, ...warm(3) }),
      /no role AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency/,
      /create-service-linked-role --aws-service-name lambda\.application-autoscaling/,
    ],
    [
      "a version that cannot be warmed up",
      facts(SCALED, warm(3, "FAILED", "FUNCTION_ERROR_INIT_FAILURE")),
      /could not keep 3 environments warm.*FUNCTION_ERROR_INIT_FAILURE/,
      /npm run rollback/,
    ],
    ["nothing that is warm", facts(SCALED), /nothing is kept warm/, /deploy/],
    ["fewer warm than the range says", facts(SCALED, warm(1)), /1 environments/, /activities/],
    [
      "a function that is switched off",
      facts({ reservedConcurrency: "stopped" }),
      /throttles every call/,
      /Pulumi\.staging\.yaml/,
    ],
  ];
  for (const [what, given, problem, remedy] of ill) {
    it(`finds ${what}, and says what to do`, () => {
      const [finding, ...rest] = judgeConcurrency(given);
      expect(rest).to.deep.equal([]);
      expect(finding?.problem).to.match(problem);
      expect(finding?.remedy).to.match(remedy);
    });
  }

  describe("in an account", () => {
    const account = useEmulator();

    it("asks nothing where the config says nothing of it", async () => {
      const nobody = { endpoint: "http://127.0.0.1:1", region: "eu-central-1" };
      expect(
        await checkConcurrency(
          "staging",
          testSettings(),
          new LambdaClient(nobody),
          new IAMClient(nobody),
        ),
      ).to.deep.equal([]);
    });

    it("takes what is not there for what it is", async () => {
      const { client } = account();
      const iam = new IAMClient(client);
      const check = () =>
        checkConcurrency("staging", testSettings(SCALED), new LambdaClient(client), iam);
      const problems = (await check()).map(({ problem }) => problem).join("\n");
      expect(problems).to.contain("no role AWSService").and.contain("nothing is kept warm");
      await iam.send(
        new CreateRoleCommand({
          RoleName: "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
          AssumeRolePolicyDocument: "{}",
        }),
      );
      expect((await check()).map(({ problem }) => problem).join("\n")).not.to.contain("no role");
    });
  });
});
