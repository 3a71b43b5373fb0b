/**
 * One repository of GitHub's with its settings, behind the words of `gh`. It keeps state, and it refuses what
 * GitHub refuses, with GitHub's status and message.
 */
import { type Gh, GhFailure } from "../../../ops/github/gh.ts";

/**
 * What the owner pays for decides what a private repository can have (GitHub docs, "Deployments and environments" and
 * "About rulesets"); a public one has everything.
 */
export type Plan = "free" | "team" | "enterprise";

interface StoredReviewer {
  readonly type: "User" | "Team";
  readonly id: number;
}

interface StoredEnvironment {
  waitTimer: number;
  reviewers: readonly StoredReviewer[];
  preventSelfReview: boolean;
  adminsBypass: boolean;
  branchPolicy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  branches: string[];
  readonly variables: Record<string, string>;
}

interface StoredRuleset {
  readonly id: number;
  readonly name: string;
  [key: string]: unknown;
}

type Body = Readonly<Record<string, unknown>>;

const newEnvironment = (): StoredEnvironment => ({
  waitTimer: 0,
  reviewers: [],
  preventSelfReview: false,
  adminsBypass: true,
  branchPolicy: null,
  branches: [],
  variables: {},
});

export class FakeGitHub {
  readonly repository = "Acme/orders";
  readonly environments = new Map<string, StoredEnvironment>();
  readonly variables: Record<string, string> = {};
  readonly rulesets: StoredRuleset[] = [];
  /** Every call that could change something, as method and path or as words. */
  readonly changes: string[] = [];
  subject: object = { use_default: true, sub_claim_prefix: "repo:Acme@11/orders@22" };
  signedIn = true;
  isPrivate = false;
  plan: Plan = "free";
  defaultBranch = "main";
  /** Whether the caller may administer the repository. */
  isAdmin = true;
  /** Ids of those who may read the repository; GitHub takes nobody else as reviewer. */
  readonly members: Record<string, number> = { octocat: 1, hubot: 2, "acme/operators": 50 };
  /** What GitHub finds wrong in `.github/CODEOWNERS`. */
  codeOwnersErrors: object[] = [];

  /** Makes an environment as somebody's hand in the settings, or a run of a workflow that names it, would. */
  environment(name: string, changes: Partial<StoredEnvironment> = {}): StoredEnvironment {
    const made = { ...newEnvironment(), ...this.environments.get(name), ...changes };
    this.environments.set(name, made);
    return made;
  }

  readonly gh: Gh = async (args, input) => {
    if (args[0] === "auth") {
      if (!this.signedIn) throw new GhFailure("You are not logged into any GitHub hosts.");
      return "";
    }
    if (args[0] === "variable") return this.#variable(args);
    const after = (flag: string) => args[args.indexOf(flag) + 1] ?? "";
    const method = args.includes("--method") ? after("--method") : "GET";
    const path = args.includes("--method") ? (args[3] ?? "") : (args[1] ?? "");
    if (method !== "GET") this.changes.push(`${method} ${path}`);
    const answer = this.#api(method, path.replace(/\?.*/, ""), JSON.parse(input || "{}") as Body);
    return JSON.stringify(answer ?? {});
  };

  #variable(args: readonly string[]): string {
    const at = args.indexOf("--env");
    const environment = at === -1 ? undefined : this.environments.get(args[at + 1] ?? "");
    if (at !== -1 && !environment) throw failure(404, "Not Found");
    const variables = environment?.variables ?? this.variables;
    if (args[1] === "set") {
      this.changes.push(args.join(" "));
      variables[args[2] ?? ""] = args[args.indexOf("--body") + 1] ?? "";
      return "";
    }
    return JSON.stringify(Object.entries(variables).map(([name, value]) => ({ name, value })));
  }

  #api(method: string, path: string, body: Body): unknown {
    if (path === "user") return { id: 1, login: "octocat" };
    const member = /^users\/(.+)$|^orgs\/(.+)\/teams\/(.+)$/.exec(path);
    if (member) {
      const id = this.members[member[1] ?? `${member[2]}/${member[3]}`];
      if (id === undefined) throw failure(404, "Not Found");
      return { id };
    }
    const root = new RegExp(`^repos/${this.repository}`, "i").exec(path)?.[0];
    if (root === undefined) throw failure(404, "Not Found");
    const rest = path.slice(root.length + 1);
    if (rest === "") {
      return {
        id: 22,
        full_name: this.repository,
        default_branch: this.defaultBranch,
        private: this.isPrivate,
      };
    }
    // GitHub hides from others what only an administrator may change.
    if (method !== "GET" && !this.isAdmin)
      throw failure(403, "Must have admin rights to Repository.");
    if (rest === "actions/oidc/customization/sub") return this.subject;
    if (rest === "codeowners/errors") return { errors: this.codeOwnersErrors };
    if (rest.startsWith("rulesets")) return this.#rulesets(method, rest.split("/")[1], body);
    const [, name = "", list] = rest.split("/");
    if (!rest.startsWith("environments")) throw failure(404, "Not Found");
    if (name === "")
      return { environments: [...this.environments.keys()].map((name) => ({ name })) };
    return list === undefined
      ? this.#environment(method, decodeURIComponent(name), body)
      : this.#branches(method, decodeURIComponent(name), body);
  }

  #environment(method: string, name: string, body: Body): unknown {
    if (method === "PUT") this.#putEnvironment(name, body);
    const found = this.environments.get(name);
    if (!found) throw failure(404, "Not Found");
    const rules = [
      ...(found.waitTimer > 0 ? [{ type: "wait_timer", wait_timer: found.waitTimer }] : []),
      ...(found.reviewers.length > 0
        ? [
            {
              type: "required_reviewers",
              prevent_self_review: found.preventSelfReview,
              reviewers: found.reviewers.map(({ type, id }) => ({ type, reviewer: { id } })),
            },
          ]
        : []),
      ...(found.branchPolicy ? [{ type: "branch_policy" }] : []),
    ];
    return {
      name,
      protection_rules: rules,
      deployment_branch_policy: found.branchPolicy,
      can_admins_bypass: found.adminsBypass,
    };
  }

  #putEnvironment(name: string, body: Body): void {
    const before = this.environments.get(name);
    // Every rule that is not sent is gone; and the environment is there also after a refusal.
    const made = { ...newEnvironment(), ...(before && { variables: before.variables }) };
    if (!before) this.environments.set(name, made);
    const gated = ["wait_timer", "reviewers", "prevent_self_review"].some((key) => key in body);
    if (gated && this.isPrivate && this.plan !== "enterprise") {
      // Also for empty values: what the field is, not what is in it, needs the plan.
      throw failure(
        422,
        "Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers protection rule.",
      );
    }
    const policy = body["deployment_branch_policy"] as StoredEnvironment["branchPolicy"];
    if (policy && this.isPrivate && this.plan === "free") {
      throw failure(
        422,
        "Fail to create protected rule, please ensure billing plan include protected branch gate.",
      );
    }
    if (policy && policy.protected_branches === policy.custom_branch_policies) {
      throw failure(
        422,
        "protected_branches and custom_branch_policies cannot have the same value",
      );
    }
    const reviewers = (body["reviewers"] ?? []) as readonly StoredReviewer[];
    if (reviewers.length > 6) throw failure(422, "reviewers is too long (maximum is 6)");
    const known = new Set(Object.values(this.members));
    if (reviewers.some(({ id }) => !known.has(id))) {
      throw failure(422, "Reviewers must have at least read access to the repository");
    }
    if (body["prevent_self_review"] === true && reviewers.length === 0) {
      throw failure(422, "prevent_self_review needs reviewers");
    }
    this.environments.set(name, {
      ...made,
      waitTimer: Number(body["wait_timer"] ?? 0),
      reviewers,
      preventSelfReview: body["prevent_self_review"] === true,
      adminsBypass: body["can_admins_bypass"] !== false,
      branchPolicy: policy ?? null,
      branches: policy?.custom_branch_policies === true ? (before?.branches ?? []) : [],
    });
  }

  #branches(method: string, name: string, body: Body): unknown {
    const found = this.environments.get(name);
    if (!found?.branchPolicy?.custom_branch_policies) throw failure(404, "Not Found");
    const branch = String(body["name"]);
    if (method === "POST") {
      if (found.branches.includes(branch)) throw failure(303, "See Other");
      found.branches.push(branch);
    }
    return { branch_policies: found.branches.map((name, id) => ({ id, name, type: "branch" })) };
  }

  #rulesets(method: string, id: string | undefined, body: Body): unknown {
    if (this.isPrivate && this.plan === "free") {
      throw failure(
        403,
        "Upgrade to GitHub Pro or make this repository public to enable this feature.",
      );
    }
    if (method === "POST") {
      if (this.rulesets.some(({ name }) => name === body["name"])) {
        throw failure(422, "Name must be unique");
      }
      this.rulesets.push({ ...body, id: this.rulesets.length + 1, name: String(body["name"]) });
      return {};
    }
    // The list has neither rules nor conditions in it.
    if (id === undefined) {
      return this.rulesets.map(({ id, name, target, enforcement }) => ({
        id,
        name,
        target,
        enforcement,
      }));
    }
    const at = this.rulesets.findIndex((one) => one.id === Number(id));
    const found = this.rulesets[at];
    if (!found) throw failure(404, "Not Found");
    if (method === "PUT") this.rulesets[at] = { ...found, ...body };
    const answer = { ...this.rulesets[at] };
    if (!this.isAdmin) delete answer["bypass_actors"];
    return answer;
  }
}

/** As `gh` ends when GitHub refuses. */
const failure = (status: number, message: string): GhFailure =>
  new GhFailure(`gh: ${message} (HTTP ${status})`);
