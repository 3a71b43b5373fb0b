/**
 * The AppSpec: what a CodeDeploy deployment says about the function it moves.
 * Written by the release command, read by it and by the hook. Pure.
 */

/** One move of an alias from one version to another. */
export interface AppSpec {
  readonly functionName: string;
  readonly aliasName: string;
  readonly currentVersion: string;
  readonly targetVersion: string;
  /** Function that is called before any traffic moves. */
  readonly beforeAllowTraffic?: string | undefined;
}

/** The AppSpec as CodeDeploy takes it: JSON text. */
export const writeAppSpec = (spec: AppSpec): string =>
  JSON.stringify({
    version: "0.0",
    Resources: [
      {
        [spec.functionName]: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: spec.functionName,
            Alias: spec.aliasName,
            CurrentVersion: spec.currentVersion,
            TargetVersion: spec.targetVersion,
          },
        },
      },
    ],
    ...(spec.beforeAllowTraffic && { Hooks: [{ BeforeAllowTraffic: spec.beforeAllowTraffic }] }),
  });

/** What a deployment's revision says; `undefined` when it is no AppSpec of one Lambda function in JSON. */
export function readAppSpec(content: string | undefined): AppSpec | undefined {
  try {
    const document = JSON.parse(content ?? "") as AppSpecDocument;
    const [resource] = document.Resources;
    const properties = Object.values(resource ?? {})[0]?.Properties;
    if (!properties) return undefined;
    const { Name, Alias, CurrentVersion, TargetVersion } = properties;
    if (!Name || !Alias || !CurrentVersion || !TargetVersion) return undefined;
    const hook = document.Hooks?.find(({ BeforeAllowTraffic }) => BeforeAllowTraffic);
    return {
      functionName: Name,
      aliasName: Alias,
      currentVersion: CurrentVersion,
      targetVersion: TargetVersion,
      beforeAllowTraffic: hook?.BeforeAllowTraffic,
    };
  } catch {
    return undefined;
  }
}

interface AppSpecDocument {
  readonly Resources: readonly Record<string, { readonly Properties?: Record<string, string> }>[];
  readonly Hooks?: readonly { readonly BeforeAllowTraffic?: string }[];
}
