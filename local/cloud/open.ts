/** The local cloud with this service in it: its config, its outputs, and where commands find those. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, type Deployed, withCloud } from "local-aws/cloud/session.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { parseSettings, type Settings } from "../../infra/settings/parse.ts";
import { answersOf } from "../answers.ts";
import { putSecrets } from "../secrets/put.ts";
import { localSecrets } from "../secrets/values.ts";
import { prepareForApi } from "./api.ts";
import { checkConfig } from "../../ops/support/check-config.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { Refused } from "../../ops/support/refused.ts";
import { rawSettings, withoutPlaceholder } from "../../ops/support/stack-config.ts";
import { OUTPUTS_FILE_VARIABLE, parseOutputs } from "../../ops/support/stack-outputs.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { type Changes, withSettings } from "../with-settings.ts";

/** The local cloud, with the outputs in the service's own type. */
export interface ServiceCloud extends Omit<Cloud, "up"> {
  /** `pulumi up` by the stack's file as it is then: of this project, or of the program in another folder. */
  up(program?: string): Promise<ServiceDeployed>;
}

export interface ServiceDeployed extends Omit<Deployed, "outputs"> {
  readonly settings: Settings;
  readonly outputs: StackOutputs;
}

export interface ServiceCloudOptions {
  readonly stack: string;
  /** Length of a minute: a canary of five minutes takes five of these. */
  readonly minuteMs: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** File with values of the config's secrets. Default: they are made up. */
  readonly secrets?: string | undefined;
  /** Config in place of the stack's own. */
  readonly set?: Changes | undefined;
}

/** Starts it, lets `work` use it, and takes everything away again, however `work` ends. */
export async function withServiceCloud(
  { stack, minuteMs, terminal, signal, secrets, set }: ServiceCloudOptions,
  work: (cloud: ServiceCloud) => Promise<void>,
): Promise<void> {
  const read = () => {
    const checked = withSettings(PROJECT_ROOT, checkConfig(PROJECT_ROOT, stack), set);
    const config = withoutPlaceholder(checked);
    return { notes: checked.notes, config, settings: parseSettings(rawSettings(config)) };
  };
  const begun = read();
  for (const note of begun.notes) terminal.say(`note: ${note}`);
  // A file that cannot be read says so before anything is started.
  await localSecrets(begun.settings.secrets, secrets);
  const { region } = begun.settings;
  const { progress } = terminal;
  const program = PROJECT_ROOT;
  const answers = answersOf(program);
  const config = () => read().config;
  const options = { program, config, region, answers, minuteMs, signal, progress };
  await withCloud(options, async (cloud) => {
    const file = join(cloud.folder, "outputs.json");
    await work({
      ...cloud,
      environment: { ...cloud.environment, [OUTPUTS_FILE_VARIABLE]: file },
      up: async (program) => {
        const { settings } = read();
        if (settings.region !== region) {
          throw new Refused(
            `aws:region: "${settings.region}"; this local cloud is in ${region}`,
            "end it with Ctrl-C and start it again",
          );
        }
        await putSecrets(await localSecrets(settings.secrets, secrets), cloud.environment);
        await prepareForApi(cloud.environment, settings);
        const deployed = await cloud.up(program);
        const text = JSON.stringify(deployed.outputs, undefined, 2);
        await writeFile(file, text);
        return { ...deployed, settings, outputs: parseOutputs(stack, text, "the local cloud") };
      },
    });
  });
}
