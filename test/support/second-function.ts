/** A function of the tests' own beside the service's, as `infra/own/functions.ts` would list it. */
import { allow, of } from "../../infra/identity/document.ts";
import { ownName } from "../../infra/names.ts";
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import { watch } from "../../infra/observability/alarms.ts";
import { smokeEvent } from "../../function/platform/smoke.ts";

export const SECOND: OwnFunction = {
  name: "statements",
  entryPoint: "test/fixtures/statements/handler.ts",
  smokeEvents: [
    smokeEvent("month", { month: "2026-01" }, 200, { pages: 1 }),
    smokeEvent("no month", { month: "" }, 400),
  ],
  settings: ({ memoryMb }) => ({ memoryMb: memoryMb * 2, timeoutSeconds: 60, logLevel: "error" }),
  environment: (settings) => ({ ARCHIVE: ownName(settings, "archive") }),
  rights: ({ partition }, scope) => [
    allow("ReadArchive", of("s3", "GetObject"), [
      `arn:${partition}:s3:::${ownName(scope, "archive")}/*`,
    ]),
  ],
  alarms: (settings) => ({
    "pages-waiting": {
      severity: "P3",
      meaning: "Pages have waited for more than ten minutes.",
      runbook: "errors",
      rule: watch(
        {
          namespace: "AWS/SQS",
          metricName: "ApproximateAgeOfOldestMessage",
          dimensions: { QueueName: ownName(settings, "pages") },
        },
        "Maximum",
        { above: 600, window: 300 },
      ),
    },
  }),
};

/** This module, as the list of functions for `runProgram`. */
export const SECOND_FUNCTION = import.meta.url;

export const ownFunctions: readonly OwnFunction[] = [SECOND];
