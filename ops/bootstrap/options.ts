/** The options of `npm run bootstrap`. */
import { InvalidArgumentError } from "commander";
import {
  GITHUB_REPOSITORY,
  GITHUB_REVIEWER,
  GITHUB_SUBJECT_PREFIX,
} from "../../infra/settings/forms.ts";
import { command, type ConfirmedOptions, withConfirmation } from "../support/command.ts";

export interface BootstrapOptions extends ConfirmedOptions {
  /** `owner/name`. */
  readonly repository?: string;
  /** `classic`, or what the subject of GitHub's tokens begins with. */
  readonly subject?: string;
  /** `s3`: a bucket and a key that are made here; `cloud`: Pulumi Cloud, which the CLI is signed in to. */
  readonly backend: "s3" | "cloud";
  readonly region?: string;
  /** People (`octocat`) and teams (`acme/operators`) who approve deployments of production and review what gives rights. */
  readonly reviewer?: readonly string[];
  /** Approvals that a pull request needs: 0 to 6. Default 1. */
  readonly approvals?: number;
  /** Go on where production cannot be protected. */
  readonly unprotected?: true;
  readonly dryRun?: true;
}

/** Where nothing else is asked for, somebody else reads each change. */
export const DEFAULT_APPROVALS = 1;
const MAXIMUM_APPROVALS = 6;

export const bootstrapCommand = () =>
  withConfirmation(
    command(
      "bootstrap",
      "The one step of an administrator: connects the repository, the account and the stack, so that GitHub Actions can deploy without keys. Run it again at any time; it makes what is missing.",
      "npm run bootstrap -- --stack staging --repository acme/orders",
    ),
  )
    .option("-r, --repository <owner/name>", "the GitHub repository that may deploy", repository)
    .option(
      "--subject <form>",
      "the form of GitHub's token subject where gh cannot tell: classic, or a prefix such as repo:acme@1/orders@2",
      subject,
    )
    .option(
      "--backend <backend>",
      "where Pulumi keeps the state: s3 (a bucket and a key, made here) or cloud (Pulumi Cloud)",
      backend,
      "s3",
    )
    .option("--region <region>", "AWS region; default is the stack's")
    .option(
      "--reviewer <name>",
      "who approves deployments of production: a person (octocat) or a team (acme/operators); may be repeated, default is who is there already, else you",
      reviewer,
    )
    .option(
      "--approvals <number>",
      "approvals that a pull request needs, 0 to 6; 0 where you work alone",
      approvals,
      DEFAULT_APPROVALS,
    )
    .option(
      "--unprotected",
      "go on although GitHub cannot protect production on this plan; it is then deployed by hand only",
    )
    .option("--dry-run", "change nothing, and list what would be made");

function backend(text: string): BootstrapOptions["backend"] {
  if (text === "s3" || text === "cloud") return text;
  throw new InvalidArgumentError(
    "must be s3 or cloud; the roles of CI are made for the bucket of s3 and could read no other",
  );
}

function repository(text: string): string {
  if (!GITHUB_REPOSITORY.test(text)) {
    throw new InvalidArgumentError("must be owner/name");
  }
  return text;
}

function subject(text: string): string {
  if (text !== "classic" && !GITHUB_SUBJECT_PREFIX.test(text)) {
    throw new InvalidArgumentError("must be classic, or a prefix such as repo:acme@1/orders@2");
  }
  return text;
}

function reviewer(text: string, before: readonly string[] = []): readonly string[] {
  if (!GITHUB_REVIEWER.test(text)) {
    throw new InvalidArgumentError(
      "must be a person such as octocat, or a team such as acme/operators",
    );
  }
  return [...before, text];
}

function approvals(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > MAXIMUM_APPROVALS) {
    throw new InvalidArgumentError(`must be a whole number from 0 to ${MAXIMUM_APPROVALS}`);
  }
  return number;
}
