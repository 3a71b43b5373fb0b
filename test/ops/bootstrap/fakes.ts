/** Pulumi's CLI, stood in for: what it keeps is in this object. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CreateOpenIDConnectProviderCommand, type IAMClient } from "@aws-sdk/client-iam";
import { parse, stringify } from "yaml";
import type { Pulumi } from "../../../ops/bootstrap/engine.ts";
import { readStackConfig } from "../../../ops/support/stack-config.ts";
import { TEST_PROJECT } from "../../support/settings.ts";

/** As the CLI does when it makes a stack: comments go, keys get their namespace, the key is written down. */
async function rewriteAsPulumi(root: string, stack: string): Promise<void> {
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  const { config } = parse(await readFile(file, "utf8")) as { config: Record<string, unknown> };
  const spelledOut = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.includes(":") ? key : `${TEST_PROJECT}:${key}`,
      value,
    ]),
  );
  const noted = { secretsprovider: "awskms:///alias/a", encryptedkey: "ZDAy" };
  await writeFile(file, stringify({ config: spelledOut, ...noted }));
}

/** Keeps stacks by backend; `up` makes what the next bootstrap looks at, the account's OIDC provider. */
export class FakePulumi {
  readonly calls: string[] = [];
  readonly stacks = new Set<string>();
  fails = false;
  readonly #providers = new Set<string>();

  open(root: string, backendUrl: string | undefined, iam: IAMClient): Pulumi {
    const key = (stack: string) => `${stack} in ${backendUrl ?? "cloud"}`;
    const run = async (...args: readonly string[]) => {
      this.calls.push(`${args.join(" ")} [${backendUrl ?? "cloud"}]`);
      const [first, second, stack = ""] = args;
      if (first === "stack" && second === "select") {
        return { failed: !this.stacks.has(key(stack)), stderr: "error: no stack named" };
      }
      if (first === "stack") {
        this.stacks.add(key(stack));
        await rewriteAsPulumi(root, stack);
      }
      if (first === "up") {
        if (this.fails) return { failed: true, stderr: "error: something went wrong" };
        await this.#up(root, args[2] ?? "", iam);
      }
      return { failed: false, stderr: "" };
    };
    return { call: run, show: run };
  }

  async #up(root: string, stack: string, iam: IAMClient): Promise<void> {
    const { values } = readStackConfig(root, stack);
    if (values[`${TEST_PROJECT}:oidcProviderArn`] || this.#providers.has(stack)) return;
    this.#providers.add(stack);
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: "https://token.actions.githubusercontent.com",
        ClientIDList: ["sts.amazonaws.com"],
        Tags: [
          { Key: "service", Value: "ledger" },
          { Key: "environment", Value: stack },
        ],
      }),
    );
  }
}
