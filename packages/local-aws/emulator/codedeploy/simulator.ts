/**
 * CodeDeploy for Lambda, as far as releases use it: applications, groups and deployments in memory.
 * It refuses what CodeDeploy refuses and acts on the emulator's real functions, aliases and alarms.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  CreateDeploymentCommandInput,
  DeploymentGroupInfo,
  DeploymentInfo,
  LifecycleEventStatus,
  RevisionLocation,
} from "@aws-sdk/client-codedeploy";
import { stepsOf } from "./configs.ts";
import { Deployment, type Surroundings } from "./deployment.ts";
import { CodeDeployError } from "./errors.ts";

interface Application {
  readonly applicationId: string;
  readonly applicationName: string;
  readonly computePlatform: string;
  readonly createTime: Date;
}

/** Between the end of a deployment and the start of the one that rolls it back, as a part of a minute. */
const ROLLBACK_DELAY_MINUTES = 1 / 30;

type Input = Readonly<Record<string, unknown>>;

export class CodeDeploySimulator {
  readonly #applications = new Map<string, Application>();
  readonly #groups = new Map<string, DeploymentGroupInfo>();
  readonly #tags = new Map<string, { Key: string; Value: string }[]>();
  readonly #deployments: Deployment[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #with: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
  }

  /** Waits until nothing runs any more; what runs is stopped where it is. */
  async stop(): Promise<void> {
    for (const deployment of this.#deployments) deployment.stop(false);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Answers one operation. Throws `CodeDeployError` for what CodeDeploy refuses. */
  answer(operation: string, input: Input): object {
    const answer = this.#operations[operation];
    if (!answer) {
      throw new CodeDeployError(
        "InvalidOperationException",
        `the local cloud does not know the CodeDeploy operation ${operation}`,
      );
    }
    return answer(input);
  }

  readonly #operations: Readonly<Record<string, (input: Input) => object>> = {
    CreateApplication: (input) => {
      const applicationName = text(input, "applicationName");
      if (this.#applications.has(applicationName)) {
        throw new CodeDeployError("ApplicationAlreadyExistsException", applicationName);
      }
      const application = {
        applicationId: crypto.randomUUID(),
        applicationName,
        computePlatform: text(input, "computePlatform"),
        createTime: new Date(this.#with.nowMs()),
      };
      this.#applications.set(applicationName, application);
      return { applicationId: application.applicationId };
    },
    GetApplication: (input) => ({ application: this.#application(input) }),
    DeleteApplication: (input) => {
      this.#applications.delete(text(input, "applicationName"));
      return {};
    },
    CreateDeploymentGroup: (input) => {
      this.#application(input);
      const key = groupKey(input, "deploymentGroupName");
      if (this.#groups.has(key))
        throw new CodeDeployError("DeploymentGroupAlreadyExistsException", key);
      const group = { ...input, deploymentGroupId: crypto.randomUUID(), computePlatform: "Lambda" };
      this.#groups.set(key, group as DeploymentGroupInfo);
      return { deploymentGroupId: group.deploymentGroupId };
    },
    UpdateDeploymentGroup: (input) => {
      const key = groupKey(input, "currentDeploymentGroupName");
      this.#groups.set(key, { ...this.#group(key), ...input });
      return { hooksNotCleanedUp: [] };
    },
    GetDeploymentGroup: (input) => ({
      deploymentGroupInfo: this.#group(groupKey(input, "deploymentGroupName")),
    }),
    DeleteDeploymentGroup: (input) => {
      this.#groups.delete(groupKey(input, "deploymentGroupName"));
      return { hooksNotCleanedUp: [] };
    },
    GetDeploymentConfig: (input) => {
      const deploymentConfigName = text(input, "deploymentConfigName");
      if (!stepsOf(deploymentConfigName)) {
        throw new CodeDeployError("DeploymentConfigDoesNotExistException", deploymentConfigName);
      }
      return { deploymentConfigInfo: { deploymentConfigName, computePlatform: "Lambda" } };
    },
    CreateDeployment: (input) => this.#create(input as unknown as CreateDeploymentCommandInput),
    GetDeployment: (input) => ({
      deploymentInfo: shown(this.#deployment(text(input, "deploymentId"))),
    }),
    GetApplicationRevision: (input) => {
      const revision = input["revision"] as RevisionLocation | undefined;
      const hash = revision?.appSpecContent?.sha256;
      const found = this.#deployments.find(({ info }) => hashOf(info.revision) === hash);
      if (!found) throw new CodeDeployError("RevisionDoesNotExistException", String(hash));
      return { applicationName: input["applicationName"], revision: found.info.revision };
    },
    BatchGetDeployments: (input) => {
      const ids = texts(input, "deploymentIds");
      if (ids.length > 25) {
        throw new CodeDeployError("BatchLimitExceededException", "at most 25 deployments a call");
      }
      return { deploymentsInfo: ids.map((id) => shown(this.#deployment(id))) };
    },
    ListDeployments: (input) => this.#list(input),
    StopDeployment: (input) => {
      const deployment = this.#deployment(text(input, "deploymentId"));
      if (!deployment.active) {
        throw new CodeDeployError(
          "DeploymentAlreadyCompletedException",
          `deployment ${deployment.info.deploymentId} has ended`,
        );
      }
      const group = this.#group(
        `${deployment.info.applicationName}/${deployment.info.deploymentGroupName}`,
      );
      const configured =
        group.autoRollbackConfiguration?.events?.includes("DEPLOYMENT_STOP_ON_REQUEST") ?? false;
      const asked = input["autoRollbackEnabled"];
      deployment.stop(typeof asked === "boolean" ? asked : configured);
      return { status: "Pending", statusMessage: "The deployment is being stopped" };
    },
    ListDeploymentTargets: (input) => {
      const { info, move } = this.#deployment(text(input, "deploymentId"));
      return { targetIds: [`${info.deploymentId}:${move.functionName}:${move.alias}`] };
    },
    BatchGetDeploymentTargets: (input) => ({
      deploymentTargets: [this.#target(this.#deployment(text(input, "deploymentId")))],
    }),
    PutLifecycleEventHookExecutionStatus: (input) => {
      const deployment = this.#deployment(text(input, "deploymentId"));
      const executionId = text(input, "lifecycleEventHookExecutionId");
      if (!deployment.answer(executionId, text(input, "status") as LifecycleEventStatus)) {
        throw new CodeDeployError(
          "LifecycleEventAlreadyCompletedException",
          `nothing waits for the hook execution ${executionId}`,
        );
      }
      return { lifecycleEventHookExecutionId: executionId };
    },
    ListTagsForResource: (input) => ({ Tags: this.#tags.get(text(input, "ResourceArn")) ?? [] }),
    TagResource: (input) => {
      const arn = text(input, "ResourceArn");
      const added = (input["Tags"] ?? []) as { Key: string; Value: string }[];
      const kept = (this.#tags.get(arn) ?? []).filter(
        (tag) => !added.some(({ Key }) => Key === tag.Key),
      );
      this.#tags.set(arn, [...kept, ...added]);
      return {};
    },
  };

  #create(input: CreateDeploymentCommandInput): object {
    const { applicationName, deploymentGroupName, overrideAlarmConfiguration } = input;
    const group = this.#group(`${applicationName}/${deploymentGroupName}`);
    const active = this.#deployments.find(
      ({ active, info }) => active && info.deploymentGroupName === deploymentGroupName,
    );
    if (active) {
      throw new CodeDeployError(
        "DeploymentLimitExceededException",
        `deployment ${active.info.deploymentId} is active for the deployment group ${deploymentGroupName}`,
      );
    }
    const configName = input.deploymentConfigName ?? group.deploymentConfigName ?? "";
    if (!stepsOf(configName)) {
      throw new CodeDeployError("DeploymentConfigDoesNotExistException", configName);
    }
    const rollback = input.autoRollbackConfiguration ?? group.autoRollbackConfiguration ?? {};
    const deployment = new Deployment(
      {
        applicationName,
        deploymentGroupName,
        deploymentConfigName: configName,
        description: input.description,
        revision: input.revision,
        creator: "user",
        overrideAlarmConfiguration,
      },
      overrideAlarmConfiguration ?? group.alarmConfiguration ?? {},
      rollback,
      this.#with,
    );
    this.#start(deployment, group.alarmConfiguration ?? {}, rollback);
    return { deploymentId: deployment.info.deploymentId };
  }

  #start(
    deployment: Deployment,
    alarms: AlarmConfiguration,
    autoRollback: AutoRollbackConfiguration,
  ): void {
    this.#deployments.unshift(deployment);
    const running = this.#runToEnd(deployment, alarms, autoRollback).finally(() =>
      this.#running.delete(running),
    );
    this.#running.add(running);
  }

  async #runToEnd(
    deployment: Deployment,
    alarms: AlarmConfiguration,
    autoRollback: AutoRollbackConfiguration,
  ): Promise<void> {
    const { rollBack } = await deployment.run();
    if (!rollBack) return;
    await sleep(this.#with.minuteMs * ROLLBACK_DELAY_MINUTES);
    const { info, move } = deployment;
    const content = JSON.stringify({
      version: "0.0",
      Resources: [
        {
          [move.functionName]: {
            Type: "AWS::Lambda::Function",
            Properties: {
              Name: move.functionName,
              Alias: move.alias,
              CurrentVersion: move.targetVersion,
              TargetVersion: move.currentVersion,
            },
          },
        },
      ],
    });
    const back = new Deployment(
      {
        ...info,
        description: undefined,
        errorInformation: undefined,
        completeTime: undefined,
        creator: "codeDeployRollback",
        revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
        rollbackInfo: { rollbackTriggeringDeploymentId: info.deploymentId },
      },
      alarms,
      autoRollback,
      this.#with,
    );
    info.rollbackInfo = { rollbackDeploymentId: back.info.deploymentId };
    this.#start(back, alarms, autoRollback);
  }

  #list(input: Input): object {
    const statuses = texts(input, "includeOnlyStatuses");
    const { start = 0, end = Infinity } = (input["createTimeRange"] ?? {}) as {
      readonly start?: number;
      readonly end?: number;
    };
    const ids = this.#deployments
      .filter(({ info }) => {
        const createdSeconds = (info.createTime?.getTime() ?? 0) / 1000;
        return (
          info.deploymentGroupName === input["deploymentGroupName"] &&
          (statuses.length === 0 || statuses.includes(info.status ?? "")) &&
          createdSeconds >= start &&
          createdSeconds <= end
        );
      })
      .map(({ info }) => info.deploymentId)
      // AWS promises no order. Ids are random, so theirs is none.
      .sort();
    const from = Number(input["nextToken"] ?? 0);
    const page = ids.slice(from, from + PAGE);
    const next = from + PAGE < ids.length ? { nextToken: String(from + PAGE) } : {};
    return { deployments: page, ...next };
  }

  #target({ info, move, events, share }: Deployment): object {
    return {
      deploymentTargetType: "LambdaTarget",
      lambdaTarget: {
        deploymentId: info.deploymentId,
        targetId: `${info.deploymentId}:${move.functionName}:${move.alias}`,
        status: info.status === "Created" ? "Pending" : info.status,
        lifecycleEvents: events,
        lambdaFunctionInfo: {
          functionName: move.functionName,
          functionAlias: move.alias,
          currentVersion: move.currentVersion,
          targetVersion: move.targetVersion,
          targetVersionWeight: share * 100,
        },
      },
    };
  }

  #application(input: Input): Application {
    const name = text(input, "applicationName");
    const application = this.#applications.get(name);
    if (!application) throw new CodeDeployError("ApplicationDoesNotExistException", name);
    return application;
  }

  #group(key: string): DeploymentGroupInfo {
    const group = this.#groups.get(key);
    if (!group) throw new CodeDeployError("DeploymentGroupDoesNotExistException", key);
    return group;
  }

  #deployment(id: string): Deployment {
    const found = this.#deployments.find(({ info }) => info.deploymentId === id);
    if (!found) throw new CodeDeployError("DeploymentDoesNotExistException", id);
    return found;
  }
}

/** Deployments a page. AWS's are larger than 20; how large, is not documented. */
const PAGE = 50;

/** SHA-256 of a revision's AppSpec. */
const hashOf = (revision: RevisionLocation | undefined): string =>
  createHash("sha256")
    .update(revision?.appSpecContent?.content ?? "")
    .digest("hex");

/** A deployment as CodeDeploy shows it: the AppSpec by its hash, without its text. */
const shown = ({ info }: Deployment): DeploymentInfo => ({
  ...info,
  revision: { revisionType: "AppSpecContent", appSpecContent: { sha256: hashOf(info.revision) } },
});

const groupKey = (input: Input, name: string): string =>
  `${text(input, "applicationName")}/${text(input, name)}`;

function text(input: Input, key: string): string {
  const value = input[key];
  if (typeof value === "string" && value !== "") return value;
  throw new CodeDeployError("InvalidInputException", `${key} is required`);
}

const texts = (input: Input, key: string): string[] => (input[key] ?? []) as string[];
