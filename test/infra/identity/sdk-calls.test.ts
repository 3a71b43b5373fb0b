/** Every call that the sources make to AWS has someone who may make it. */
import { globSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { type Program, recordProgram, type RoleKey } from "./support/program.ts";
import { actionsOf, actionsOfFile, bundledFiles } from "./support/sdk-calls.ts";
import { commandCalls } from "./tables/command-calls.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** An administrator's commands: no role of the program runs them. */
const ADMINISTRATORS = /^ops\/(bootstrap|identity)[/.]/;

/** Actions by file, for the files that make any. */
async function calls(files: readonly string[]) {
  const found = await Promise.all(
    files.map(async (file) => ({ file, actions: await actionsOfFile(ROOT, file) })),
  );
  return found.flatMap(({ file, actions }) => actions.map((action) => ({ file, action })));
}

/** Whether some statement of the role allows the action, on whatever resource. */
const mayCall = ({ roles }: Program, role: RoleKey, action: string): boolean =>
  roles[role].policies.some(({ policy }) =>
    policy.Statement.some(({ Effect, Action }) => Effect === "Allow" && Action.includes(action)),
  );

/** What to add for a call of the handler that its role may not make. */
function missingRight(file: string, action: string): string {
  const [service = "", verb = ""] = action.split(":");
  return [
    `${file} calls ${action}, and the function's role may not.`,
    "Add to infra/own/rights.ts, in ownRights, with the ARN of what it is called on:",
    `    allow("${verb}", of("${service}", "${verb}"), [ARN]),`,
  ].join("\n");
}

/** What to add for a call of a command that no row has. */
function missingRow(file: string, action: string): string {
  const command = /^[^/]+\/([^/.]+)/.exec(file)?.[1] ?? file;
  return [
    `${file} calls ${action}, and no row says who may.`,
    "Add to test/infra/own/calls.ts, in the list of ownCommandCalls, with the ARN of what it is called on:",
    `    { by: "${command}", roles: ["operator"], action: "${action}", resource: ARN },`,
    'The roles are "operator" for people, "deploy", "plan" and "preview" for pipelines.',
  ].join("\n");
}

const fail = (messages: readonly string[]) => {
  if (messages.length > 0) throw new Error(["", ...new Set(messages)].join("\n\n"));
};

describe("calls to AWS in the sources", () => {
  let program: Program;
  before(async () => {
    program = await recordProgram({ stack: "staging" });
  });

  it("of the commands all have a row that says who may make them", async () => {
    // What a command asks of an option, it asks only where that is on.
    const everything = await recordProgram({ stack: "staging", config: EVERY_OPTION });
    const known = new Set(
      [program, everything].flatMap((one) => commandCalls(one).map(({ action }) => action)),
    );
    const files = globSync("ops/**/*.ts", { cwd: ROOT }).filter(
      (file) => !ADMINISTRATORS.test(file),
    );
    const found = await calls(files);
    expect(found.length).to.be.greaterThan(20);
    fail(
      found
        .filter(({ action }) => !known.has(action))
        .map(({ file, action }) => missingRow(file, action)),
    );
  });

  it("of the handler are all allowed to its role", async () => {
    const found = await calls(await bundledFiles(ROOT, "function/handler.ts"));
    fail(
      found
        .filter(({ action }) => !mayCall(program, "execution", action))
        .map(({ file, action }) => missingRight(file, action)),
    );
  });

  it("of the hook are all allowed to its role", async () => {
    const found = await calls(await bundledFiles(ROOT, "hook/index.ts"));
    expect(found.length).to.be.greaterThan(2);
    fail(
      found
        .filter(({ action }) => !mayCall(program, "hook", action))
        .map(
          ({ file, action }) =>
            `${file} calls ${action}, and the hook's role may not: allow it in infra/identity/runtime-policies.ts, in hookRolePolicy, and add its row to test/infra/identity/tables/command-calls.ts.`,
        ),
    );
  });

  describe("are found", () => {
    for (const [form, source] of [
      ["named", 'import { GetItemCommand } from "@aws-sdk/client-dynamodb";'],
      [
        "in several lines",
        "import {\n  DynamoDBClient,\n  GetItemCommand,\n} from '@aws-sdk/client-dynamodb';",
      ],
      [
        "in a namespace",
        'import * as db from "@aws-sdk/client-dynamodb";\nsend(new db.GetItemCommand({}));',
      ],
      [
        "loaded when needed",
        'const { GetItemCommand } = await import("@aws-sdk/client-dynamodb");',
      ],
      [
        "beside another client's",
        'import { GetItemCommand } from "@aws-sdk/client-dynamodb";\nimport { SQSClient } from "@aws-sdk/client-sqs";',
      ],
    ] as const) {
      it(`where they are ${form}`, async () => {
        expect(await actionsOf(source)).to.deep.equal(["dynamodb:GetItem"]);
      });
    }

    it("by IAM's word for them", async () => {
      const source =
        'import { paginateListObjectsV2, HeadObjectCommand } from "@aws-sdk/client-s3";';
      expect(await actionsOf(source)).to.deep.equal(["s3:ListBucket", "s3:GetObject"]);
    });
  });

  it("that are missing are reported with the file, the table and the line to add", () => {
    expect(missingRight("function/adapters/orders.ts", "dynamodb:GetItem")).to.equal(
      [
        "function/adapters/orders.ts calls dynamodb:GetItem, and the function's role may not.",
        "Add to infra/own/rights.ts, in ownRights, with the ARN of what it is called on:",
        '    allow("GetItem", of("dynamodb", "GetItem"), [ARN]),',
      ].join("\n"),
    );
    expect(missingRow("ops/report.ts", "cloudwatch:GetDashboard")).to.contain(
      '{ by: "report", roles: ["operator"], action: "cloudwatch:GetDashboard", resource: ARN },',
    );
  });
});
