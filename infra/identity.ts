/** Who may deploy, who may look, and the most that a role of the service can ever do. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { apiLogsPolicy, hasLogsPolicy } from "./api/rights.ts";
import type { AwsLocation } from "./arns.ts";
import { boundaryPolicy } from "./identity/boundary.ts";
import { fitting } from "./identity/compact.ts";
import { type DeployPolicies, deployPolicies } from "./identity/deploy-policies.ts";
import {
  INLINE_POLICIES_CHARACTERS,
  MANAGED_POLICY_CHARACTERS,
  overlong,
  type PolicyDocument,
  type Statement,
  toJson,
} from "./identity/document.ts";
import { operatorPolicy } from "./identity/operator-policy.ts";
import { rollbackPolicy } from "./identity/rollback-policy.ts";
import {
  AUDIENCE,
  deployTrust,
  GITHUB_ISSUER,
  planTrust,
  previewTrust,
  rollbackTrust,
  SESSION_SECONDS,
} from "./identity/trust.ts";
import { planStatePolicy, previewStatePolicy, viewPolicy } from "./identity/view-policy.ts";
import * as names from "./names.ts";
import { asksForCosts, topicKeyPolicy } from "./observability/destination-policies.ts";
import { optionDeployRights } from "./options.ts";
import { dataKeyPolicy, encrypts } from "./options/encryption.ts";
import { ownDeployRights } from "./own/rights.ts";
import { PIPELINE_LIMITS } from "./release/limits.ts";
import type { Settings } from "./settings.ts";

export interface IdentityArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
}

/**
 * GitHub's OIDC provider (or the account's existing one), the deploy, plan, preview and rollback roles with their policies,
 * and the permissions boundary of the roles that other components make.
 *
 * CI can read all of this and change none of it: a change here is an administrator's `pulumi up`.
 */
export class Identity extends pulumi.ComponentResource {
  /** The role of deployments, for example `…:role/GitHubActions-Lambda-Staging`. */
  readonly deployRoleArn: pulumi.Output<string>;
  /** The read-only role of pull requests. */
  readonly previewRoleArn: pulumi.Output<string>;
  /** What every role of the service must name as its permissions boundary. */
  readonly boundaryArn: pulumi.Output<string>;
  /** The key that encrypts alarms on their way to people. */
  readonly alarmsKeyArn: pulumi.Output<string>;
  /** The key that encrypts the service's data; undefined where AWS's own keys do. */
  readonly dataKeyArn: pulumi.Input<string> | undefined;
  /** Whose signature the functions' code must have; undefined where nobody's. */
  readonly codeSigningConfigArn: pulumi.Output<string> | undefined;
  /** Lets an HTTP API write its access log; undefined where there is none. */
  readonly apiLogsPolicy: pulumi.Resource | undefined;

  constructor(name: string, args: IdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Identity", name, {}, opts);
    const { settings, location } = args;

    const provider = this.#adoptOrCreateProvider(name, settings);
    const boundary = this.#managedPolicy(
      `${name}-boundary`,
      names.boundaryName(settings),
      "The most that any role of this service can do",
      boundaryPolicy(location, settings),
    );
    const part = (part: names.IdentityPolicy, description: string, document: PolicyDocument) =>
      this.#managedPolicy(
        `${name}-${part}`,
        names.identityPolicyName(settings, part),
        description,
        document,
      );
    const view = part(
      "view",
      "Reads the service, without secrets, messages or logs",
      viewPolicy(location, settings),
    );
    // Attached to nobody here: people get it, with view and release, from their single sign-on.
    part(
      "operator",
      "Handles dead letters, logs and old versions",
      operatorPolicy(location, settings),
    );
    const optional = (
      key: names.IdentityPolicy,
      description: string,
      rights: readonly Statement[],
    ) => (rights.length > 0 ? [{ key, policy: part(key, description, fitting(rights)) }] : []);
    const own = ownDeployRights(location, settings);
    const options = optionDeployRights(location, settings);
    const views = [
      { key: "view", policy: view },
      ...optional("options-view", "Reads what the options made", options.read),
      ...optional("own-view", "Reads the team's own resources", own.read),
    ];
    const changes = [
      ...Object.entries(deployPolicies(location, settings)).map(([key, document]) => ({
        key,
        policy: part(key as keyof DeployPolicies, `Changes the service: ${key}`, document),
      })),
      ...optional("growth", "Changes the service's table and fronts", options.growth),
    ];

    const deploy = this.#role(
      `${name}-deploy`,
      names.deployRoleName(settings),
      `Deploys ${settings.environment} from ${settings.githubRepository}`,
      deployTrust(settings, location),
      provider,
      // A release by a slow shift takes longer than an hour.
      PIPELINE_LIMITS.sessionSeconds,
    );
    const preview = this.#role(
      `${name}-preview`,
      names.previewRoleName(settings),
      `Reads ${settings.environment} for pull requests of ${settings.githubRepository}`,
      previewTrust(settings, location),
      provider,
    );
    const plan = this.#role(
      `${name}-plan`,
      names.planRoleName(settings),
      `Plans ${settings.environment} on the default branch of ${settings.githubRepository}`,
      planTrust(settings, location),
      provider,
    );
    for (const { key, policy } of views) {
      this.#attach(`${name}-deploy-${key}`, deploy, policy);
      this.#attach(`${name}-preview-${key}`, preview, policy);
      this.#attach(`${name}-plan-${key}`, plan, policy);
    }
    const rollback = this.#role(
      `${name}-rollback`,
      names.rollbackRoleName(settings),
      `Rolls ${settings.environment} back from ${settings.githubRepository}`,
      rollbackTrust(settings, location),
      provider,
    );
    this.#inline(
      `${name}-rollback-alias`,
      "rollback",
      rollback,
      rollbackPolicy(location, settings),
    );
    for (const { key, policy } of changes) this.#attach(`${name}-deploy-${key}`, deploy, policy);
    if (options.change.length > 0) {
      // Inline: a role takes ten managed policies, and the team has two of them.
      this.#inline(
        `${name}-deploy-options`,
        "options",
        deploy,
        fitting(options.change, INLINE_POLICIES_CHARACTERS),
      );
    }
    const project = pulumi.getProject();
    this.#inline(
      `${name}-preview-state`,
      "state",
      preview,
      previewStatePolicy(location, settings, project),
    );
    this.#inline(`${name}-plan-state`, "state", plan, planStatePolicy(location, settings, project));

    this.deployRoleArn = deploy.arn;
    this.previewRoleArn = preview.arn;
    this.boundaryArn = boundary.arn;
    this.alarmsKeyArn = this.#alarmsKey(name, args);
    this.codeSigningConfigArn = this.#codeSigning(name, settings);
    this.apiLogsPolicy = this.#apiLogsPolicy(name, args);
    const created = settings.createKey ? this.#dataKey(name, args) : undefined;
    this.dataKeyArn = encrypts(settings) ? (settings.kmsKeyArn ?? created) : undefined;
    this.registerOutputs({
      deployRoleArn: this.deployRoleArn,
      previewRoleArn: this.previewRoleArn,
      boundaryArn: this.boundaryArn,
    });
  }

  /** An account takes one provider a URL, so the second stack of an account adopts the first one's. */
  #adoptOrCreateProvider(name: string, settings: Settings): pulumi.Resource[] {
    if (settings.oidcProviderArn) return [];
    return [
      new aws.iam.OpenIdConnectProvider(
        `${name}-provider`,
        // No thumbprints: AWS checks GitHub's certificate against its own list of authorities.
        { url: `https://${GITHUB_ISSUER}`, clientIdLists: [AUDIENCE] },
        // Other stacks of the account may rely on it.
        { parent: this, retainOnDelete: true },
      ),
    ];
  }

  /** Its policy decides who may use it, so it is made here, where CI changes nothing. */
  #alarmsKey(name: string, { settings, location }: IdentityArgs): pulumi.Output<string> {
    const key = new aws.kms.Key(
      `${name}-alarms-key`,
      {
        description: `Encrypts the alarms of ${settings.serviceName} in ${settings.environment}`,
        enableKeyRotation: true,
        policy: toJson(topicKeyPolicy(location, settings, { takesCosts: asksForCosts(settings) })),
      },
      { parent: this },
    );
    new aws.kms.Alias(
      `${name}-alarms-key-alias`,
      { name: names.alarmsKeyAlias(settings), targetKeyId: key.keyId },
      { parent: this },
    );
    return key.arn;
  }

  /**
   * Its policy decides who may use it, so it is made here, where CI changes nothing. It stays in the account when
   * the option goes: what it has encrypted, the versions that run among it, would be lost at once.
   */
  #dataKey(name: string, { settings, location }: IdentityArgs): pulumi.Output<string> {
    const key = new aws.kms.Key(
      `${name}-data-key`,
      {
        description: `Encrypts the data of ${settings.serviceName} in ${settings.environment}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: toJson(dataKeyPolicy(location, settings)),
      },
      { parent: this, retainOnDelete: true },
    );
    const alias = new aws.kms.Alias(
      `${name}-data-key-alias`,
      { name: names.dataKeyAlias(settings), targetKeyId: key.keyId },
      { parent: this },
    );
    // The roles' rights to the key are by its alias: nothing is encrypted before it has one.
    return pulumi.all([key.arn, alias.id]).apply(([arn]) => arn);
  }

  /** Whose signature counts is an administrator's to say: whoever uploads code could else sign it as well. */
  #codeSigning(
    name: string,
    { signingProfileVersionArn, serviceName, environment }: Settings,
  ): pulumi.Output<string> | undefined {
    if (signingProfileVersionArn === undefined) return undefined;
    const config = new aws.lambda.CodeSigningConfig(
      `${name}-code-signing`,
      {
        description: `Whose code ${serviceName} in ${environment} runs`,
        allowedPublishers: { signingProfileVersionArns: [signingProfileVersionArn] },
        policies: { untrustedArtifactOnDeployment: "Enforce" },
      },
      { parent: this },
    );
    return config.arn;
  }

  /** One of ten of a region and account: what may write logs is theirs to say. */
  #apiLogsPolicy(name: string, { settings, location }: IdentityArgs): pulumi.Resource | undefined {
    if (!hasLogsPolicy(settings)) return undefined;
    return new aws.cloudwatch.LogResourcePolicy(
      `${name}-api-logs`,
      {
        policyName: names.apiName(settings),
        policyDocument: toJson(apiLogsPolicy(location, settings)),
      },
      { parent: this },
    );
  }

  #managedPolicy(
    name: string,
    physicalName: string,
    description: string,
    written: PolicyDocument,
  ): aws.iam.Policy {
    const document = fitting(written.Statement);
    refuse(overlong(physicalName, document, MANAGED_POLICY_CHARACTERS));
    return new aws.iam.Policy(
      name,
      { name: physicalName, description, policy: toJson(document) },
      { parent: this },
    );
  }

  #role(
    name: string,
    physicalName: string,
    description: string,
    trust: PolicyDocument,
    dependsOn: pulumi.Resource[],
    maxSessionDuration = SESSION_SECONDS,
  ): aws.iam.Role {
    return new aws.iam.Role(
      name,
      {
        name: physicalName,
        description,
        assumeRolePolicy: toJson(trust),
        maxSessionDuration,
      },
      { parent: this, dependsOn },
    );
  }

  #inline(name: string, physicalName: string, role: aws.iam.Role, document: PolicyDocument): void {
    refuse(overlong(physicalName, document, INLINE_POLICIES_CHARACTERS));
    new aws.iam.RolePolicy(
      name,
      { name: physicalName, role: role.name, policy: toJson(document) },
      { parent: this },
    );
  }

  #attach(name: string, role: aws.iam.Role, policy: aws.iam.Policy): void {
    new aws.iam.RolePolicyAttachment(
      name,
      { role: role.name, policyArn: policy.arn },
      { parent: this },
    );
  }
}

/** Before anything is planned: AWS would refuse it in the middle of an update. */
function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new pulumi.RunError(fault);
}
