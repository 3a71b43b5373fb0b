/** Severities of log lines, least first, as the handler's logger and Lambda write them. */
export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL", "FATAL"] as const;
export type Level = (typeof LEVELS)[number];

/** Words that other loggers use. */
const SYNONYMS: Readonly<Record<string, Level>> = {
  VERBOSE: "DEBUG",
  INFORMATION: "INFO",
  NOTICE: "INFO",
  WARNING: "WARN",
  ERR: "ERROR",
  SEVERE: "ERROR",
  EMERGENCY: "FATAL",
};

/** The numbers of pino and bunyan: 10 is trace, each further ten one level more. */
const BY_TENS: readonly Level[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** A level as any logger writes it: a word in any case, or a number. */
export function levelOf(value: unknown): Level | undefined {
  if (typeof value === "number") {
    return BY_TENS[Math.min(Math.max(Math.floor(value / 10), 1), BY_TENS.length) - 1];
  }
  if (typeof value !== "string") return undefined;
  const word = value.toUpperCase();
  return LEVELS.find((known) => known === word) ?? SYNONYMS[word];
}

/** Whether a level is at least as severe as another. */
export const atLeast = (level: Level, least: Level): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(least);
