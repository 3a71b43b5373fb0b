import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeAlarmsCommand,
  paginateGetMetricData,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { apiAlarms } from "../../infra/api/alarms.ts";
import * as names from "../../infra/names.ts";
import { releaseStack } from "../../ops/release/run.ts";
import { makeLocalApi, makeLocalHttpApi, ORIGIN, wordsVersion } from "../support/local-api.ts";
import { sessionOf } from "../support/release-context.ts";
import { useWorlds, type World } from "../support/release-world.ts";

/** Status, body, and whether a page of the allowed origin may read the answer. */
async function read(answered: Promise<Response>) {
  const answer = await answered;
  const body = (await answer.json()) as Readonly<Record<string, unknown>>;
  expect(answer.headers.get("access-control-allow-origin"), String(answer.status)).to.equal(ORIGIN);
  return { status: answer.status, body, answer };
}

describe("the API in front of the function", function () {
  this.timeout(120_000);
  const newWorld = useWorlds();

  /** The handler over routes, in which every version but the first is broken. */
  const wordsWorld = (): Promise<World> =>
    newWorld({
      minuteMs: 1000,
      lowTraffic: "refuse",
      codeOf: wordsVersion,
      variables: { CORS_ORIGINS: ORIGIN },
    });

  it("answers each caller as it should, and tells pages of its origin why it refused", async () => {
    const world = await wordsWorld();
    const api = await makeLocalApi(world, { burst: 5 });

    const said = await read(api.say({ word: "hello" }, { "x-correlation-id": "c-1" }));
    expect(said.status).to.equal(201);
    expect(said.body).to.include({ word: "hello" });
    expect(said.answer.headers.get("location")).to.match(/\/words\/hello$/);
    const got = await read(fetch(`${api.url}/words/a%20b`, { headers: { origin: ORIGIN } }));
    expect([got.status, got.body["word"]]).to.deep.equal([200, "a b"]);

    const invalid = await read(api.say({ word: 7 }));
    expect(invalid.status).to.equal(400);
    expect(invalid.answer.headers.get("x-amzn-errortype"), "by the gateway").to.equal(
      "BadRequestException",
    );
    const otherType = await read(api.say({ word: 7 }, { "content-type": "text/plain" }));
    expect(otherType.status, "whatever type it claims").to.equal(400);
    const unknown = await read(fetch(`${api.url}/nowhere`, { headers: { origin: ORIGIN } }));
    expect(unknown.status).to.equal(404);

    await api.forbid();
    const forbidden = await read(api.say({ word: "hello" }));
    expect([forbidden.status, forbidden.body["message"]]).to.deep.equal([500, "Internal error"]);
    const busy = await read(api.say({ word: "hello" }));
    expect([busy.status, busy.body["message"]]).to.deep.equal([429, "Too many requests"]);
    const preflight = await fetch(`${api.url}/words`, {
      method: "OPTIONS",
      headers: { origin: ORIGIN, "access-control-request-method": "POST" },
    });
    expect(preflight.status, "counts as well").to.equal(429);

    const isComplete = async () => (await api.accessLog()).length === 8;
    while (!(await isComplete())) await sleep(50);
    const [first, , bad, , nowhere, broken, throttled] = await api.accessLog();
    expect(first).to.include({ status: 201, route: "/words", errorType: "-" });
    expect(bad).to.include({ status: 400, errorType: "BAD_REQUEST_BODY" });
    expect(nowhere).to.include({ status: 404, route: "-" });
    expect(broken).to.include({ integrationError: "Invalid permissions on Lambda function" });
    expect(throttled).to.include({ status: 429, errorType: "THROTTLED" });
  });

  it("wants a key, and a signature, where config says so", async () => {
    const world = await wordsWorld();
    const keyed = await makeLocalApi(world, { settings: { apiAuthorization: "key" }, keyBurst: 1 });
    expect((await read(keyed.say({ word: "a" }))).status).to.equal(403);
    const key = { "x-api-key": keyed.key };
    expect((await read(keyed.say({ word: "a" }, key))).status).to.equal(201);
    expect((await read(keyed.say({ word: "a" }, key))).status).to.equal(429);

    const signed = await makeLocalApi(world, { settings: { apiAuthorization: "iam" } });
    const refused = await read(signed.say({ word: "a" }));
    expect(refused.status).to.equal(403);
    const wrong = {
      authorization: "AWS4-HMAC-SHA256 Credential=1/2/3/4/5, SignedHeaders=host, Signature=0",
    };
    expect((await read(signed.say({ word: "a" }, wrong))).status).to.equal(403);
  });

  it("wants a token, where it is an HTTP API that checks them", async () => {
    const world = await wordsWorld();
    const { url } = await makeLocalHttpApi(world, {
      apiAuthorization: "jwt",
      apiJwtIssuer: "https://login.example.com/pool",
      apiJwtAudiences: ["words"],
    });
    const ask = (authorization: string) =>
      fetch(`${url}/words/a%20b`, { headers: { authorization } });
    expect((await ask("Bearer none")).status).to.equal(401);
    const answer = await ask(`Bearer ${await (await fetch(`${url}/_token`)).text()}`);
    expect(answer.status).to.equal(200);
    expect(await answer.json()).to.include({ word: "a b" });
    expect((await fetch(`${url}/nowhere`)).status).to.equal(404);
  });

  it("turns the alarm red that the program gives it, when all requests fail", async () => {
    const world = await wordsWorld();
    const settings = { ...world.settings, api: "rest" as const };
    const api = await makeLocalApi(world, { name: names.apiName(settings) });
    const AlarmName = names.metricName(settings, "api-all-failing");
    const { cloudWatch } = world.clients;
    const alarm = apiAlarms(settings)["api-all-failing"];
    await cloudWatch.send(
      new PutMetricAlarmCommand(alarmInput({ name: AlarmName, ...alarm?.rule })),
    );
    await api.forbid();

    for (let state = ""; state !== "ALARM"; ) {
      await Promise.all(Array.from({ length: 6 }, () => api.say({ word: "hello" })));
      const command = new DescribeAlarmsCommand({ AlarmNames: [AlarmName] });
      state = (await cloudWatch.send(command)).MetricAlarms?.[0]?.StateValue ?? "";
    }
  });

  it("shares its calls by the weights of a canary, which goes back when it answers 500", async () => {
    const world = await wordsWorld();
    const api = await makeLocalApi(world);
    await world.publish("works");
    const answers = { total: 50, failed: 0 };
    // A release asks beforehand whether there is traffic to judge the version by.
    await Promise.all(Array.from({ length: answers.total }, () => api.say({ word: "hello" })));
    await sleep(2 * world.minuteMs);
    // It stays where it is until its alarm says otherwise.
    world.front.held = true;
    const state = { over: false };
    const released = releaseStack(sessionOf(world), { yes: true }).finally(() => {
      state.over = true;
    });
    while (!state.over) {
      const { status } = await api.say({ word: "hello" });
      expect([201, 500]).to.include(status);
      answers.total += 1;
      if (status === 500) answers.failed += 1;
    }
    const report = await released;

    expect(report).to.deep.include({ verdict: "rolled back", to: "2" });
    expect(report.summary).to.contain("canary-failures-v2-production");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
    expect(answers.failed).to.be.greaterThan(0);
    expect(answers.failed, "the canary's part alone").to.be.lessThan(answers.total / 2);
    expect((await api.say({ word: "hello" })).status).to.equal(201);
    expect(await sum(world, "5XXError", api.name)).to.equal(answers.failed);
    expect(await sum(world, "Count", api.name)).to.equal(answers.total + 1);
  });
});

/** What CloudWatch has counted of an API, once it has been delivered. */
async function sum(world: World, MetricName: string, ApiName: string): Promise<number> {
  await sleep(2 * world.minuteMs);
  const query = {
    StartTime: new Date(Date.now() - 60_000),
    EndTime: new Date(Date.now() + 60_000),
    MetricDataQueries: [
      {
        Id: "m",
        MetricStat: {
          Metric: {
            Namespace: "AWS/ApiGateway",
            MetricName,
            Dimensions: [{ Name: "ApiName", Value: ApiName }],
          },
          Period: 60,
          Stat: "Sum",
        },
      },
    ],
  };
  let total = 0;
  const client = world.clients.cloudWatch;
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, query)) {
    for (const value of MetricDataResults.flatMap(({ Values = [] }) => Values)) total += value;
  }
  return total;
}
