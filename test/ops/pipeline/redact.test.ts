/** A plan on a redacted copy of the state, with the real engine: the copy opens without the key, and shows no secret. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { expect } from "chai";
import { execa } from "execa";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { attachable } from "local-aws/provider/operation.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { redactedStackFile, saltOf } from "../../../ops/pipeline/stack-file.ts";
import {
  redactedState,
  SECRET_PLACEHOLDER,
  type StateExport,
} from "../../../ops/pipeline/state.ts";

const SECRET = "what only the key opens";

describe("a redacted copy of the state", () => {
  let provider: Awaited<ReturnType<typeof attachable>>;
  before(async () => {
    provider = await attachable();
  });
  after(() => {
    provider.close();
  });

  it("has no secret, opens without the key, and plans no change", async () => {
    const engine = await resolveEngine();
    await inWorkspace(process.cwd(), async ({ scratch, state, env }) => {
      const work = path.join(scratch, "work");
      mkdirSync(work);
      writeFileSync(path.join(work, "Pulumi.yaml"), "name: redacted\nruntime: nodejs\n");
      const program = async () => {
        const password = new pulumi.Config("redacted").require("password");
        const queue = new aws.sqs.Queue("q", {
          name: "q",
          // A value of its own: of a secret inside an object, the provider may seal the whole object.
          policy: pulumi.secret(password),
        });
        return { password: pulumi.secret(password), name: queue.name };
      };
      const open = async (envVars: Record<string, string>): Promise<Stack> => {
        const stack = await LocalWorkspace.createOrSelectStack(
          { stackName: "production", projectName: "redacted", program },
          {
            workDir: work,
            pulumiCommand: engine.command,
            envVars: { ...env, ...provider.env, ...envVars },
          },
        );
        // Nobody asks for them here, and each is a process.
        return Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
      };

      const original = await open({ PULUMI_CONFIG_PASSPHRASE: "the key" });
      await original.setAllConfig({
        "aws:region": { value: "us-east-1" },
        "redacted:password": { value: SECRET, secret: true },
      });
      await original.up();
      const { stdout: text } = await execa(
        engine.command.command,
        ["stack", "export", "--stack", "production", "--non-interactive"],
        // As a pull request does: the key is somebody else's.
        { cwd: work, env: { ...env, PULUMI_CONFIG_PASSPHRASE: "not the key" } },
      );
      const exported = JSON.parse(text) as StateExport;
      const sealed = readFileSync(path.join(work, "Pulumi.production.yaml"), "utf8");
      expect(JSON.stringify(exported)).to.include("ciphertext");

      const stackFile = path.join(work, "Pulumi.production.yaml");
      writeFileSync(stackFile, redactedStackFile(sealed));
      const away = {
        PULUMI_BACKEND_URL: `file://${path.join(scratch)}`,
        PULUMI_CONFIG_PASSPHRASE: "",
      };
      const pulumiCli = (...args: string[]) =>
        execa(engine.command.command, [...args, "--non-interactive"], {
          cwd: work,
          env: { ...env, ...away },
        });
      await pulumiCli("stack", "init", "production");
      const copy = redactedState(exported, saltOf(readFileSync(stackFile, "utf8")) ?? "");
      expect(JSON.stringify(copy)).not.to.include("ciphertext");
      const file = path.join(scratch, "copy.json");
      writeFileSync(file, JSON.stringify(copy));
      await pulumiCli("stack", "import", "--stack", "production", "--file", file);
      const redacted = await open(away);
      const { changeSummary, stdout } = await redacted.preview({ diff: true });
      expect(changeSummary).to.deep.equal({ same: 2 });
      expect(stdout).not.to.include(SECRET);
      expect(state).not.to.equal(scratch);
    });
  });

  it("leaves everything else of the stack's file as it is written", () => {
    const file = [
      "secretsprovider: awskms:///alias/a",
      "encryptedkey: ZDAy",
      "# Ours.",
      "config:",
      "  logLevel: debug # kept",
      "  token:",
      "    secure: AAAA",
      "  nested:",
      "    inner:",
      "      secure: BBBB",
      "",
    ].join("\n");
    expect(redactedStackFile(file)).to.equal(
      [
        "# Ours.",
        "config:",
        "  logLevel: debug # kept",
        `  token: "${SECRET_PLACEHOLDER}"`,
        "  nested:",
        `    inner: "${SECRET_PLACEHOLDER}"`,
        "",
      ].join("\n"),
    );
  });

  it("is written by the command of the workflow", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "redact-"));
    try {
      writeFileSync(path.join(folder, "Pulumi.qa.yaml"), "encryptionsalt: v1\nconfig: {}\n");
      writeFileSync(path.join(folder, "in.json"), '{"version":3,"deployment":{"resources":[]}}');
      const script = path.resolve("ops/pipeline/redact.ts");
      const args = ["--stack", "qa", "--state", "in.json", "--output", "out.json"];
      await execa(process.execPath, [script, ...args], { cwd: folder });
      await execa(process.execPath, [script, "--stack", "qa"], { cwd: folder });
      expect(readFileSync(path.join(folder, "Pulumi.qa.yaml"), "utf8")).to.equal("config: {}\n");
      expect(JSON.parse(readFileSync(path.join(folder, "out.json"), "utf8"))).to.have.property(
        "version",
        3,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
