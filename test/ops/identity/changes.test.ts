import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  changeLine,
  changes,
  identityChanges,
  isIdentity,
  needsAdministrator,
} from "../../../ops/identity/changes.ts";
import { readIdentityChanges, refusalOf } from "../../../ops/identity/check.ts";
import { render } from "../../../ops/support/refused.ts";
import { failure } from "../../support/failure.ts";

const urn = (types: string, name: string) => `urn:pulumi:production::ledger-api::${types}::${name}`;

const IDENTITY = "lambda-service:infra:Identity";
const FUNCTION = "lambda-service:infra:Function";
const boundary = urn(`${IDENTITY}$aws:iam/policy:Policy`, "identity-boundary");
const executionRole = urn(`${FUNCTION}$aws:iam/role:Role`, "execution-role");
const lambda = urn(`${FUNCTION}$aws:lambda/function:Function`, "function");

describe("what only an administrator changes", () => {
  for (const [what, one, expected] of [
    ["a policy of the identity", boundary, true],
    [
      "GitHub's provider",
      urn(`${IDENTITY}$aws:iam/openIdConnectProvider:OpenIdConnectProvider`, "identity-provider"),
      true,
    ],
    [
      "the state access of a plan",
      urn(`${IDENTITY}$aws:iam/rolePolicy:RolePolicy`, "identity-plan-state"),
      true,
    ],
    ["a runtime role", executionRole, true],
    ["a role of a team's own", urn("aws:iam/role:Role", "orders-role"), true],
    ["the dead-letter queue", urn(`${FUNCTION}$aws:sqs/queue:Queue`, "dead-letters"), true],
    [
      "the dead-letter queue of another function",
      urn(`${FUNCTION}$aws:sqs/queue:Queue`, "reports-dead-letters"),
      true,
    ],
    [
      "the policy of that queue",
      urn(`${FUNCTION}$aws:sqs/queuePolicy:QueuePolicy`, "reports-dead-letters-policy"),
      true,
    ],
    ["its policy", urn(`${FUNCTION}$aws:sqs/queuePolicy:QueuePolicy`, "dead-letters-policy"), true],
    [
      "what a runtime role may do",
      urn(`${FUNCTION}$aws:iam/rolePolicy:RolePolicy`, "execution-permissions"),
      false,
    ],
    ["the function", lambda, false],
    ["a queue of a team's own", urn("aws:sqs/queue:Queue", "orders"), false],
    [
      "a resource whose name looks like one",
      urn("aws:s3/bucket:Bucket", "aws:iam/role:Role"),
      false,
    ],
  ] as const) {
    it(`${expected ? "is" : "is not"} ${what}`, () => {
      expect(isIdentity(one)).to.equal(expected);
    });
  }
});

describe("the service's table", () => {
  const table = urn("lambda-service:infra:Database$aws:dynamodb/table:Table", "table");

  it("is a pipeline's to make and to change, and an administrator's to end", () => {
    for (const op of ["create", "update"]) {
      expect(needsAdministrator({ op, urn: table }), op).to.equal(false);
    }
    for (const op of ["delete", "replace", "delete-replaced", "create-replacement"]) {
      expect(needsAdministrator({ op, urn: table }), op).to.equal(true);
    }
  });

  it("is told apart from a team's own tables, whose rights the team decides about", () => {
    const own = urn("aws:dynamodb/table:Table", "orders");
    expect(needsAdministrator({ op: "delete", urn: own })).to.equal(false);
  });
});

describe("the identity changes of a plan", () => {
  it("are read off the file of preview --save-plan", () => {
    const plan = {
      resourcePlans: {
        [boundary]: { steps: ["update"] },
        [executionRole]: { steps: ["same"] },
        [lambda]: { steps: ["update"] },
      },
    };
    expect(identityChanges(plan)).to.deep.equal([{ op: "update", urn: boundary }]);
    expect(changes(plan)).to.have.length(2);
  });

  it("are read off preview --json", () => {
    const plan = {
      steps: [
        { op: "same", urn: boundary },
        { op: "delete", urn: executionRole },
        { op: "create", urn: lambda },
      ],
    };
    expect(identityChanges(plan)).to.deep.equal([{ op: "delete", urn: executionRole }]);
  });

  it("say a replacement once", () => {
    const steps = ["create-replacement", "replace", "delete-replaced"];
    const [change] = identityChanges({ resourcePlans: { [boundary]: { steps } } });
    expect(change && changeLine(change)).to.equal(
      "replace aws:iam/policy:Policy identity-boundary",
    );
  });

  it("are none where a preview counts nothing but the same", () => {
    expect(identityChanges({ changeSummary: { same: 40 } })).to.deep.equal([]);
  });
});

describe("a pipeline's check of a plan", () => {
  const inFile = async (text: string): Promise<unknown> => {
    const folder = await mkdtemp(join(tmpdir(), "plan-"));
    try {
      const file = join(folder, "plan.json");
      await writeFile(file, text);
      return await readIdentityChanges(file);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it("reads the plan's file", async () => {
    const text = JSON.stringify({ resourcePlans: { [boundary]: { steps: ["update"] } } });
    expect(await inFile(text)).to.deep.equal([{ op: "update", urn: boundary }]);
  });

  it("stops with the command that applies it", () => {
    const refused = refusalOf("production", [{ op: "update", urn: boundary }]);
    expect(render(refused)).to.equal(
      "the plan of production holds 1 change that an administrator makes; run npm run identity -- --stack production, then start this deployment again",
    );
    expect(refused.reason).to.equal("identity-changes");
  });

  for (const [what, text] of [
    ["an empty file", ""],
    ["text", "Previewing update"],
    ["other JSON", '{"a":1}'],
    ["a list", "[]"],
    ["null", "null"],
  ] as const) {
    it(`refuses ${what}, for silence would let the plan pass`, async () => {
      expect(await failure(inFile(text))).to.match(/is no plan of Pulumi; make one with/);
    });
  }

  it("refuses a file that is not there", async () => {
    expect(await failure(readIdentityChanges("/nowhere/plan.json"))).to.match(
      /--check: \/nowhere\/plan.json cannot be read \(ENOENT\); name the plan's file/,
    );
  });
});
