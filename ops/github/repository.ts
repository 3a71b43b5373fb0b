/** What GitHub knows of the repository. */
import { Refused } from "../support/refused.ts";
import { get, type Gh, GhFailure } from "./gh.ts";

/** What the roles' trust and the gates are made of. */
export interface Repository {
  /** `owner/name`, in the case that GitHub's tokens have. */
  readonly fullName: string;
  readonly id: string | undefined;
  /** Set where GitHub's tokens begin with ids; undefined for the classic form. */
  readonly subjectPrefix: string | undefined;
  /** Undefined where GitHub was not asked. */
  readonly defaultBranch: string | undefined;
  /** Whether everybody can read it; what GitHub's free plans protect depends on it. Undefined where GitHub was not asked. */
  readonly isPublic: boolean | undefined;
}

interface RepositoryAnswer {
  readonly id: number;
  readonly full_name: string;
  readonly default_branch: string;
  readonly private: boolean;
}

interface SubjectAnswer {
  readonly use_default?: boolean;
  readonly include_claim_keys?: readonly string[];
  readonly sub_claim_prefix?: string;
}

/** Asks GitHub for the repository and for the form of its tokens' subject. Throws `Refused`. */
export async function readRepository(name: string, run: Gh): Promise<Repository> {
  try {
    const repository = await get<RepositoryAnswer>(run, `repos/${name}`);
    const path = `repos/${repository.full_name}/actions/oidc/customization/sub`;
    return understand(repository, await get<SubjectAnswer>(run, path));
  } catch (error) {
    if (!(error instanceof GhFailure)) throw error;
    throw new Refused(
      `gh cannot read ${name}: ${error.message}`,
      "check the name and: gh auth status",
    );
  }
}

/** What GitHub's two answers mean for the trust. Throws `Refused` for subjects that no exact trust could name. */
export function understand(repository: RepositoryAnswer, subject: SubjectAnswer): Repository {
  const { full_name: fullName, id, default_branch: defaultBranch } = repository;
  const keys = subject.include_claim_keys ?? [];
  const usual = keys.length === 0 || keys.join() === "repo,context";
  if (subject.use_default === false && !usual) {
    throw new Refused(
      `${fullName} has a subject of its own (${keys.join(", ")}), which names no environment as the roles expect`,
      `go back to the default with: gh api --method PUT repos/${fullName}/actions/oidc/customization/sub -F use_default=true`,
    );
  }
  const classic = `repo:${fullName}`;
  const prefix = subject.sub_claim_prefix?.replace(/:$/, "") ?? classic;
  return {
    fullName,
    id: String(id),
    subjectPrefix: prefix === classic ? undefined : prefix,
    defaultBranch,
    isPublic: !repository.private,
  };
}
