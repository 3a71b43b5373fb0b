/** Tells a shell how to reach the local cloud: a file to source, which is there as long as the cloud is. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Refused } from "../../ops/support/refused.ts";
import { isAlive } from "local-aws/process.ts";

/** Where it is unless told otherwise; relative to the project, as people type it. */
export const ENV_FILE = ".cache/cloud/env";

/** They would win over the credentials of the local cloud, or add to them. */
const UNSET = ["AWS_PROFILE", "AWS_SESSION_TOKEN"];

/** The lines that a POSIX shell takes. */
export function shellText(environment: Readonly<Record<string, string>>, pid: number): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  return [`# local cloud of process ${pid}`, `unset ${UNSET.join(" ")}`, ...exports, ""].join("\n");
}

/** Writes the file. */
export async function writeEnvFile(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, shellText(environment, process.pid), { mode: 0o600 });
}

export const removeEnvFile = (file: string): Promise<void> => rm(file, { force: true });

/** Throws `Refused` while another local cloud runs whose file this is. */
export async function refuseSecondCloud(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number(/^# local cloud of process (\d+)$/m.exec(text)?.[1] ?? 0);
  if (pid > 0 && isAlive(pid)) {
    throw new Refused(
      `a local cloud is running (process ${pid}) whose file is ${file}`,
      "use it, end it with Ctrl-C there, or name another --variables",
    );
  }
}
