/**
 * Follows a deployment to its end, and the one that rolls it back: shows its status, makes synthetic calls where
 * traffic is low, and stops it when the user, a wrong answer or a hook that does not report says so.
 *
 * A poll that fails (throttling, network) is made again: the deployment goes on in AWS meanwhile.
 */
import {
  BatchGetDeploymentTargetsCommand,
  DeploymentAlreadyCompletedException,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { DELIVERY_MINUTES, HOOK_GRACE_MINUTES } from "../../infra/release/limits.ts";
import type { Shift } from "../../infra/release/shift.ts";
import { type AliasState, hasWeights, readAlias } from "../support/alias.ts";
import { explained, HOPELESS } from "../support/aws.ts";
import { INTERRUPTED, unlessInterrupted } from "../support/interrupt.ts";
import { nextPoll, POLLS_A_MINUTE } from "../support/pace.ts";
import { isRefusal, Refused, render } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import { duration, percent } from "../support/words.ts";
import { callsByVersion } from "./calls.ts";
import { readDeployment } from "./deployments.ts";
import { isActive, type PastDeployment } from "./history.ts";
import { callVersion } from "./synthetic.ts";
import { answered, callsDue, type CanaryCalls } from "./traffic.ts";
import { readCanaryAlarms } from "./watch.ts";

export interface FollowOptions {
  readonly shift: Shift;
  /** Whether an interruption stops the deployment; else it only ends the following. */
  readonly ours: boolean;
  /** Whether synthetic calls are made where real ones are too few. */
  readonly synthetic: boolean;
  /** Whether real calls should be enough by themselves. */
  readonly enough: boolean;
  /** Remembers at once what the version answered wrongly: a command that is killed later must not forget it. */
  readonly remember: (fault: string) => Promise<void>;
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
  /** Whether the user stopped it. */
  readonly interrupted: boolean;
  /** Why it was stopped although nothing was found wrong with the version. */
  readonly guardFault?: string | undefined;
  /** What the new version answered wrongly to synthetic calls. */
  readonly faults: readonly string[];
  /** How the pre-traffic hook ended, in CodeDeploy's words; `undefined` when it is not known. */
  readonly hook?: string | undefined;
  /** Whether CloudWatch has had the time to deliver everything. */
  readonly complete: boolean;
}

/** Polls that may fail one after the other before the following ends: two minutes. */
const MOST_FAILED_POLLS = 2 * POLLS_A_MINUTE;
/** CloudWatch is asked at every so manieth poll: its figures change once a minute. */
const POLLS_PER_COUNT = 6;
/** How long CodeDeploy may take to begin the rollback. */
const ROLLBACK_BEGINS_POLLS = 3 * POLLS_A_MINUTE;
/** After this many polls no rollback is awaited any more where there is nothing to take back. */
const UNMOVED_POLLS = 6;

const HOOK_WAITS = ["Pending", "InProgress"];

export const followDeployment = (
  session: Session,
  id: string,
  options: FollowOptions,
): Promise<Followed> => new Following(session, id, options).toEnd();

class Following {
  readonly #session: Session;
  readonly #id: string;
  readonly #options: FollowOptions;
  readonly #begunMs = performance.now();
  #canaryBegunMs: number | undefined;
  #hookBegunMs: number | undefined;
  #calls: CanaryCalls = { real: 0, synthetic: 0 };
  #faults: readonly string[] = [];
  #guardFault: string | undefined;
  #interrupted = false;
  #hook: string | undefined;
  #polls = 0;

  constructor(session: Session, id: string, options: FollowOptions) {
    this.#session = session;
    this.#id = id;
    this.#options = options;
  }

  async toEnd(): Promise<Followed> {
    const { clients, outputs, terminal } = this.#session;
    const deployment = await this.#until(this.#id, (now) => this.#poll(now));
    const rollback =
      deployment.status === "Succeeded" ? undefined : await this.#followRollback(deployment);
    const alias = await this.#patiently(() => readAlias(clients, outputs));
    const complete = await this.#countLate(deployment);
    terminal.quiet();
    return {
      shift: this.#options.shift,
      deployment,
      rollback,
      alias,
      calls: this.#calls,
      interrupted: this.#interrupted,
      guardFault: this.#guardFault,
      faults: this.#faults,
      hook: this.#hook,
      complete,
    };
  }

  /** Once it is being stopped, an interruption has been heard: it must not make the waits short. */
  get #stopping(): boolean {
    return this.#interrupted || this.#guardFault !== undefined || this.#faults.length > 0;
  }

  /** The signal that ends waits; none once it has done what it can. */
  get #signal(): AbortSignal | undefined {
    return this.#stopping ? undefined : this.#session.interrupted;
  }

  /** Polls until the deployment is over. */
  async #until(id: string, poll: (now: PastDeployment) => Promise<void>): Promise<PastDeployment> {
    const { clients, minuteMs } = this.#session;
    for (;;) {
      await this.#hearInterruption();
      const now = await this.#hearing(() => readDeployment(clients.codeDeploy, id));
      if (!now) continue;
      await poll(now);
      if (!isActive(now)) return now;
      await nextPoll(minuteMs, this.#signal);
    }
  }

  /** What a poll finds; `undefined` when the user interrupts it, which is then to be heard first. */
  async #hearing<T>(poll: () => Promise<T>): Promise<T | undefined> {
    const signal = this.#signal;
    if (!signal) return this.#patiently(poll);
    try {
      return await unlessInterrupted(signal, () => this.#patiently(poll));
    } catch (error) {
      if (isRefusal(error) && error.reason === INTERRUPTED) return undefined;
      throw error;
    }
  }

  /** Makes a poll again when AWS does not answer it. Throws when it never does, and when waiting cannot help. */
  async #patiently<T>(poll: () => Promise<T>): Promise<T> {
    const { minuteMs, terminal } = this.#session;
    for (let failed = 1; ; failed++) {
      try {
        return await poll();
      } catch (error) {
        const reason = explained(error);
        const hopeless = isRefusal(reason) && HOPELESS.includes(reason.reason ?? "");
        if (hopeless || failed >= MOST_FAILED_POLLS) {
          const why = isRefusal(reason) ? render(reason) : String(reason);
          throw new Refused(
            `${why}; deployment ${this.#id} goes on without this command, and its alarms still watch it`,
            "run it again to follow",
          );
        }
        terminal.live(`AWS does not answer: ${(error as Error).name}; trying again`, "no answer");
        await nextPoll(minuteMs, this.#signal);
      }
    }
  }

  async #poll(now: PastDeployment): Promise<void> {
    const { clients, outputs } = this.#session;
    const seen = await this.#hearing(() =>
      Promise.all([readAlias(clients, outputs), readCanaryAlarms(clients, outputs)]),
    );
    if (!seen) return;
    const [alias, alarms] = seen;
    await this.#watchHook(now);
    const share = alias.weights[now.to] ?? 0;
    if (share > 0) {
      this.#canaryBegunMs ??= performance.now();
      if (this.#polls++ % POLLS_PER_COUNT === 0) await this.#count(now).catch(() => undefined);
      await this.#callWhereNeeded(now);
    }
    const red = alarms.flatMap(({ AlarmName, StateValue }) =>
      StateValue === "ALARM" && AlarmName !== undefined && now.alarmNames.includes(AlarmName)
        ? [AlarmName]
        : [],
    );
    this.#show(now, alias, red);
  }

  /** Stops the deployment when the user has asked for it. */
  async #hearInterruption(): Promise<void> {
    if (!this.#session.interrupted.aborted || this.#stopping) return;
    if (!this.#options.ours) {
      throw new Refused(`interrupted; deployment ${this.#id} goes on, and was not touched`);
    }
    this.#session.terminal.say("interrupted: stopping the deployment; it is being rolled back");
    this.#interrupted = true;
    await this.#stop();
  }

  async #stop(): Promise<void> {
    const { clients } = this.#session;
    const command = new StopDeploymentCommand({
      deploymentId: this.#id,
      autoRollbackEnabled: true,
    });
    await this.#patiently(() =>
      clients.codeDeploy.send(command).catch((error: unknown) => {
        if (!(error instanceof DeploymentAlreadyCompletedException)) throw error;
      }),
    );
  }

  /**
   * Asks how the hook fares until it has ended. CodeDeploy waits an hour for a hook that has crashed or may not
   * report; the hook's own timeout says when there is nothing to wait for any more.
   */
  async #watchHook(now: PastDeployment): Promise<void> {
    if (this.#hook !== undefined && !HOOK_WAITS.includes(this.#hook)) return;
    this.#hook = await this.#hearing(() => this.#readHook());
    if (this.#hook !== "InProgress") return;
    const { outputs, minuteMs, terminal } = this.#session;
    this.#hookBegunMs ??= performance.now();
    const limitMs = outputs.hookTimeoutSeconds * 1000 + HOOK_GRACE_MINUTES * minuteMs;
    if (this.#stopping || !isActive(now)) return;
    if (performance.now() - this.#hookBegunMs < limitMs) return;
    this.#guardFault = `the pre-traffic hook ${outputs.hookFunctionName} has not reported within its ${outputs.hookTimeoutSeconds} s: it crashed, ran out of memory, or may not report; see its logs`;
    terminal.say(`${this.#guardFault}; stopping the deployment`);
    await this.#stop();
  }

  async #readHook(): Promise<string | undefined> {
    const { codeDeploy } = this.#session.clients;
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

  /** Reads how many real calls the new version has answered. */
  async #count({ to, createdMs }: PastDeployment): Promise<void> {
    const { clients, outputs } = this.#session;
    const [counted] = await callsByVersion(clients, outputs, [to], createdMs);
    this.#calls = { ...this.#calls, real: counted?.invocations ?? 0 };
  }

  /**
   * Waits after the shift until CloudWatch has delivered what was counted in its last minute: errors of that
   * minute are the version's too. Tells whether it has waited to the end.
   */
  async #countLate(deployment: PastDeployment): Promise<boolean> {
    const { clients, minuteMs, terminal, interrupted } = this.#session;
    if (deployment.status !== "Succeeded" || this.#options.shift.windowMinutes === 0) {
      await this.#count(deployment).catch(() => undefined);
      return true;
    }
    const deliveredMs = (deployment.completedMs ?? clients.now()) + DELIVERY_MINUTES * minuteMs;
    while (clients.now() < deliveredMs && !interrupted.aborted) {
      terminal.live("waiting for CloudWatch to count the last calls", "late counts");
      await nextPoll(minuteMs, interrupted);
    }
    await this.#hearing(() => this.#count(deployment));
    await this.#callWhereNeeded(deployment);
    return !interrupted.aborted;
  }

  async #callWhereNeeded(now: PastDeployment): Promise<void> {
    const { clients, outputs, minuteMs, terminal, interrupted } = this.#session;
    const { shift, synthetic, enough } = this.#options;
    if (!synthetic || this.#stopping || interrupted.aborted) return;
    const windowMs = shift.windowMinutes * minuteMs;
    const elapsedMs = performance.now() - (this.#canaryBegunMs ?? this.#begunMs);
    const elapsedPart = windowMs > 0 && isActive(now) ? elapsedMs / windowMs : 1;
    const polls = shift.windowMinutes * POLLS_A_MINUTE;
    const minimum = outputs.canaryMinimumInvocations;
    const due = callsDue(this.#calls, minimum, { elapsedPart, polls }, enough);
    if (due === 0) return;
    const result = await callVersion(clients, outputs, now.to, due, interrupted);
    this.#calls = { ...this.#calls, synthetic: this.#calls.synthetic + result.answered };
    const [fault] = result.faults;
    if (fault === undefined) return;
    this.#faults = [...this.#faults, ...result.faults];
    terminal.say(`version ${now.to} answered a synthetic call wrongly: ${fault}`);
    // CodeDeploy will only know that it was stopped by hand.
    await this.#options.remember(fault).catch(() => undefined);
    if (isActive(now)) await this.#stop();
  }

  #show(now: PastDeployment, { weights }: AliasState, red: readonly string[]): void {
    const { outputs, minuteMs, terminal } = this.#session;
    const { shift } = this.#options;
    const share = now.status === "Succeeded" ? 1 : (weights[now.to] ?? 0);
    const hook = `hook ${this.#hook ?? "not known"}`;
    const quiet =
      red.length > 0 ? `red: ${red.join(", ")}` : `${now.alarmNames.length} alarms quiet`;
    const minutes = (performance.now() - (this.#canaryBegunMs ?? this.#begunMs)) / minuteMs;
    const left = Math.max(0, shift.windowMinutes - (this.#canaryBegunMs ? minutes : 0));
    const { real } = this.#calls;
    const canary = [
      `${duration(minutes)}, ${duration(left)} left`,
      `${answered(this.#calls)} of ${outputs.canaryMinimumInvocations} calls (${real} real)`,
    ];
    const time = shift.windowMinutes > 0 ? canary : [duration(minutes)];
    // What matters most comes first: a narrow terminal cuts the rest off.
    const line = [`${percent(share)} to version ${now.to}`, ...time, hook, quiet, now.status];
    terminal.live(line.join(" · "), `${share} ${hook} ${quiet} ${now.status}`);
  }

  /** Whether the alias is where it was before: a deployment that failed before it moved anything. */
  async #isUnmoved(from: string): Promise<boolean> {
    const { clients, outputs } = this.#session;
    const alias = await this.#patiently(() => readAlias(clients, outputs));
    return alias.version === from && !hasWeights(alias);
  }

  /** Follows the deployment that takes this one back, when there is one. */
  async #followRollback({ from }: PastDeployment): Promise<PastDeployment | undefined> {
    const { clients, minuteMs, terminal } = this.#session;
    for (let poll = 0; poll < ROLLBACK_BEGINS_POLLS; poll++) {
      if (poll >= UNMOVED_POLLS && (await this.#isUnmoved(from))) return undefined;
      const { rollbackId } = await this.#patiently(() =>
        readDeployment(clients.codeDeploy, this.#id),
      );
      if (rollbackId) return this.#rollbackEnd(rollbackId);
      terminal.live("waiting for CodeDeploy to roll back", "rollback awaited");
      await nextPoll(minuteMs);
    }
    return undefined;
  }

  async #rollbackEnd(id: string): Promise<PastDeployment> {
    const { clients, minuteMs, terminal } = this.#session;
    for (;;) {
      const now = await this.#patiently(() => readDeployment(clients.codeDeploy, id));
      terminal.live(`rolling back to version ${now.to}: ${now.status}`, `rollback ${now.status}`);
      if (!isActive(now)) return now;
      await nextPoll(minuteMs);
    }
  }
}
