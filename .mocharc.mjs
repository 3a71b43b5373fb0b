// Everything that the run loads, in each of its processes and those they start, is compiled once and kept.
import "./test/support/small-cache.ts";
import "./local/compile-cache.ts";

// For mocha's workers, which get the options of this process.
process.execArgv.push("--disable-warning=ExperimentalWarning");

export default {
  reporter: "test/support/reporter.ts",
  require: ["test/support/setup.ts"],
  timeout: 60_000,
  parallel: true,
  jobs: 2,
  "forbid-only": true,
};
