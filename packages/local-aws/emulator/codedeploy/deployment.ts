/** One deployment: it moves an alias step by step, calls hooks, watches alarms, and goes back. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  DeploymentInfo,
  ErrorCode,
  LifecycleEvent,
  LifecycleEventStatus,
} from "@aws-sdk/client-codedeploy";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { type Step, stepsOf } from "./configs.ts";
import { type Move, readRevision } from "./revision.ts";

/** What a deployment works with. */
export interface Surroundings {
  readonly lambda: LambdaClient;
  readonly cloudWatch: CloudWatchClient;
  /** Calls a hook, which is counted as every invocation. Throws what Lambda refuses. */
  readonly invoke: (functionName: string, payload: string) => Promise<unknown>;
  /** Length of a minute in milliseconds. */
  readonly minuteMs: number;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Whether shifts stay where they are for now. */
  readonly held: () => boolean;
}

/** What makes a deployment end badly. */
class Ended extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Between two looks at alarms and at a request to stop, as a part of a minute. */
const TICKS_A_MINUTE = 12;
/**
 * A hook answers through the API and in no other way: CodeDeploy waits an hour for one that crashed, ran out
 * of time or may not report (CodeDeploy user guide, "AppSpec hooks"; serverless-plugin-canary-deployments
 * issue 93).
 */
const HOOK_TIMEOUT_MINUTES = 60;
/** A hook runs for real, however short a minute is. */
const HOOK_TIMEOUT_LEAST_MS = 20_000;

export class Deployment {
  readonly info: DeploymentInfo & { deploymentId: string };
  readonly events: (LifecycleEvent & { lifecycleEventName: string })[] = [
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
  ].map((lifecycleEventName) => ({ lifecycleEventName, status: "Pending" }));
  /** Share of the new version, 0 to 1. */
  share = 0;
  readonly move: Move;
  readonly #steps: readonly Step[];
  readonly #alarms: AlarmConfiguration;
  readonly #autoRollback: AutoRollbackConfiguration;
  readonly #with: Surroundings;
  readonly #awaitedHooks = new Map<string, (status: LifecycleEventStatus) => void>();
  #stop: { readonly rollback: boolean } | undefined;

  constructor(
    info: DeploymentInfo,
    alarms: AlarmConfiguration,
    autoRollback: AutoRollbackConfiguration,
    surroundings: Surroundings,
  ) {
    const rollsBack = info.creator === "codeDeployRollback";
    this.info = {
      ...info,
      deploymentId: `d-${randomUUID().replaceAll("-", "").slice(0, 9).toUpperCase()}`,
      status: "Created",
      createTime: new Date(surroundings.nowMs()),
      computePlatform: "Lambda",
    };
    this.move = readRevision(info.revision);
    // Going back is one step, whatever the configuration says.
    this.#steps = rollsBack
      ? [{ share: 1, waitMinutes: 0 }]
      : (stepsOf(info.deploymentConfigName ?? "") ?? []);
    this.#alarms = alarms;
    this.#autoRollback = autoRollback;
    this.#with = surroundings;
  }

  get active(): boolean {
    return !["Succeeded", "Failed", "Stopped"].includes(this.info.status ?? "");
  }

  #now(): Date {
    return new Date(this.#with.nowMs());
  }

  /** Takes a hook's answer; false when no such execution is waited for. */
  answer(executionId: string, status: LifecycleEventStatus): boolean {
    const waiting = this.#awaitedHooks.get(executionId);
    waiting?.(status);
    return waiting !== undefined;
  }

  /** Ends the deployment at its next step. */
  stop(rollback: boolean): void {
    this.#stop ??= { rollback };
  }

  /** Runs to the end; tells whether it is to be rolled back. Never throws. */
  async run(): Promise<{ readonly rollBack: boolean }> {
    try {
      this.info.status = "InProgress";
      this.info.startTime = this.#now();
      if (this.info.creator === "codeDeployRollback") {
        await this.#point(this.move.targetVersion);
      } else {
        await this.#checkFunction();
        await this.#moveTraffic();
      }
      this.#end("Succeeded");
      return { rollBack: false };
    } catch (error) {
      return { rollBack: this.#fail(error) };
    }
  }

  async #moveTraffic(): Promise<void> {
    const { functionName, alias, targetVersion, beforeAllowTraffic, afterAllowTraffic } = this.move;
    await this.#check();
    await this.#phase("BeforeAllowTraffic", () => this.#callHooks(beforeAllowTraffic));
    await this.#phase("AllowTraffic", async () => {
      for (const { share, waitMinutes } of this.#steps) {
        if (share === 1) await this.#point(targetVersion);
        else {
          await this.#with.lambda.send(
            new UpdateAliasCommand({
              FunctionName: functionName,
              Name: alias,
              RoutingConfig: { AdditionalVersionWeights: { [targetVersion]: share } },
            }),
          );
        }
        this.share = share;
        await this.#wait(waitMinutes);
      }
    });
    await this.#phase("AfterAllowTraffic", () => this.#callHooks(afterAllowTraffic));
  }

  async #point(version: string): Promise<void> {
    await this.#with.lambda.send(
      new UpdateAliasCommand({
        FunctionName: this.move.functionName,
        Name: this.move.alias,
        FunctionVersion: version,
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
  }

  async #checkFunction(): Promise<void> {
    const { functionName, alias, currentVersion, targetVersion } = this.move;
    const state = await this.#with.lambda.send(
      new GetAliasCommand({ FunctionName: functionName, Name: alias }),
    );
    if (Object.keys(state.RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0) {
      throw new Ended("INVALID_LAMBDA_CONFIGURATION", `the alias ${alias} carries weights already`);
    }
    if (state.FunctionVersion !== currentVersion) {
      throw new Ended(
        "INVALID_LAMBDA_CONFIGURATION",
        `the alias ${alias} is at version ${state.FunctionVersion}, not at ${currentVersion}`,
      );
    }
    const [current, target] = await Promise.all(
      [currentVersion, targetVersion].map((Qualifier) =>
        this.#with.lambda
          .send(new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier }))
          .catch(() => {
            throw new Ended("INVALID_LAMBDA_FUNCTION", `version ${Qualifier} does not exist`);
          }),
      ),
    );
    if (
      current?.Role !== target?.Role ||
      current?.DeadLetterConfig?.TargetArn !== target?.DeadLetterConfig?.TargetArn
    ) {
      throw new Ended(
        "INVALID_LAMBDA_CONFIGURATION",
        "the versions differ in execution role or dead-letter configuration",
      );
    }
  }

  async #phase(name: string, work: () => Promise<void>): Promise<void> {
    const event = this.events.find(({ lifecycleEventName }) => lifecycleEventName === name);
    if (!event) return;
    event.status = "InProgress";
    event.startTime = this.#now();
    try {
      await work();
      event.status = "Succeeded";
    } catch (error) {
      event.status = "Failed";
      if (error instanceof Ended) {
        event.diagnostics = { errorCode: "ScriptFailed", message: error.message };
      }
      throw error;
    } finally {
      event.endTime = this.#now();
    }
  }

  async #callHooks(functionNames: readonly string[]): Promise<void> {
    for (const functionName of functionNames) {
      const status = await this.#callHook(functionName);
      if (status !== "Succeeded") {
        throw new Ended("HOOK_EXECUTION_FAILURE", `the hook ${functionName} reported ${status}`);
      }
    }
  }

  /** Invokes the hook and waits for its answer, which comes through the API and not from the call. */
  async #callHook(functionName: string): Promise<LifecycleEventStatus> {
    const executionId = randomUUID();
    const answered = Promise.withResolvers<LifecycleEventStatus>();
    this.#awaitedHooks.set(executionId, answered.resolve);
    const payload = {
      DeploymentId: this.info.deploymentId,
      LifecycleEventHookExecutionId: executionId,
    };
    // Only a call that Lambda refuses ends it early: how the function fares is not looked at.
    const invoked = this.#with.invoke(functionName, JSON.stringify(payload)).then(
      () => undefined,
      () => answered.resolve("Failed"),
    );
    const timeout = setTimeout(
      () => {
        answered.resolve("Failed");
      },
      Math.max(HOOK_TIMEOUT_LEAST_MS, HOOK_TIMEOUT_MINUTES * this.#with.minuteMs),
    );
    try {
      for (;;) {
        const outcome = await Promise.race([answered.promise, this.#tick()]);
        if (outcome !== undefined) return outcome;
        this.#checkStop();
      }
    } finally {
      this.#awaitedHooks.delete(executionId);
      clearTimeout(timeout);
      await invoked;
    }
  }

  async #tick(): Promise<undefined> {
    await sleep(this.#with.minuteMs / TICKS_A_MINUTE);
    return undefined;
  }

  /** Waits, watching the alarms and requests to stop. */
  async #wait(minutes: number): Promise<void> {
    const endMs = Date.now() + minutes * this.#with.minuteMs;
    const goesOn = () => Date.now() < endMs || (minutes > 0 && this.#with.held());
    do {
      await this.#check();
      if (goesOn()) await this.#tick();
    } while (goesOn());
    await this.#check();
  }

  /**
   * Asks for the state of the alarms. An alarm that is not there cannot be polled, which stops the deployment
   * unless its configuration says otherwise (CodeDeploy API reference, AlarmConfiguration). That the code is
   * ALARM_ACTIVE then too is assumed: the API has no other that fits.
   */
  async #check(): Promise<void> {
    this.#checkStop();
    const names = (this.#alarms.alarms ?? []).flatMap(({ name }) => name ?? []);
    if (this.#alarms.enabled !== true || names.length === 0) return;
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.#with.cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names,
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      }),
    );
    const found = [...MetricAlarms, ...CompositeAlarms];
    const missing = names.filter((name) => !found.some(({ AlarmName }) => AlarmName === name));
    if (missing.length > 0 && this.#alarms.ignorePollAlarmFailure !== true) {
      throw new Ended("ALARM_ACTIVE", `The alarms could not be polled: no ${missing.join(", ")}`);
    }
    const red = found.filter(({ StateValue }) => StateValue === "ALARM");
    if (red.length > 0) {
      const which = red.map(({ AlarmName }) => AlarmName).join(", ");
      throw new Ended("ALARM_ACTIVE", `One or more alarms have been activated: ${which}`);
    }
    this.#checkStop();
  }

  #checkStop(): void {
    if (this.#stop) throw new Ended("MANUAL_STOP", "The deployment was stopped on request");
  }

  /** Records why it ended; tells whether it goes back. */
  #fail(error: unknown): boolean {
    const code: ErrorCode = error instanceof Ended ? error.code : "INTERNAL_ERROR";
    const message = error instanceof Error ? error.message : String(error);
    const stopped = code === "MANUAL_STOP" || code === "ALARM_ACTIVE";
    this.info.errorInformation = { code, message };
    this.#end(stopped ? "Stopped" : "Failed");
    const { enabled, events = [] } = this.#autoRollback;
    const event =
      code === "MANUAL_STOP"
        ? "DEPLOYMENT_STOP_ON_REQUEST"
        : code === "ALARM_ACTIVE"
          ? "DEPLOYMENT_STOP_ON_ALARM"
          : "DEPLOYMENT_FAILURE";
    const asked = code === "MANUAL_STOP" ? this.#stop?.rollback : undefined;
    return asked ?? (enabled === true && events.includes(event));
  }

  #end(status: "Succeeded" | "Failed" | "Stopped"): void {
    for (const event of this.events) {
      if (event.status === "Pending") event.status = "Skipped";
    }
    this.info.status = status;
    this.info.completeTime = this.#now();
  }
}
