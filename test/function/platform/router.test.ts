import { expect } from "chai";
import type { HttpResponse } from "../../../function/platform/response.ts";
import { sampleCall } from "../../../function/platform/router.ts";
import { context, harnessOf } from "../support/harness.ts";
import { FRONTS, parcelDomain, type Sent } from "../support/parcels.ts";

const url = FRONTS["function URL"];

/** Sends a call through a function URL, where the test says no other front. */
const send = (sent: Sent, template = "", front = url) =>
  harnessOf(parcelDomain).handler(front?.(sent, template), context());

const headersOf = ({ headers, multiValueHeaders }: HttpResponse) =>
  headers ?? Object.fromEntries(Object.entries(multiValueHeaders ?? {}).map(([k, [v]]) => [k, v]));

const asked = ({ body }: HttpResponse): unknown => (JSON.parse(body) as { asked: unknown }).asked;
const faultsOf = ({ body }: HttpResponse): string[] =>
  (JSON.parse(body) as { faults: { path: string; message: string }[] }).faults.map(
    ({ path, message }) => `${path} ${message}`,
  );

describe("routes", () => {
  for (const [front, event] of Object.entries(FRONTS)) {
    describe(`behind a ${front}`, () => {
      const through = (sent: Sent, template: string) => send(sent, template, event);

      it("take the values of the path, decoded once", async () => {
        for (const [path, key] of [
          ["/parcels/a", "a"],
          ["/parcels/a%20b%C3%A9", "a bé"],
          ["/parcels/50%25", "50%"],
          ["/parcels/a+b", "a+b"],
        ] as const) {
          const answer = await through({ method: "GET", path }, "/parcels/{key}");

          expect(answer.statusCode, path).to.equal(200);
          expect(asked(answer), path).to.deep.equal({ verb: "read", key });
        }
      });

      it("take several values, and the more literal of two", async () => {
        const line = await through(
          { method: "GET", path: "/parcels/a/lines/2" },
          "/parcels/{key}/lines/{line}",
        );
        const lost = await through({ method: "GET", path: "/parcels/lost" }, "/parcels/lost");

        expect(asked(line)).to.deep.equal({ verb: "line", key: "a", line: 2 });
        expect(asked(lost)).to.deep.equal({ verb: "lost" });
      });

      it("take the query, a number as one, and ignore what they do not know", async () => {
        const query = { size: "m", limit: "7", lost: "false", debug: "a&b" };
        const answer = await through({ method: "GET", path: "/parcels", query }, "/parcels");

        expect(asked(answer)).to.deep.equal({ verb: "list", size: "m", limit: 7, lost: false });
      });

      it("take the body, and answer where what they made is found", async () => {
        const answer = await through(
          { method: "POST", path: "/parcels", body: { to: "Bern", lines: [{ sku: "x" }] } },
          "/parcels",
        );

        expect(answer.statusCode).to.equal(201);
        expect(asked(answer)).to.deep.equal({
          verb: "send",
          body: { to: "Bern", lines: [{ sku: "x" }] },
        });
        const before = {
          "REST API with a base path": "/base",
          "function URL": "",
          "load balancer": "",
        };
        expect(headersOf(answer)).to.include({
          location: `${{ ...before }[front] ?? "/stage-1"}/parcels/p%2F1`,
          etag: '"3"',
          "x-correlation-id": "request-1",
          "content-type": "application/json",
        });
      });
    });
  }

  it("answer HEAD as GET, without the body", async () => {
    const answer = await send({ method: "HEAD", path: "/parcels/a" });
    const refused = await send({ method: "HEAD", path: "/parcels/none" });

    expect(answer).to.include({ statusCode: 200, body: "" });
    expect(answer.headers).to.include({ etag: '"3"' });
    expect(refused).to.include({ statusCode: 404, body: "" });
  });

  it("answer a method that the path does not have with those that it has", async () => {
    for (const [path, allow] of [
      ["/parcels", "GET, HEAD, OPTIONS, POST"],
      ["/parcels/a", "GET, HEAD, OPTIONS, PUT"],
      ["/parcels/lost", "GET, HEAD, OPTIONS"],
    ] as const) {
      const refused = await send({ method: "DELETE", path });
      const options = await send({ method: "OPTIONS", path });

      expect(refused.statusCode).to.equal(405);
      expect(JSON.parse(refused.body)).to.deep.equal({
        message: "No such method",
        correlationId: "request-1",
      });
      expect(options).to.include({ statusCode: 204, body: "" });
      for (const { headers } of [refused, options]) {
        expect(headers).to.include({ allow, "x-correlation-id": "request-1" });
      }
    }
  });

  it("answer a path that there is not with 404, and count no error of anybody's", async () => {
    const { handler, metrics } = harnessOf(parcelDomain);
    for (const sent of [
      { method: "GET", path: "/parcel" },
      { method: "GET", path: "/parcels/" },
      { method: "PUT", path: "/parcels/a/b", body: {} },
      { method: "GET", path: "/stage-1/parcels" },
      { method: "DELETE", path: "/" },
    ]) {
      const answer = await handler(url?.(sent, ""), context());

      expect(answer.statusCode, sent.path).to.equal(404);
      expect(JSON.parse(answer.body)).to.deep.equal({
        message: "No such path",
        correlationId: "request-1",
      });
    }
    expect(JSON.stringify(metrics())).not.to.contain("ErrorCount");
  });

  it("leave health checks and posted events alone", async () => {
    for (const path of ["/", "/health", "/stage-1/health"]) {
      expect(await send({ method: "GET", path })).to.include({
        statusCode: 200,
        body: '{"status":"ok"}',
      });
    }
    const posted = await send({ method: "POST", path: "/", body: { verb: "own" } });
    expect(posted.statusCode).to.equal(200);
    expect(asked(posted)).to.deep.equal({ verb: "own" });
  });

  it("list every fault of path, query, body and headers in one answer", async () => {
    const refused = await send({
      method: "PUT",
      path: "/parcels/TOO-LONG-A-KEY",
      headers: { "If-Match": "3" },
      body: { grams: 0, size: "xl" },
    });

    expect(refused.statusCode).to.equal(400);
    expect(faultsOf(refused)).to.deep.equal([
      "key must be a string of at most 8 characters that matches ^[^A-Z]+$",
      "to must be a string of 1 to 40 characters",
      "grams must be a whole number of 1 or more",
      "size must be one of s, m, l",
      'if-match must be one ETag as an answer gave it, such as "3" with its quotes',
    ]);
  });

  it("refuse a query and a number in the path by their rules", async () => {
    const query = { limit: "ten", lost: "perhaps" };
    const refused = await send({ method: "GET", path: "/parcels", query });
    for (const line of ["0", "1.5", "1e3", "two"]) {
      const path = `/parcels/a/lines/${line}`;
      expect(faultsOf(await send({ method: "GET", path })), line).to.deep.equal([
        "line must be a whole number of 1 or more",
      ]);
    }

    expect(faultsOf(refused)).to.deep.equal([
      "size must be one of s, m, l",
      "limit must be a whole number of at most 9",
      "lost must be true or false",
    ]);
  });

  it("refuse a value of the path that is no UTF-8", async () => {
    expect(faultsOf(await send({ method: "GET", path: "/parcels/%E9" }))).to.deep.equal([
      "key must be percent-encoded UTF-8",
    ]);
  });

  it("refuse a body that is none, or in what is not read here, with its own status", async () => {
    const none = await send({ method: "POST", path: "/parcels" });
    const charset = await send({
      method: "POST",
      path: "/parcels",
      headers: { "content-type": "application/json; charset=latin1" },
      body: { to: "Bern" },
    });

    expect([none.statusCode, charset.statusCode]).to.deep.equal([400, 415]);
  });

  it("hold a body to what any event is held to", async () => {
    const deep: unknown = JSON.parse("[".repeat(40) + "]".repeat(40));
    const refused = await send({ method: "POST", path: "/parcels", body: { to: "Bern", deep } });

    expect(refused.statusCode).to.equal(400);
    expect(faultsOf(refused)[0]).to.contain("must not be nested deeper");
  });

  it("say what the domain refuses with its status, and nothing of a failure of ours", async () => {
    const missing = await send({ method: "GET", path: "/parcels/none" });
    const failed = await send({ method: "GET", path: "/parcels/broken" });

    expect(missing.statusCode).to.equal(404);
    expect(JSON.parse(missing.body)).to.deep.equal({
      message: "Not found",
      faults: [{ path: "key", message: "is of no parcel" }],
      correlationId: "request-1",
    });
    expect(failed.statusCode).to.equal(500);
    expect(failed.body).not.to.contain("db-7");
  });

  describe("with If-Match", () => {
    const change = async (ifMatch: string) =>
      send({
        method: "PUT",
        path: "/parcels/a",
        headers: { "if-match": ifMatch },
        body: { to: "Bern" },
      });

    it("hand the version on, also where something between called it weak", async () => {
      for (const tag of ['"7"', 'W/"7"', ' "7" ']) {
        expect(asked(await change(tag))).to.include({ expectedVersion: 7 });
      }
    });

    for (const tag of ["7", "*", '"7", "8"', '"abc"', '"-1"', '""', '"1234567890123456"']) {
      it(`refuse ${tag}, which names no version`, async () => {
        expect((await change(tag)).statusCode).to.equal(400);
      });
    }
  });

  describe("with Idempotency-Key", () => {
    const post = (key: string) =>
      send({
        method: "POST",
        path: "/parcels",
        headers: { "Idempotency-Key": key },
        body: { to: "Bern" },
      });

    it("know the event by it", async () => {
      for (const key of ["5f0c:a_b.c-9", "x".repeat(128)]) {
        expect(JSON.parse((await post(key)).body)).to.include({ id: key });
      }
    });

    for (const key of ["", "a b", "ключ", "x".repeat(129), "a\nb"]) {
      it(`refuse ${JSON.stringify(key).slice(0, 20)}`, async () => {
        const refused = await post(key);

        expect(refused.statusCode).to.equal(400);
        expect(faultsOf(refused)).to.deep.equal([
          "idempotency-key must have 1 to 128 characters of letters, digits, _ . : and -",
        ]);
      });
    }

    it("know a posted event by it too", async () => {
      const answer = await send({
        method: "POST",
        path: "/",
        headers: { "idempotency-key": "k-1" },
        body: { verb: "own" },
      });

      expect(JSON.parse(answer.body)).to.include({ id: "k-1" });
    });
  });

  describe("with CORS", () => {
    const through = (
      sent: Sent,
      origin: string | undefined,
      corsOrigins: readonly string[] = ["https://a.example.com", "https://b.example.com"],
    ) =>
      harnessOf(parcelDomain, { callers: { corsOrigins } }).handler(
        url?.(
          {
            ...sent,
            headers: { ...(origin !== undefined && { Origin: origin }), ...sent.headers },
          },
          "",
        ),
        context(),
      );

    const EVERY: readonly (readonly [number, Sent])[] = [
      [200, { method: "GET", path: "/parcels/a" }],
      [200, { method: "GET", path: "/health" }],
      [201, { method: "POST", path: "/parcels", body: { to: "Bern" } }],
      [204, { method: "OPTIONS", path: "/parcels" }],
      [400, { method: "GET", path: "/parcels" }],
      [404, { method: "GET", path: "/parcels/none" }],
      [404, { method: "GET", path: "/nothing" }],
      [405, { method: "PUT", path: "/parcels" }],
      [500, { method: "GET", path: "/parcels/broken" }],
    ];

    for (const [status, sent] of EVERY) {
      it(`let pages of allowed origins read a ${status} of ${sent.method} ${sent.path}`, async () => {
        const answer = await through(sent, "https://b.example.com");
        const foreign = await through(sent, "https://b.example.com.evil.example");

        expect(answer.statusCode).to.equal(status);
        expect(answer.headers).to.include({
          vary: "Origin",
          "access-control-allow-origin": "https://b.example.com",
          "access-control-expose-headers": "etag, location, retry-after, x-correlation-id",
        });
        expect(foreign.headers).to.include({ vary: "Origin" });
        expect(foreign.headers).not.to.have.property("access-control-allow-origin");
      });
    }

    it("let every page read where the origin is *", async () => {
      for (const origin of [undefined, "null", "https://c.example.com"]) {
        const { headers } = await through({ method: "GET", path: "/parcels/a" }, origin, ["*"]);

        expect(headers).to.include({ "access-control-allow-origin": "*" });
        expect(headers).not.to.have.property("vary");
      }
    });

    it("say nothing where no origin is allowed", async () => {
      const { headers } = await through(
        { method: "GET", path: "/parcels/a" },
        "https://a.example.com",
        [],
      );

      expect(Object.keys(headers ?? {}).filter((name) => /vary|access/.test(name))).to.deep.equal(
        [],
      );
    });

    it("answer a browser that asks before a call", async () => {
      const question = {
        method: "OPTIONS",
        path: "/parcels/a",
        headers: {
          "Access-Control-Request-Method": "PUT",
          "Access-Control-Request-Headers": "content-type,if-match",
        },
      };

      expect((await through(question, "https://a.example.com")).headers).to.include({
        "access-control-allow-methods": "GET, HEAD, OPTIONS, PUT",
        "access-control-allow-headers": "content-type,if-match",
      });
      expect((await through(question, "https://c.example.com")).headers).not.to.have.property(
        "access-control-allow-methods",
      );
    });
  });
});

describe("the call that warms the code up at init", () => {
  it("is the first example of a body, which the service takes", async () => {
    const { handler, metrics } = harnessOf(parcelDomain);

    const answer = await handler(sampleCall(parcelDomain.routes), context());

    expect(answer.statusCode).to.equal(201);
    expect(asked(answer)).to.deep.equal({ verb: "send", body: { to: "Bern" } });
    // No smoke event: what counts real events runs too.
    expect(JSON.stringify(metrics())).to.contain('"ProcessedEvents":1');
  });

  it("is none where no route has an example", () => {
    expect(sampleCall()).to.equal(undefined);
    expect(sampleCall([])).to.equal(undefined);
  });
});

describe("a smoke event in the form of HTTP", () => {
  const [send201, refusal] = parcelDomain.smokeEvents;
  const trying = () => harnessOf(parcelDomain, { callers: { httpFronts: ["api-1"] } });

  it("goes through the routes whatever the fronts are, and counts in no business metric", async () => {
    const { handler, metrics } = trying();

    expect(await handler(send201?.event, context())).to.include({ statusCode: 201 });
    expect(await handler(refusal?.event, context())).to.include({ statusCode: 400 });
    const counted = JSON.stringify(metrics());
    expect(counted).to.contain('"SuccessCount":1');
    for (const name of ["Parcels", "ProcessedEvents", "RefusedCount"]) {
      expect(counted).not.to.contain(name);
    }
  });

  it("lets in nobody who only calls himself one", async () => {
    const { handle } = trying();
    const own = { ...send201?.event, body: '{"to":"me"}' };

    await handle(own, context()).then(
      () => expect.fail("was answered"),
      (error: Error) => expect(error.name).to.equal("UnhandledSourceError"),
    );
  });
});
