/** Settings for tests of parts: every key has the value of its default. */
import { parseSettings, type Settings } from "../../infra/settings/parse.ts";
import { readStackConfig } from "../../ops/support/stack-config.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** The settings of staging as shipped, with some of another value. */
export function testSettings(overrides: Partial<Settings> = {}): Settings {
  const { project, values } = readStackConfig(ROOT, "staging");
  const own = Object.entries(values)
    .filter(([key]) => key.startsWith(`${project}:`))
    .map(([key, value]) => [key.slice(project.length + 1), value]);
  const settings = parseSettings({
    environment: "staging",
    region: "us-east-1",
    values: Object.fromEntries(own) as Record<string, string>,
  });
  return { ...settings, ...overrides };
}
