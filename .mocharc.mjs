// Everything that the run loads, in each of its processes and those they start, is compiled once and kept.
import "./local/compile-cache.ts";

export default {
  reporter: "test/support/reporter.ts",
  require: ["test/support/setup.ts"],
  timeout: 60_000,
  parallel: true,
  jobs: 2,
  "forbid-only": true,
};
