/** An esbuild plugin that puts other smoke events into the hook than the domain's. */
import type { Plugin } from "esbuild";
import type { SmokeEvent } from "../../function/platform/smoke.ts";

export const withSmokeEvents = (events: readonly SmokeEvent[]): Plugin => ({
  name: "smoke-events",
  setup(build) {
    const namespace = "smoke-events";
    build.onResolve({ filter: /\/function\/domain\/smoke-events\.ts$/ }, ({ path }) => ({
      path,
      namespace,
    }));
    build.onLoad({ filter: /.*/, namespace }, () => ({
      contents: `export const SMOKE_EVENTS = ${JSON.stringify(events)};`,
    }));
  },
});
