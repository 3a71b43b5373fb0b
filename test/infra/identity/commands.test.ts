/** Every call that a command makes to AWS stands in the table of calls, so that somebody is allowed to make it. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { recordProgram } from "./support/program.ts";
import { commandCalls } from "./tables/command-calls.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** What no role of the program runs: an administrator's command, and what only ever talks to the emulator. */
const OTHERS = /^ops\/(bootstrap|emulator|offline|engine|cloud|runtime-client)[/.]/;

/** IAM's word where it is not the operation's own. */
const ACTIONS: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "s3:DeleteObjects": "s3:DeleteObject",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:HeadObject": "s3:GetObject",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:ListObjectVersions": "s3:ListBucketVersions",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "sqs:SendMessageBatch": "sqs:SendMessage",
};

/** Prefix of a client's actions where it is not the client's own name. */
const SERVICES: Readonly<Record<string, string>> = { "cloudwatch-logs": "logs" };

/** Everybody may ask who they are. */
const FREE = new Set(["sts:GetCallerIdentity"]);

/** The actions behind the commands and paginators that a source imports from the AWS SDK. */
function actionsOf(source: string): string[] {
  const imports = source.matchAll(/import \{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g);
  return [...imports].flatMap(([, names = "", client = ""]) =>
    names
      .split(",")
      .map((name) => name.trim())
      .flatMap((name) => /^(?:(\w+)Command|paginate(\w+))$/.exec(name)?.slice(1) ?? [])
      .filter(Boolean)
      .map((operation) => `${SERVICES[client] ?? client}:${operation}`)
      .map((action) => ACTIONS[action] ?? action),
  );
}

describe("calls of the commands", () => {
  it("are all in the table", async () => {
    const program = await recordProgram({ stack: "staging" });
    const known = new Set(commandCalls(program).map(({ action }) => action));
    const files = globSync(["ops/**/*.ts", "hook/**/*.ts"], { cwd: ROOT }).filter(
      (file) => !OTHERS.test(file),
    );
    const found = files.flatMap((file) =>
      actionsOf(readFileSync(path.join(ROOT, file), "utf8")).map((action) => ({ file, action })),
    );
    expect(found.length).to.be.greaterThan(20);
    const missing = found
      .filter(({ action }) => !known.has(action) && !FREE.has(action))
      .map(({ file, action }) => `${action} (${file})`);
    expect(missing).to.deep.equal([]);
  });
});
