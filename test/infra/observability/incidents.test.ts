import { expect } from "chai";
import type { Settings } from "../../../infra/settings.ts";
import { compositeAlarms, serviceAlarms } from "../../../infra/observability/alarms.ts";
import { testSettings } from "../../support/settings.ts";
import { type Minute, play, playThrough, type Ring, times } from "./support/incident.ts";

const busy: Minute = { calls: 200, memoryMb: 120, logMb: 0.3, claimed: 40 };
const quietDay: Minute = { calls: 2, memoryMb: 110, logMb: 0.01, claimed: 10 };
const idle: Minute = {};

/** What the specification asks of production. */
const SETTINGS = {
  errorAlarmThreshold: 3,
  durationAlarmMs: 8000,
  timeoutSeconds: 30,
  memoryMb: 400,
  throttleAlarmThreshold: 1,
  trafficShift: "Canary10Percent5Minutes",
} satisfies Partial<Settings>;

/** For example `P1 down@2, P2 given-up@14`: level, alarm and minute of each ring. */
const say = (rings: readonly Ring[], { timed = false } = {}): string =>
  rings
    .map(({ severity, alarm, minute }) => `${severity} ${alarm}${timed ? `@${minute}` : ""}`)
    .join(", ");

interface Incident {
  readonly what: string;
  readonly minutes: readonly Minute[];
  /** Who is called, in this order. */
  readonly rings: string;
  readonly settings?: Partial<Settings>;
}

const repeat = (count: number, minutes: readonly Minute[]): Minute[] =>
  Array.from({ length: count }, () => minutes).flat();

const calm = times(15, busy);
/** The minute in which the pre-traffic hook runs. */
const release: Minute = { ...busy, hookRuns: 1 };
const after = times(20, busy);

const INCIDENTS: readonly Incident[] = [
  { what: "a quiet day", minutes: times(60, quietDay), rings: "" },
  { what: "a busy, healthy day", minutes: times(60, busy), rings: "" },
  { what: "a night without a call", minutes: times(60, idle), rings: "" },
  {
    what: "one bad call at night",
    minutes: [...times(20, idle), { calls: 1, errors: 1 }, ...times(20, idle)],
    rings: "",
  },
  {
    what: "three tries of one poisoned event, which then waits",
    minutes: [
      ...times(10, quietDay),
      { ...quietDay, errors: 1 },
      { ...quietDay, errors: 1 },
      quietDay,
      { ...quietDay, errors: 1, givenUp: 1, waiting: 1 },
      ...times(20, { ...quietDay, waiting: 1 }),
    ],
    rings: "P2 given-up",
  },
  {
    what: "a total outage",
    minutes: [...calm, ...times(15, { ...busy, errors: 200 }), ...after],
    rings: "P1 down",
  },
  {
    what: "an outage behind HTTP, where every failure is an answer",
    minutes: [...calm, ...times(15, { ...busy, answered500: 200 }), ...after],
    rings: "P1 down",
  },
  {
    what: "an outage in which one of twenty calls still succeeds",
    minutes: [...calm, ...times(15, { ...busy, errors: 190 }), ...after],
    rings: "P1 down",
  },
  {
    what: "an outage that throttles everything",
    minutes: [...calm, ...times(15, { throttles: 200 }), ...after],
    rings: "P4 throttles, P1 down",
  },
  {
    what: "asynchronous events that all fail, at little traffic",
    minutes: [
      ...times(10, quietDay),
      ...times(15, { calls: 3, errors: 3, givenUp: 1, waiting: 3 }),
      ...times(15, { ...quietDay, waiting: 15 }),
    ],
    rings: "P2 given-up, P1 down",
  },
  {
    what: "an outage whose data points are late",
    minutes: [...calm, ...times(10, { ...busy, errors: 200, late: 4 }), ...after],
    rings: "P1 down",
  },
  {
    what: "a slow burn: one call in twenty fails",
    minutes: [...calm, ...times(30, { ...busy, errors: 10 }), ...after],
    rings: "P2 failing",
  },
  {
    what: "a slow burn behind HTTP",
    minutes: [...calm, ...times(30, { ...busy, answered500: 10 }), ...after],
    rings: "P2 failing",
  },
  {
    what: "one failure in five minutes, below the threshold",
    minutes: [...calm, ...repeat(4, [...times(4, busy), { ...busy, errors: 1 }]), ...after],
    rings: "",
  },
  {
    what: "a bad version at 10 % of the traffic, sent back by its canary",
    minutes: [...calm, release, ...times(4, { ...busy, errors: 20 }), ...after],
    // The release says so to whoever started it; nobody else could do anything.
    rings: "",
  },
  {
    what: "a bad version behind HTTP, sent back by its canary",
    minutes: [...calm, release, ...times(4, { ...busy, answered500: 20 }), ...after],
    rings: "",
  },
  {
    what: "a bad version that fails in the last minute of its canary",
    minutes: [...calm, release, ...times(4, busy), ...times(4, { ...busy, errors: 20 }), ...after],
    rings: "",
  },
  {
    what: "a bad version whose asynchronous events fail at their next tries as well, and wait",
    minutes: [
      ...calm,
      release,
      ...times(5, { ...busy, errors: 20 }),
      ...times(3, { ...busy, errors: 20, givenUp: 10, waiting: 30 }),
      ...times(20, { ...busy, waiting: 30 }),
    ],
    // They have to be replayed.
    rings: "P2 given-up",
  },
  {
    what: "a bad version in a shift of half an hour, sent back late",
    minutes: [
      ...calm,
      release,
      ...times(25, busy),
      ...times(5, { ...busy, errors: 20 }),
      ...after,
      ...after,
    ],
    rings: "",
    settings: { trafficShift: "Canary10Percent30Minutes" },
  },
  {
    what: "a bad version whose canary does not go back",
    minutes: [...calm, release, ...times(40, { ...busy, errors: 20 }), ...after],
    rings: "P2 failing",
  },
  {
    what: "a dependency that begins to fail while a release is under way",
    minutes: [...calm, release, ...times(2, busy), ...times(40, { ...busy, errors: 10 }), ...after],
    rings: "P2 failing",
  },
  {
    what: "a bad canary, and an outage of everything at the same time",
    minutes: [
      ...calm,
      release,
      ...times(2, { ...busy, errors: 20 }),
      ...times(10, { ...busy, errors: 200 }),
      ...after,
    ],
    rings: "P1 down",
  },
  {
    what: "a release in the middle of an incident, which does not help",
    minutes: [
      ...calm,
      ...times(5, { ...busy, errors: 20 }),
      { ...release, errors: 20 },
      ...times(30, { ...busy, errors: 20 }),
      ...after,
    ],
    rings: "P2 failing",
  },
  {
    what: "a bad version that moves at once, where nothing sends it back",
    minutes: [...calm, release, ...times(10, { ...busy, errors: 60 }), ...after],
    rings: "P2 failing",
    settings: { trafficShift: "AllAtOnce" },
  },
  {
    what: "a bad version that was released to everybody",
    minutes: [...calm, ...times(10, { ...busy, errors: 60 }), ...after],
    rings: "P2 failing",
  },
  {
    what: "some throttling",
    minutes: [...calm, ...times(3, { ...busy, throttles: 30 }), ...after],
    rings: "P4 throttles",
  },
  {
    what: "dead letters that wait for a day",
    minutes: times(120, { ...busy, waiting: 5 }),
    rings: "P2 given-up",
  },
  {
    what: "dead letters that could not be delivered",
    minutes: [...calm, { ...busy, undelivered: 2 }, ...after],
    rings: "P2 undelivered-dead-letters",
  },
  {
    what: "dead letters that will soon be deleted",
    minutes: times(30, { ...busy, waiting: 1, oldestDays: 8 }),
    rings: "P3 dead-letter-age, P2 given-up",
  },
  {
    what: "a slow dependency",
    minutes: [...calm, ...times(30, { ...busy, durationMs: 8200 }), ...after],
    rings: "P3 slow",
  },
  {
    what: "a slow dependency that also times out",
    minutes: [
      ...calm,
      ...times(30, { ...busy, durationMs: 8200, slowestMs: 25_000, errors: 10 }),
      ...after,
    ],
    rings: "P2 failing",
  },
  {
    what: "a rule that became too strict",
    minutes: [...calm, ...times(20, { ...busy, refused: 180 }), ...after],
    rings: "P3 refusals",
  },
  {
    what: "one caller who sends nonsense",
    minutes: [...calm, ...times(20, { ...busy, refused: 60 }), ...after],
    rings: "",
  },
  {
    what: "a process that ends after every call",
    minutes: [...calm, ...times(20, { ...busy, coldStarts: 190 }), ...after],
    rings: "P3 cold-starts",
  },
  {
    what: "a leak of memory",
    minutes: [...calm, ...times(20, { ...busy, memoryMb: 370 }), ...after],
    rings: "P4 memory",
  },
  {
    what: "a backlog of asynchronous events",
    minutes: [...calm, ...times(20, { ...busy, eventAgeMs: 900_000 }), ...after],
    rings: "P4 event-age",
  },
  {
    what: "debug logging in production",
    minutes: times(70, { ...busy, logMb: 15 }),
    rings: "P4 log-volume",
  },
  {
    what: "a neighbour that takes the account's concurrency",
    minutes: [...calm, ...times(10, { ...busy, claimed: 800 }), ...after],
    rings: "P4 concurrency",
  },
  {
    what: "an outage that flaps, two minutes on and two off",
    minutes: [
      ...calm,
      ...repeat(4, [...times(2, { ...busy, errors: 200 }), ...times(2, busy)]),
      ...after,
    ],
    rings: "P1 down",
  },
  {
    what: "silence, where steady traffic is expected",
    minutes: [...calm, ...times(30, idle)],
    rings: "P1 down",
    settings: { silenceAlarmMinutes: 10 },
  },
];

const API = { api: "rest", apiRequestsPerSecond: 20 } as const;
const served: Minute = { ...busy, requests: 200 };
const servedCalm = times(15, served);
const servedAfter = times(20, served);

const BEHIND_AN_API: readonly Incident[] = [
  { what: "a busy, healthy day of an API", minutes: times(60, served), rings: "", settings: API },
  {
    what: "an API that does not reach the function",
    minutes: [
      ...servedCalm,
      ...times(15, { ...served, calls: 0, answered5xx: 200 }),
      ...servedAfter,
    ],
    rings: "P1 down",
    settings: API,
  },
  {
    what: "an outage of the function behind an API",
    minutes: [
      ...servedCalm,
      ...times(15, { ...served, errors: 200, answered5xx: 200 }),
      ...servedAfter,
    ],
    rings: "P1 down",
    settings: API,
  },
  {
    what: "an API that fails a tenth of its requests by itself",
    minutes: [...servedCalm, ...times(20, { ...served, answered5xx: 20 }), ...servedAfter],
    rings: "P2 failing",
    settings: API,
  },
  {
    what: "a function that fails a tenth of the calls behind an API",
    minutes: [
      ...servedCalm,
      ...times(20, { ...served, errors: 20, answered5xx: 20 }),
      ...servedAfter,
    ],
    rings: "P2 failing",
    settings: API,
  },
  {
    what: "callers of an API who wait, for cold starts that no duration counts",
    minutes: [...servedCalm, ...times(20, { ...served, latencyMs: 9000 }), ...servedAfter],
    rings: "P3 slow",
    settings: API,
  },
  {
    what: "calls that are slow behind an API",
    minutes: [
      ...servedCalm,
      ...times(20, { ...served, durationMs: 9000, latencyMs: 9050 }),
      ...servedAfter,
    ],
    rings: "P3 slow",
    settings: API,
  },
  {
    what: "somebody who looks for paths, at night",
    minutes: [
      ...times(10, idle),
      ...times(20, { requests: 60, answered4xx: 60 }),
      ...times(20, idle),
    ],
    rings: "P4 api-refusals",
    settings: API,
  },
  {
    what: "more than the API lets through",
    minutes: [
      ...servedCalm,
      ...times(10, { ...served, requests: 1500, answered4xx: 300 }),
      ...servedAfter,
    ],
    rings: "P4 api-limit",
    settings: API,
  },
];

describe("incidents", () => {
  it("turn every alarm red somewhere: each threshold can be reached", () => {
    const red = new Set(
      INCIDENTS.flatMap(({ minutes, settings }) => [
        ...playThrough(minutes, { ...SETTINGS, ...settings }).red,
      ]),
    );
    const alarms = serviceAlarms(testSettings({ ...SETTINGS, silenceAlarmMinutes: 10 }), "shop");

    expect([...red]).to.have.members([
      ...Object.keys(alarms),
      ...Object.keys(compositeAlarms(alarms)),
    ]);
  });

  for (const { what, minutes, rings, settings } of [...INCIDENTS, ...BEHIND_AN_API]) {
    it(`${what}: ${rings === "" ? "nobody is called" : rings}`, () => {
      expect(say(play(minutes, { ...SETTINGS, ...settings }))).to.equal(rings);
    });
  }

  it("call within three minutes when everything fails, delivery included", () => {
    for (const outage of [{ errors: 200 }, { answered500: 200 }, { calls: 0, throttles: 200 }]) {
      const rings = play([...calm, ...times(10, { ...busy, ...outage })], SETTINGS);
      const down = rings.find(({ alarm }) => alarm === "down");
      expect(down?.minute, JSON.stringify(outage)).to.be.at.most(calm.length + 3);
    }
  });

  it("call by P2 within a quarter of an hour when a canary does not go back, and by P1 as fast as ever", () => {
    const stuck = play([...calm, release, ...times(40, { ...busy, errors: 20 })], SETTINGS);
    const outage = play([...calm, release, ...times(10, { ...busy, errors: 200 })], SETTINGS);
    const minuteOf = (rings: readonly Ring[], name: string) =>
      rings.find(({ alarm }) => alarm === name)?.minute ?? Infinity;

    expect(minuteOf(stuck, "failing")).to.be.at.most(calm.length + 1 + 15);
    expect(minuteOf(outage, "down")).to.be.at.most(calm.length + 1 + 3);
  });
});
