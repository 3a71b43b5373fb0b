/**
 * Code signing: Lambda takes only code that the named profile of AWS Signer has signed. The program has each zip
 * signed after it is uploaded, and an administrator's resource says whose signature counts.
 */
import type { AwsLocation } from "../arns.ts";
import { allow, of } from "../identity/document.ts";
import { inOwnAccount, targets } from "../identity/targets.ts";
import { optional, type Rule, text } from "../settings/rules.ts";
import type { Settings } from "../settings/parse.ts";
import type { Option } from "./option.ts";

/** The ARN of one version of a profile, as Lambda's AllowedPublishers takes it. */
const PROFILE_VERSION =
  /^arn:aws[a-z-]*:signer:([a-z0-9-]+):(\d{12}):\/signing-profiles\/([A-Za-z0-9_]{2,64})\/([A-Za-z0-9]{10})$/;

export const SIGNING_RULES = {
  signingProfileVersionArn: optional(
    text(
      PROFILE_VERSION,
      "must be the ARN of a version of a signing profile, such as arn:aws:signer:eu-central-1:111122223333:/signing-profiles/releases/0a1B2c3D4e (aws signer get-signing-profile prints it as profileVersionArn)",
    ),
  ),
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

/** Where signed zips lie in the artifacts bucket; AWS Signer names them. */
export const SIGNED_PREFIX = "function/signed/";

export interface SigningProfile {
  /** Region and account of the profile. */
  readonly region: string;
  /** For example `releases`. */
  readonly name: string;
  /** The profile without its version. */
  readonly arn: string;
  readonly version: string;
}

/** The parts of a valid ARN; undefined where code is not signed. */
export function signingProfile({
  signingProfileVersionArn: arn,
}: Partial<Pick<Settings, "signingProfileVersionArn">>): SigningProfile | undefined {
  const [, region, , name, version] = (arn && PROFILE_VERSION.exec(arn)) || [];
  if (arn === undefined || region === undefined || !name || !version) return undefined;
  return { region, name, version, arn: arn.slice(0, -version.length - 1) };
}

export const signing: Option = {
  faults: (settings, environment) => {
    const profile = signingProfile(settings);
    const { region } = settings;
    return profile === undefined || region === undefined || profile.region === region
      ? []
      : [
          `signingProfileVersionArn: "${settings.signingProfileVersionArn}"; is a profile of ${profile.region}, and AWS Signer works on buckets of its own region; name one of ${region} in Pulumi.${environment}.yaml`,
        ];
  },
  deployRights: (location, settings) => {
    const profile = signingProfile(settings);
    if (profile === undefined) return { change: [], read: [] };
    const on = targets(location, settings);
    const configs = [codeSigningConfigs(location)];
    return {
      change: [
        allow("Sign", of("signer", "StartSigningJob"), [profile.arn], {
          StringEquals: { "signer:ProfileVersion": profile.version },
        }),
        // Signer reads and writes in the caller's name; it signs one version of an object.
        allow("SignArtifacts", of("s3", "GetObjectVersion"), on.artifacts, inOwnAccount(location)),
        // To set, not to take away: what is not signed is refused until an administrator says otherwise.
        allow("DemandSignatures", of("lambda", "PutFunctionCodeSigningConfig"), [
          ...on.functions,
          ...configs,
        ]),
      ],
      read: [
        allow("SigningJobs", of("signer", "DescribeSigningJob"), [
          `arn:${location.partition}:signer:${location.region}:${location.accountId}:/signing-jobs/*`,
        ]),
        allow("SigningConfigs", of("lambda", "GetCodeSigningConfig", "ListTags"), configs),
      ],
    };
  },
};

/** Their ids are drawn. */
const codeSigningConfigs = ({ partition, region, accountId }: AwsLocation): string =>
  `arn:${partition}:lambda:${region}:${accountId}:code-signing-config:*`;
