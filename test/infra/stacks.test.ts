import { expect } from "chai";
import { type RecordedResource, runProgram } from "../support/mocks.ts";

/** Inputs by path, `resource input.path`, policies and the like taken apart. */
function leaves(value: unknown, path: string, found = new Map<string, unknown>()) {
  const document: unknown =
    typeof value === "string" && value.startsWith("{") ? JSON.parse(value) : value;
  if (typeof document !== "object" || document === null) return found.set(path, document);
  for (const [key, item] of Object.entries(document as Record<string, unknown>)) {
    leaves(item, path.includes(" ") ? `${path}.${key}` : `${path} ${key}`, found);
  }
  return found;
}

/** Where the resources of two stacks differ, but for the name of the environment. */
function differences(
  staging: readonly RecordedResource[],
  production: readonly RecordedResource[],
): string[] {
  const [one, other] = [staging, production].map((resources) => {
    const found = new Map<string, unknown>();
    for (const { name, inputs } of resources) {
      const text = JSON.stringify(inputs)
        .replaceAll("production", "staging")
        .replaceAll("Production", "Staging");
      leaves(JSON.parse(text), name, found);
    }
    return found;
  });
  const paths = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
  return [...paths].filter((path) => one?.get(path) !== other?.get(path));
}

describe("two stacks", () => {
  it("differ only in what their config sets otherwise", async () => {
    const staging = await runProgram();
    const production = await runProgram({ stack: "production" });

    expect(differences(staging.resources, production.resources)).to.have.members([
      "function memorySize",
      "function environment.variables.LOG_LEVEL",
      "function environment.variables.POWERTOOLS_LOG_LEVEL",
      "function loggingConfig.applicationLogLevel",
      "errors-alarm threshold",
      "errors-alarm alarmDescription",
      "duration-alarm threshold",
      "duration-alarm alarmDescription",
      "canary-duration-alarm threshold",
      "canary-duration-alarm alarmDescription",
      // The smoke calls are held to the duration that the alarm allows.
      "hook environment.variables.SLOWEST_CALL_MS",
      "group deploymentConfigName",
    ]);
  });
});
