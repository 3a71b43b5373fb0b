/** What differs between two versions, in words. Values of the environment are never shown. Pure. */
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";

export function changesBetween(
  before: FunctionConfiguration | undefined,
  after: FunctionConfiguration | undefined,
): readonly string[] {
  if (!before || !after) return [];
  const facts: [
    what: string,
    of: (configuration: FunctionConfiguration) => string | number | undefined,
  ][] = [
    ["code", ({ CodeSha256 = "" }) => CodeSha256.slice(0, 12)],
    ["memory in MB", ({ MemorySize }) => MemorySize],
    ["timeout in seconds", ({ Timeout }) => Timeout],
    ["runtime", ({ Runtime }) => Runtime],
    ["architecture", ({ Architectures }) => Architectures?.join(", ")],
    ["application log level", ({ LoggingConfig }) => LoggingConfig?.ApplicationLogLevel],
  ];
  const changed = facts.flatMap(([what, of]) => {
    const [old, now] = [of(before), of(after)];
    return old === now ? [] : `${what}: ${old ?? "none"} → ${now ?? "none"}`;
  });
  const variables = changedKeys(before.Environment?.Variables, after.Environment?.Variables);
  return variables.length > 0 ? [...changed, `environment: ${variables.join(", ")}`] : changed;
}

function changedKeys(
  before: Readonly<Record<string, string>> = {},
  after: Readonly<Record<string, string>> = {},
): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => before[key] !== after[key])
    .sort((left, right) => left.localeCompare(right));
}
