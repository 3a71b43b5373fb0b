/** Pulumi's and GitHub's CLI, stood in for: what they keep is in these objects. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CreateOpenIDConnectProviderCommand, type IAMClient } from "@aws-sdk/client-iam";
import { parse, stringify } from "yaml";
import type { Pulumi } from "../../../ops/bootstrap/engine.ts";
import { type Gh, GhFailure } from "../../../ops/bootstrap/github.ts";
import { readStackConfig } from "../../../ops/support/stack-config.ts";
import { TEST_PROJECT } from "../../support/settings.ts";

/** One repository, as GitHub keeps it. */
export class FakeGitHub {
  readonly environments: Record<string, Record<string, string>> = {};
  readonly variables: Record<string, string> = {};
  /** Every call, in order. */
  readonly calls: string[] = [];
  subject: object = { use_default: true, sub_claim_prefix: "repo:Acme@11/orders@22" };
  signedIn = true;

  readonly gh: Gh = async (...args) => {
    this.calls.push(args.join(" "));
    const after = (flag: string) =>
      args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
    const address = args.find((arg) => arg.startsWith("repos/")) ?? "";
    if (args[0] === "auth") {
      if (!this.signedIn) throw new GhFailure("You are not logged into any GitHub hosts.");
      return "";
    }
    if (address.endsWith("/oidc/customization/sub")) return JSON.stringify(this.subject);
    if (address.endsWith("/environments")) {
      const environments = Object.keys(this.environments).map((name) => ({ name }));
      return JSON.stringify({ environments });
    }
    if (address.includes("/environments/")) {
      const environment = address.split("/").at(-1) ?? "";
      if (after("--method") === "PUT") this.environments[environment] ??= {};
      if (this.environments[environment]) return JSON.stringify({ protection_rules: [] });
      throw new GhFailure("gh: Not Found (HTTP 404)");
    }
    if (args[0] === "api") {
      return JSON.stringify({ id: 22, full_name: "Acme/orders", default_branch: "main" });
    }
    const environment = after("--env");
    const variables = environment === undefined ? this.variables : this.environments[environment];
    if (!variables) throw new GhFailure("gh: Not Found (HTTP 404)");
    if (args[1] === "set") {
      variables[args[2] ?? ""] = after("--body") ?? "";
      return "";
    }
    return JSON.stringify(Object.entries(variables).map(([name, value]) => ({ name, value })));
  };
}

/** As the CLI does when it makes a stack: comments go, keys get their namespace, the key is noted. */
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
