/** Reads a revision as CodeDeploy does, and refuses what CodeDeploy refuses. */
import { createHash } from "node:crypto";
import type { RevisionLocation } from "@aws-sdk/client-codedeploy";
import { CodeDeployError } from "./errors.ts";

/** What one Lambda deployment is to do. */
export interface Move {
  readonly functionName: string;
  readonly alias: string;
  readonly currentVersion: string;
  readonly targetVersion: string;
  readonly beforeAllowTraffic: readonly string[];
  readonly afterAllowTraffic: readonly string[];
}

const refuse = (message: string) => new CodeDeployError("InvalidRevisionException", message);

export function readRevision(revision: RevisionLocation | undefined): Move {
  const { revisionType, appSpecContent } = revision ?? {};
  const { content, sha256 } = appSpecContent ?? {};
  if (revisionType !== "AppSpecContent" || !content) {
    throw refuse("a Lambda deployment takes a revision of type AppSpecContent");
  }
  if (sha256 && createHash("sha256").update(content).digest("hex") !== sha256) {
    throw refuse("the AppSpec's sha256 does not match its content");
  }
  const document = parse(content);
  const functions = (document.Resources ?? []).flatMap((resource) => Object.values(resource));
  const [lambda] = functions;
  if (!lambda || functions.length > 1 || lambda.Type !== "AWS::Lambda::Function") {
    throw refuse("the AppSpec must name exactly one AWS::Lambda::Function");
  }
  const {
    Name = "",
    Alias = "",
    CurrentVersion = "",
    TargetVersion = "",
  } = lambda.Properties ?? {};
  if (!Name || !Alias) throw refuse("the AppSpec lacks Name or Alias");
  for (const version of [CurrentVersion, TargetVersion]) {
    if (!/^\d+$/.test(version))
      throw refuse(`${version || "nothing"} is not the number of a version`);
  }
  if (CurrentVersion === TargetVersion)
    throw refuse("CurrentVersion and TargetVersion are the same");
  const hooks = (event: string): string[] =>
    (document.Hooks ?? []).flatMap((hook) => hook[event] ?? []);
  return {
    functionName: Name,
    alias: Alias,
    currentVersion: CurrentVersion,
    targetVersion: TargetVersion,
    beforeAllowTraffic: hooks("BeforeAllowTraffic"),
    afterAllowTraffic: hooks("AfterAllowTraffic"),
  };
}

interface Document {
  readonly Resources?: readonly Record<
    string,
    { readonly Type?: string; readonly Properties?: Record<string, string> }
  >[];
  readonly Hooks?: readonly Record<string, string>[];
}

function parse(content: string): Document {
  try {
    return JSON.parse(content) as Document;
  } catch {
    throw refuse("the AppSpec is no JSON");
  }
}
