/** git, as commands of this machine ask it. */
import { execa } from "execa";

/** Runs git and returns what it printed. */
export type Git = (...args: string[]) => Promise<string>;

/** git in a folder. */
export const gitIn =
  (folder: string, cancelSignal?: AbortSignal): Git =>
  async (...args) => {
    const options = { cwd: folder, ...(cancelSignal && { cancelSignal }) };
    return (await execa("git", args, options)).stdout;
  };
