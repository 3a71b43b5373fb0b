/**
 * Gives a process the share of a CPU that Lambda gives a function of some memory, from its first invocation on.
 * Linux control groups do it as Lambda's own sandboxes do; where they may not be written to, the process is
 * stopped and continued by signals, which is coarser.
 */
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** Lambda gives one whole CPU at this many MB (AWS Lambda developer guide, "Configure Lambda function memory"). */
const MB_PER_CPU = 1769;

/** Period of the quota. Measurements of Lambda from outside find 20 ms. */
const PERIOD_US = 20_000;

export const cpuShare = (memoryMb: number): number => Math.min(1, memoryMb / MB_PER_CPU);

export interface Throttle {
  /** How it is done, for the report. */
  readonly method: string;
  /** Limits a process; the returned function lifts the limit. */
  limit(pid: number, share: number): () => void;
  close(): void;
}

/** The best throttle that this machine allows. */
export function openThrottle(): Throttle {
  for (const open of [groupV1, groupV2]) {
    try {
      return open(`bench-${process.pid}`);
    } catch {
      // Not there, or not ours to write to: that is what the next one is for.
    }
  }
  return signals();
}

function groupV1(name: string): Throttle {
  const folder = join("/sys/fs/cgroup/cpu", name);
  mkdirSync(folder);
  const write = (file: string, value: number) => writeFileSync(join(folder, file), String(value));
  write("cpu.cfs_period_us", PERIOD_US);
  // Nothing else on the machine takes away what the quota gives.
  write("cpu.shares", 262_144);
  return {
    method: "control group v1, 20 ms periods",
    limit(pid, share) {
      write("cgroup.procs", pid);
      write("cpu.cfs_quota_us", Math.round(PERIOD_US * share));
      return () => write("cpu.cfs_quota_us", -1);
    },
    close: () => rmdirSync(folder),
  };
}

function groupV2(name: string): Throttle {
  const root = "/sys/fs/cgroup";
  const folder = join(root, name);
  writeFileSync(join(root, "cgroup.subtree_control"), "+cpu");
  mkdirSync(folder);
  writeFileSync(join(folder, "cpu.weight"), "10000");
  return {
    method: "control group v2, 20 ms periods",
    limit(pid, share) {
      writeFileSync(join(folder, "cgroup.procs"), String(pid));
      writeFileSync(join(folder, "cpu.max"), `${Math.round(PERIOD_US * share)} ${PERIOD_US}`);
      return () => writeFileSync(join(folder, "cpu.max"), `max ${PERIOD_US}`);
    },
    close: () => rmdirSync(folder),
  };
}

/** A thread of its own keeps time: this one is busy with the Runtime API. */
const SIGNALLER = `
  const { pid, runMs, stopMs, stop } = require("node:worker_threads").workerData;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const flag = new Int32Array(stop);
  while (Atomics.load(flag, 0) === 0) {
    Atomics.wait(clock, 0, 0, runMs);
    try { process.kill(pid, "SIGSTOP"); } catch { break; }
    Atomics.wait(clock, 0, 0, stopMs);
    try { process.kill(pid, "SIGCONT"); } catch { break; }
  }
`;

function signals(): Throttle {
  return {
    method: "signals, 20 ms periods (control groups may not be written to)",
    limit(pid, share) {
      const stop = new SharedArrayBuffer(4);
      const runMs = (PERIOD_US / 1000) * share;
      const worker = new Worker(SIGNALLER, {
        eval: true,
        workerData: { pid, runMs, stopMs: PERIOD_US / 1000 - runMs, stop },
      });
      worker.unref();
      return () => {
        Atomics.store(new Int32Array(stop), 0, 1);
      };
    },
    close: () => {},
  };
}
