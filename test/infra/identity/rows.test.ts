/** What the proof of the roles expects is whole: every resource type and every command has its rows. */
import { expect } from "chai";
import { expectNone } from "./support/expect-none.ts";
import {
  judgeableCommandCalls,
  type ProviderCalls,
  providerCalls,
} from "./support/expected-calls.ts";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { type Program, recordProgram } from "./support/program.ts";
import { PHASES } from "./support/rows.ts";
import { missingRows, RECORDED_CALLS, skeleton } from "./support/skeleton.ts";

describe("the rows of the proof", function () {
  this.timeout(60_000);
  const programs: Program[] = [];
  const provider: ProviderCalls[] = [];
  before(async () => {
    for (const options of [
      { stack: "staging" },
      {
        stack: "production",
        config: { network: "create", ...EVERY_OPTION },
      },
    ]) {
      const program = await recordProgram(options);
      programs.push(program);
      provider.push(await providerCalls(program));
    }
  });

  it("hold every resource type of the program", async () => {
    const unknown = provider.flatMap((calls) => calls.unknown);
    if (unknown.length > 0) throw new Error(await missingRows(unknown));
  });

  it("name actions that IAM knows, on resources that they take", async () => {
    const commands = await Promise.all(programs.map(judgeableCommandCalls));
    const faults = [...provider, ...commands].flatMap((calls) => calls.faults);
    expectNone([...new Set(faults)], "These rows cannot be judged:");
  });

  it("leave out no recorded call of the provider", () => {
    const faults: string[] = [];
    for (const { calls } of provider) {
      for (const [type, recorded] of Object.entries(RECORDED_CALLS)) {
        // A team leaves out what its own resources do not need.
        const ours = calls.filter((call) => call.type === type && !call.own);
        if (ours.length === 0) continue;
        for (const phase of PHASES) {
          for (const action of recorded[phase]?.split(" ") ?? []) {
            // Every change reads back what it made; a read is a read in any phase.
            if (!ours.some((call) => call.action === action))
              faults.push(`${type} ${phase}: ${action}`);
          }
        }
      }
    }
    expectNone([...new Set(faults)], "The provider makes calls that no row has:");
  });

  describe("that are missing", () => {
    it("are printed with their recorded calls on IAM's own ARNs, ready to paste", async () => {
      const row = await skeleton({
        type: "aws:dynamodb/table:Table",
        name: "orders",
        inputs: { name: "ledger-orders-staging", hashKey: "id" },
      });
      expect(row).to.contain('"aws:dynamodb/table:Table": (inputs, program) => [');
      expect(row).to.contain('...on(arn(program, "dynamodb", `table/${text(inputs, "name")}`), {');
      expect(row).to.match(/create: "[^"]*dynamodb:CreateTable/);
      expect(row).to.match(/delete: "[^"]*dynamodb:DeleteTable/);
    });

    it("are suggested by the type's name where nothing is recorded", async () => {
      for (const [type, actions] of [
        ["aws:kinesis/stream:Stream", ["kinesis:CreateStream", "kinesis:DeleteStream"]],
        [
          "aws:sfn/stateMachine:StateMachine",
          ["states:CreateStateMachine", "states:UpdateStateMachine"],
        ],
        ["aws:ecr/repository:Repository", ["ecr:CreateRepository", "ecr:DescribeRepositories"]],
        ["aws:efs/fileSystem:FileSystem", ["elasticfilesystem:CreateFileSystem"]],
      ] as const) {
        const row = await skeleton({ type, name: "one", inputs: { name: "one", roleArn: "arn" } });
        for (const action of actions) expect(row, type).to.contain(action);
        expect(row, type).to.contain("passRole");
      }
    });

    it("say so where IAM knows nothing of the kind", async () => {
      const row = await skeleton({ type: "aws:nowhere/thing:Thing", name: "one", inputs: {} });
      expect(row).to.contain("has no action that looks like aws:nowhere/thing:Thing");
    });

    it("come with where they go and what to decide", async () => {
      const message = await missingRows([
        { type: "aws:sfn/stateMachine:StateMachine", name: "orders", inputs: { name: "orders" } },
      ]);
      expect(message).to.contain('knows no calls of aws:sfn/stateMachine:StateMachine ("orders")');
      expect(message).to.contain("test/infra/own/calls.ts");
      expect(message).to.contain("Decide about each:");
    });
  });
});
