import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  type AlarmRule,
  compositeAlarms,
  serviceAlarms,
  SEVERITIES,
} from "../../../infra/observability/alarms.ts";
import { ownAlarms } from "../../../infra/own/alarms.ts";
import { alarmText, LONGEST_DESCRIPTION } from "../../../infra/observability/text.ts";
import { optionAlarms } from "../../../infra/options.ts";
import { parseSettings } from "../../../infra/settings/parse.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { testConfig, testSettings } from "../../support/settings.ts";

const settings = parseSettings(
  rawSettings(testConfig("staging", { silenceAlarmMinutes: 15, ...EVERY_OPTION })),
);
const location = { partition: "aws", region: "ap-southeast-2", accountId: "210987654321" };
const alarms = { ...serviceAlarms(settings, "shop"), ...optionAlarms(settings) };
const composites = compositeAlarms(alarms);

interface Source {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const sourcesOf = (rule: AlarmRule): Source[] => {
  const queries = (rule.metricQueries ?? []) as readonly { readonly metric?: Source }[];
  return rule.metricQueries === undefined
    ? [rule as Source]
    : queries.flatMap(({ metric }) => metric ?? []);
};

describe("the service's alarms", () => {
  it("look at calls through the alias, as Lambda names its dimensions", () => {
    const functionName = `${settings.serviceName}-function-${settings.environment}`;
    const hookName = `${settings.serviceName}-hook-${settings.environment}`;
    const called = ["Invocations", "Errors", "Duration", "Throttles"];
    const sources = Object.values(alarms).flatMap(({ rule }) => sourcesOf(rule));
    const through = sources.filter(
      ({ metricName, dimensions }) =>
        // The hook is called by its own name.
        called.includes(metricName) && dimensions["FunctionName"] !== hookName,
    );

    expect(through).to.have.length.at.least(called.length);
    for (const { dimensions } of through) {
      expect(dimensions).to.deep.equal({
        FunctionName: functionName,
        Resource: `${functionName}:live`,
      });
    }
  });

  it("ring by themselves, or are part of a composite alarm that does", () => {
    const parts = Object.values(composites).flatMap(({ anyOf, orElse }) => [
      ...anyOf,
      ...(orElse ? Object.values(orElse) : []),
    ]);
    for (const [name, { part }] of Object.entries(alarms)) {
      expect(parts.includes(name), name).to.equal(part === true);
    }
  });

  it("are quiet without traffic, but for the one that waits for it", () => {
    for (const [name, { rule }] of Object.entries(alarms)) {
      const expected = name === "silence" ? "breaching" : "notBreaching";
      expect(rule.treatMissingData, name).to.equal(expected);
    }
  });

  it("wait for silence only where a team asks for it", () => {
    const without = serviceAlarms(testSettings({ silenceAlarmMinutes: 0 }), "shop");

    expect(without).to.not.have.property("silence");
    expect(compositeAlarms(without)["down"]?.anyOf).to.not.include("silence");
  });

  it("have thresholds that can be reached", () => {
    const { timeoutSeconds, memoryMb } = settings;

    expect(alarms["near-timeout"]?.rule.threshold).to.be.below(timeoutSeconds * 1000);
    expect(alarms["duration"]?.rule.threshold).to.be.below(timeoutSeconds * 1000);
    expect(alarms["memory"]?.rule.threshold).to.be.below(memoryMb);
    for (const [name, { rule }] of Object.entries(alarms)) {
      const { datapointsToAlarm, evaluationPeriods } = rule;
      expect(datapointsToAlarm, name).to.be.at.most(Number(evaluationPeriods));
    }
  });

  it("cover every severity", () => {
    const used = [...Object.values(alarms), ...Object.values(composites)];
    expect([...new Set(used.map(({ severity }) => severity))]).to.have.members([...SEVERITIES]);
  });

  it("name composite alarms of lower levels after those that they wait for", () => {
    const order = Object.keys(composites);
    for (const [name, { unless = [], suppressor, anyOf, orElse }] of Object.entries(composites)) {
      const either = orElse ? Object.values(orElse) : [];
      const named = [...unless, ...anyOf, ...either, suppressor?.metric ?? name];
      for (const other of named) {
        if (order.includes(other)) {
          expect(order.indexOf(other), `${name} names ${other}`).to.be.at.most(order.indexOf(name));
        }
      }
    }
  });
});

describe("an alarm's text", () => {
  const texts = [...Object.values(alarms), ...Object.values(composites)].map((alarm) =>
    alarmText(location, settings, alarm),
  );

  it("leads with the level, and says what, where, and what to do", () => {
    for (const text of texts) {
      expect(text).to.match(/^P[1-4] /);
      expect(text).to.include(settings.serviceName).and.include(settings.environment);
      expect(text).to.include(location.region).and.include(location.accountId);
      expect(text).to.match(/docs\/operations\.md#[a-z-]+$/m);
      expect(text).to.match(/#dashboards\/dashboard\//);
      expect(text).to.include("npm run logs -- --stack");
    }
  });

  it("is short enough for CloudWatch", () => {
    for (const text of texts) expect(text.length).to.be.at.most(LONGEST_DESCRIPTION);
  });

  it("names a runbook that exists, and every runbook has an alarm", () => {
    const document = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
    const runbooks = document.slice(document.indexOf("\n## Runbooks"));
    const headings = [...runbooks.matchAll(/^### (.+)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replaceAll(" ", "-"),
    );
    const named = [
      ...Object.values(alarms),
      ...Object.values(composites),
      ...Object.values(ownAlarms(settings)),
    ].map(({ runbook }) => runbook);

    expect(headings).to.include.members(named);
    expect([...named, "canary"]).to.include.members(headings);
  });
});
