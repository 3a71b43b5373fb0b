/**
 * Follows a deployment to its end, and the one that rolls it back: shows how it stands, makes marked
 * calls where traffic is low, and stops it when the user or a wrong answer says so.
 *
 * A look that fails (throttling, network) is made again: the deployment goes on in AWS meanwhile.
 */
import {
  BatchGetDeploymentTargetsCommand,
  DeploymentAlreadyCompletedException,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { nextPoll } from "../support/pace.ts";
import { explained } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import { callsByVersion } from "./calls.ts";
import type { ReleaseContext } from "../support/session.ts";
import { readDeployment } from "./deployments.ts";
import { isActive, type PastDeployment } from "./history.ts";
import { type AliasState, readAlarms, readAlias } from "./state.ts";
import type { AlarmState } from "./plan.ts";
import type { Shift } from "./shift.ts";
import { callAlias } from "./synthetic.ts";
import { answered, callsDue, type CanaryCalls, real } from "./traffic.ts";
import { duration, percent } from "../support/words.ts";

export interface FollowOptions {
  readonly shift: Shift;
  /** Whether an interruption stops the deployment; else it only ends the following. */
  readonly ours: boolean;
  /** Whether marked calls are made where real ones are too few. */
  readonly synthetic: boolean;
  /** Whether real calls should be enough by themselves. */
  readonly enough: boolean;
  /** Whether it was active before: its window is then taken to have begun with it. */
  readonly resumed: boolean;
}

/** How a deployment ended. */
export interface Followed {
  readonly shift: Shift;
  readonly deployment: PastDeployment;
  /** The deployment that took it back. */
  readonly rollback?: PastDeployment | undefined;
  /** Where the alias is now. */
  readonly alias: AliasState;
  readonly calls: CanaryCalls;
  /** Why we stopped it. */
  readonly stoppedBecause?: string | undefined;
  /** What the new version answered wrongly to marked calls. */
  readonly faults: readonly string[];
  /** How the pre-traffic hook ended, in CodeDeploy's words; `undefined` when it is not known. */
  readonly hook?: string | undefined;
}

/** Looks that may fail one after the other before the following ends. */
const MOST_FAILED_POLLS = 24;
/** CloudWatch is asked at every so manieth look: its figures change once a minute. */
const POLLS_PER_COUNT = 6;
/** How long CodeDeploy may take to begin the rollback. */
const ROLLBACK_BEGINS_POLLS = 36;
/** After this many looks no rollback is awaited any more where there is nothing to take back. */
const UNMOVED_POLLS = 6;
const POLLS_A_MINUTE = 12;
/** Two minutes: how late CloudWatch may be. */
const LATE_POLLS = 24;

export const followDeployment = (
  context: ReleaseContext,
  id: string,
  options: FollowOptions,
): Promise<Followed> => new Following(context, id, options).toEnd();

class Following {
  readonly #context: ReleaseContext;
  readonly #id: string;
  readonly #options: FollowOptions;
  readonly #startedMs = Date.now();
  #canarySince: Date | undefined;
  #calls: CanaryCalls = { counted: 0, synthetic: 0 };
  #faults: readonly string[] = [];
  #stoppedBecause: string | undefined;
  #hook: string | undefined;
  #looks = 0;

  constructor(context: ReleaseContext, id: string, options: FollowOptions) {
    this.#context = context;
    this.#id = id;
    this.#options = options;
  }

  async toEnd(): Promise<Followed> {
    const { clients, outputs, terminal } = this.#context;
    const deployment = await this.#until(this.#id, (now) => this.#look(now));
    const rollback =
      deployment.status === "Succeeded" ? undefined : await this.#followRollback(deployment);
    const alias = await this.#patiently(() => readAlias(clients, outputs));
    await this.#countLate(deployment);
    terminal.quiet();
    return {
      shift: this.#options.shift,
      deployment,
      rollback,
      alias,
      calls: this.#calls,
      stoppedBecause: this.#stoppedBecause,
      faults: this.#faults,
      hook: this.#hook,
    };
  }

  /** Looks again and again until the deployment is over. */
  async #until(id: string, poll: (now: PastDeployment) => Promise<void>): Promise<PastDeployment> {
    const { clients, minuteMs, interrupted } = this.#context;
    for (;;) {
      const now = await this.#patiently(() => readDeployment(clients.codeDeploy, id));
      await poll(now);
      if (!isActive(now)) return now;
      // Once it is being stopped, an interruption has been heard: it must not make the waits short.
      await nextPoll(minuteMs, this.#stoppedBecause ? undefined : interrupted);
    }
  }

  /** Makes a look again when AWS does not answer it. Throws when it never does, and when the credentials have ended. */
  async #patiently<T>(poll: () => Promise<T>): Promise<T> {
    const { minuteMs, terminal } = this.#context;
    for (let failed = 1; ; failed++) {
      try {
        return await poll();
      } catch (error) {
        const reason = explained(error);
        const hopeless = reason instanceof Refused && /credentials|may not/.test(reason.message);
        if (hopeless || failed >= MOST_FAILED_POLLS) {
          const why = reason instanceof Error ? reason.message : String(reason);
          throw new Refused(
            `${why}; deployment ${this.#id} goes on without this command, and its alarms still watch it: run it again to follow`,
          );
        }
        terminal.live(`AWS does not answer: ${(error as Error).name}; trying again`, "no answer");
        await nextPoll(minuteMs);
      }
    }
  }

  async #look(now: PastDeployment): Promise<void> {
    const { clients, outputs, interrupted } = this.#context;
    if (interrupted.aborted) await this.#interrupt(now);
    const [alias, alarms] = await this.#patiently(() =>
      Promise.all([readAlias(clients, outputs), readAlarms(clients, outputs.releaseAlarmNames)]),
    );
    // Asked until the hook has ended: after that it does not change any more.
    if (this.#hook === undefined || this.#hook === "Pending" || this.#hook === "InProgress") {
      this.#hook = await this.#patiently(() => this.#readHook());
    }
    const share = alias.weights[now.to] ?? 0;
    if (share > 0) {
      this.#canarySince ??= new Date(this.#options.resumed ? now.createdMs : Date.now());
      if (this.#looks++ % POLLS_PER_COUNT === 0) await this.#count(now).catch(() => undefined);
      await this.#callWhereNeeded(now, share);
    }
    this.#show(now, alias, alarms);
  }

  async #interrupt(now: PastDeployment): Promise<void> {
    if (this.#stoppedBecause || !isActive(now)) return;
    if (!this.#options.ours) {
      throw new Refused(`interrupted; deployment ${now.id} goes on, and was not touched`);
    }
    this.#context.terminal.say("interrupted: stopping the deployment; it is being rolled back");
    await this.#stop("interrupted");
  }

  async #stop(because: string): Promise<void> {
    const { clients } = this.#context;
    try {
      await this.#patiently(() =>
        clients.codeDeploy
          .send(new StopDeploymentCommand({ deploymentId: this.#id, autoRollbackEnabled: true }))
          .catch((error: unknown) => {
            if (!(error instanceof DeploymentAlreadyCompletedException)) throw error;
          }),
      );
    } finally {
      this.#stoppedBecause = because;
    }
  }

  async #readHook(): Promise<string | undefined> {
    const { codeDeploy } = this.#context.clients;
    const deploymentId = this.#id;
    const { targetIds = [] } = await codeDeploy.send(
      new ListDeploymentTargetsCommand({ deploymentId }),
    );
    if (targetIds.length === 0) return undefined;
    const { deploymentTargets = [] } = await codeDeploy.send(
      new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }),
    );
    const events = deploymentTargets.flatMap(
      ({ lambdaTarget }) => lambdaTarget?.lifecycleEvents ?? [],
    );
    return events.find(({ lifecycleEventName }) => lifecycleEventName === "BeforeAllowTraffic")
      ?.status;
  }

  /** Reads how many calls the new version has answered. */
  async #count({ to, createdMs }: PastDeployment): Promise<void> {
    const { clients, outputs } = this.#context;
    const [counted] = await callsByVersion(clients, outputs, [to], new Date(createdMs));
    this.#calls = { ...this.#calls, counted: counted?.invocations ?? 0 };
  }

  /** Counts once more after the end, and gives CloudWatch time to be late where there seem to be too few. */
  async #countLate(deployment: PastDeployment): Promise<void> {
    const { outputs, minuteMs, terminal } = this.#context;
    if (this.#options.shift.windowMinutes === 0) return;
    for (let poll = 0; poll < LATE_POLLS; poll++) {
      await this.#count(deployment).catch(() => undefined);
      const enough = answered(this.#calls) >= outputs.canaryMinimumInvocations;
      if (deployment.status !== "Succeeded" || enough) return;
      terminal.live("waiting for CloudWatch to count the last calls", "late counts");
      await nextPoll(minuteMs);
    }
  }

  async #callWhereNeeded(now: PastDeployment, share: number): Promise<void> {
    const { clients, outputs, minuteMs, terminal } = this.#context;
    const { shift, synthetic, enough } = this.#options;
    if (!synthetic || this.#stoppedBecause || !isActive(now)) return;
    const windowMs = shift.windowMinutes * minuteMs;
    const elapsedPart = windowMs > 0 ? (Date.now() - Number(this.#canarySince)) / windowMs : 1;
    const polls = shift.windowMinutes * POLLS_A_MINUTE;
    const due = callsDue(
      this.#calls,
      outputs.canaryMinimumInvocations,
      { elapsedPart, polls, share },
      enough,
    );
    if (due === 0) return;
    const result = await callAlias(clients, outputs, now.to, due);
    this.#calls = { ...this.#calls, synthetic: this.#calls.synthetic + result.answered };
    const [fault] = result.faults;
    if (fault === undefined) return;
    this.#faults = [...this.#faults, ...result.faults];
    terminal.say(`version ${now.to} answered wrongly: ${fault}; stopping the deployment`);
    await this.#stop(`version ${now.to} answered a marked call wrongly: ${fault}`);
  }

  #show(now: PastDeployment, { weights }: AliasState, alarms: readonly AlarmState[]): void {
    const { outputs, minuteMs, terminal } = this.#context;
    const { shift } = this.#options;
    const share = now.status === "Succeeded" ? 1 : (weights[now.to] ?? 0);
    const red = alarms.filter(({ state }) => state === "ALARM").map(({ name }) => name);
    const hook = `hook ${this.#hook ?? "not known"}`;
    const quiet = red.length > 0 ? `red: ${red.join(", ")}` : `${alarms.length} alarms quiet`;
    const minutes = (Date.now() - (this.#canarySince?.getTime() ?? this.#startedMs)) / minuteMs;
    const left = Math.max(0, shift.windowMinutes - (this.#canarySince ? minutes : 0));
    const canary = [
      `${duration(minutes)}, ${duration(left)} left`,
      `${answered(this.#calls)} of ${outputs.canaryMinimumInvocations} calls (${real(this.#calls)} real)`,
    ];
    const time = shift.windowMinutes > 0 ? canary : [duration(minutes)];
    // What matters most comes first: a narrow terminal cuts the rest off.
    const line = [`${percent(share)} to version ${now.to}`, ...time, hook, quiet, now.status];
    terminal.live(line.join(" · "), `${share} ${hook} ${quiet} ${now.status}`);
  }

  /** Whether the alias is where it was before: a deployment that failed before it moved anything. */
  async #isUnmoved(from: string): Promise<boolean> {
    const { clients, outputs } = this.#context;
    const { version, weights } = await this.#patiently(() => readAlias(clients, outputs));
    return version === from && Object.keys(weights).length === 0;
  }

  /** Follows the deployment that takes this one back, when there is one. */
  async #followRollback({ from }: PastDeployment): Promise<PastDeployment | undefined> {
    const { clients, minuteMs, terminal } = this.#context;
    for (let poll = 0; poll < ROLLBACK_BEGINS_POLLS; poll++) {
      if (poll >= UNMOVED_POLLS && (await this.#isUnmoved(from))) return undefined;
      const { rollbackId } = await this.#patiently(() =>
        readDeployment(clients.codeDeploy, this.#id),
      );
      if (rollbackId) {
        return this.#until(rollbackId, async ({ status, to }) => {
          terminal.live(`rolling back to version ${to}: ${status}`, `rollback ${status}`);
        });
      }
      terminal.live("waiting for CodeDeploy to roll back", "rollback awaited");
      await nextPoll(minuteMs);
    }
    return undefined;
  }
}
