/** The local cloud with this service in it: its config, its outputs, and where commands find those. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, type Deployed, withCloud } from "local-aws/cloud/session.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { parseSettings, type Settings } from "../../infra/settings/parse.ts";
import { answersOf } from "../answers.ts";
import { putSecrets } from "../secrets/put.ts";
import { localSecrets } from "../secrets/values.ts";
import { checkConfig } from "../../ops/support/check-config.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { rawSettings, withoutPlaceholder } from "../../ops/support/stack-config.ts";
import { OUTPUTS_FILE_VARIABLE, parseOutputs } from "../../ops/support/stack-outputs.ts";
import type { Terminal } from "../../ops/support/terminal.ts";
import { type Changes, withSettings } from "../with-settings.ts";

/** The local cloud, with the outputs in the service's own type. */
export interface ServiceCloud extends Omit<Cloud, "up"> {
  /** The stack's. */
  readonly settings: Settings;
  /** `pulumi up`: of this project, or of the program in another folder. */
  up(program?: string): Promise<Omit<Deployed, "outputs"> & { readonly outputs: StackOutputs }>;
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
  const checked = withSettings(PROJECT_ROOT, checkConfig(PROJECT_ROOT, stack), set);
  for (const note of checked.notes) terminal.say(`note: ${note}`);
  const config = withoutPlaceholder(checked);
  const settings = parseSettings(rawSettings(config));
  const values = await localSecrets(settings.secrets, secrets);
  const region = config.values["aws:region"] ?? "";
  const { progress } = terminal;
  const program = PROJECT_ROOT;
  const answers = answersOf(program);
  const options = { program, config, region, answers, minuteMs, signal, progress };
  await withCloud(options, async (cloud) => {
    const file = join(cloud.folder, "outputs.json");
    await putSecrets(values, cloud.environment);
    await work({
      ...cloud,
      settings,
      environment: { ...cloud.environment, [OUTPUTS_FILE_VARIABLE]: file },
      up: async (program) => {
        const deployed = await cloud.up(program);
        const text = JSON.stringify(deployed.outputs, undefined, 2);
        await writeFile(file, text);
        return { ...deployed, outputs: parseOutputs(stack, text, "the local cloud") };
      },
    });
  });
}
