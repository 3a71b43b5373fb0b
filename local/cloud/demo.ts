/** The story of a release that goes wrong, played by the very commands of this project on the local cloud. */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { StackOutputs } from "../../infra/outputs.ts";
import { Refused } from "../../ops/support/refused.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { minuteMs } from "../../ops/support/pace.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { hearAlarms, type OnCall } from "./on-call.ts";
import type { ServiceCloud } from "./open.ts";
import { ASYNCHRONOUS_ONLY, MIXED, sendTraffic } from "./traffic.ts";
import { makeVariant } from "./variant.ts";

const CALLS_PER_SECOND = 25;
/** The last asynchronous calls have failed at every try after three minutes. */
const SETTLE_MINUTES = 4;
/** Dead letters are counted every five minutes, and CloudWatch says so two minutes later. */
const HEARD_MINUTES = 12;

interface Stage {
  readonly cloud: ServiceCloud;
  readonly stack: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Plays it. Throws `Refused` when an act does not end as told. */
export async function playDemo(stage: Stage): Promise<void> {
  const { cloud, terminal } = stage;

  title(stage, "1 of 5: deploy the service and release its first version");
  const onCall = await hearAlarms(cloud.environment, await deploy(stage));
  await act(stage, 0, "release", "--yes");

  title(stage, "2 of 5: a good build, judged by a canary under traffic");
  const good = await deploy(stage, await makeVariant(cloud.folder, "good"));
  await underTraffic(stage, good, () => act(stage, 0, "release", "--yes"));

  title(stage, "3 of 5: a bad build, which its smoke events do not find out");
  const bad = await deploy(stage, await makeVariant(cloud.folder, "bad"));
  // Whatever turns the canary's alarm red is then also a dead letter to replay.
  await underTraffic(stage, bad, () => act(stage, 1, "release", "--yes"), ASYNCHRONOUS_ONLY);
  await showHeard(stage, onCall);

  title(stage, "4 of 5: what the canary's users sent asynchronously has failed at every try");
  // Users go on calling, or the tries that fail would be all that the alarms see.
  await underTraffic(stage, bad, () => untilHeard(stage, onCall));
  await act(stage, 0, "replay", "--yes", "--rate", "100");

  title(stage, "5 of 5: the bad version is remembered");
  await act(stage, 1, "release", "--yes");
  terminal.say(
    "\nEnd of the demonstration: the service runs its good version, and no event was lost.",
  );
}

/** Waits until the last calls are over, and then until somebody is called because of them. */
async function untilHeard(stage: Stage, onCall: OnCall): Promise<void> {
  const messages: string[] = [];
  for (let minute = 0; minute < HEARD_MINUTES; minute++) {
    if (minute >= SETTLE_MINUTES && messages.length > 0) break;
    await sleep(minuteMs(stage.cloud.environment), undefined, { signal: stage.signal });
    messages.push(...(await onCall.heard()));
  }
  show(stage, messages);
}

/** What the alarms have told people since. */
const showHeard = async (stage: Stage, onCall: OnCall): Promise<void> =>
  show(stage, await onCall.heard());

function show({ terminal }: Stage, messages: readonly string[]): void {
  if (messages.length === 0) terminal.say("meanwhile no alarm called anybody");
  for (const message of messages) terminal.say(`the person on call is sent:\n${indented(message)}`);
}

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");

const title = ({ terminal }: Stage, text: string) => terminal.say(`\n# ${text}`);

async function deploy({ cloud, terminal, stack }: Stage, program?: string): Promise<StackOutputs> {
  terminal.say(`$ pulumi up --stack ${stack}`);
  terminal.live("deploying", "deploying");
  const { outputs, summary } = await cloud.up(program);
  const done = Object.entries(summary).map(([op, count]) => `${count} ${op}`);
  terminal.say(`${done.join(", ")}; version ${outputs.functionVersion} is published`);
  return outputs;
}

/** Runs a command as a user would. */
async function act(
  { cloud, stack, terminal, signal }: Stage,
  expected: 0 | 1,
  name: string,
  ...args: string[]
): Promise<void> {
  const shown = [name, "--", "--stack", stack, ...args].join(" ");
  terminal.say(`$ npm run ${shown}`);
  const script = join(PROJECT_ROOT, "ops", `${name}.ts`);
  const { exitCode } = await execa(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, "--stack", stack, ...args],
    {
      cwd: PROJECT_ROOT,
      env: cloud.environment,
      stdio: ["ignore", "inherit", "inherit"],
      reject: false,
      // A release that is interrupted goes back first: it gets one signal, from here, not Ctrl-C's as well.
      detached: true,
      cancelSignal: signal,
      forceKillAfterDelay: 30_000,
    },
  );
  signal.throwIfAborted();
  if (exitCode !== expected) {
    throw new Refused(`npm run ${shown} ended with status ${exitCode} instead of ${expected}`);
  }
}

/** Lets users call the service while `work` runs, and says how they fared. */
async function underTraffic(
  stage: Stage,
  outputs: StackOutputs,
  work: () => Promise<void>,
  answeredEvery: number = MIXED,
): Promise<void> {
  const { cloud, terminal, signal } = stage;
  const ended = new AbortController();
  const traffic = sendTraffic(
    cloud.environment,
    outputs,
    CALLS_PER_SECOND,
    AbortSignal.any([ended.signal, signal]),
    answeredEvery,
  );
  try {
    await work();
  } finally {
    ended.abort();
    const { calls, failed, asynchronous } = await traffic;
    terminal.say(
      `meanwhile users sent ${calls} calls, ${asynchronous} of them asynchronous; ${failed} were answered with an error`,
    );
  }
}
