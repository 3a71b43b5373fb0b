/** Turns the names of people and teams into the ids that GitHub's rules take. */
import { Refused } from "../support/refused.ts";
import type { Reviewer } from "./environment.ts";
import { find, get, type Gh } from "./gh.ts";

/** Whoever may approve deployments: how people call them, and how GitHub does. */
export interface NamedReviewer extends Reviewer {
  /** `octocat`, or `acme/operators` for a team. */
  readonly name: string;
}

/** GitHub takes no more reviewers for one environment. */
const MAXIMUM_REVIEWERS = 6;

/** The people and teams of these names; without any, the person who is signed in. Throws `Refused`. */
export async function resolveReviewers(
  names: readonly string[],
  run: Gh,
): Promise<readonly NamedReviewer[]> {
  if (names.length > MAXIMUM_REVIEWERS) {
    throw new Refused(
      `--reviewer: ${names.length} are named, and GitHub takes ${MAXIMUM_REVIEWERS}`,
      "name a team",
    );
  }
  if (names.length === 0) {
    const { id, login } = await get<{ id: number; login: string }>(run, "user");
    return [{ type: "User", id, name: login }];
  }
  return Promise.all(names.map((name) => resolve(name, run)));
}

async function resolve(name: string, run: Gh): Promise<NamedReviewer> {
  const [organization, team] = name.split("/");
  const type = team === undefined ? "User" : "Team";
  const path = team === undefined ? `users/${name}` : `orgs/${organization}/teams/${team}`;
  const found = await find<{ id: number }>(run, path);
  if (found) return { type, id: found.id, name };
  throw new Refused(
    `--reviewer ${name}: GitHub knows no such ${type === "User" ? "person" : "team"}, or does not show it to you`,
    "name a person as octocat, a team as organisation/team",
  );
}
