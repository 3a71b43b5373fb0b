/** What must hold for whatever is sent to the handler. */
import { expect } from "chai";
import * as fc from "fast-check";
import type { HttpResponse } from "../../function/platform/response.ts";
import type { Outside } from "./support/domain.ts";
import { expectValidEmf } from "./support/emf.ts";
import { context, harness, httpEvent } from "./support/harness.ts";

const SECRET = "db-7.internal";

/** JSON with keys that matter to the handler, and some that attack it. */
const keys = fc.oneof(
  fc.constantFrom("word", "id", "source", "correlationId", "body", "headers", "Records"),
  fc.constantFrom("requestContext", "http", "httpMethod", "isBase64Encoded", "__proto__"),
  fc.string(),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("hello", "smoke", "", null, true, 0),
    fc.string(),
    fc.double(),
    fc.array(tie("json"), { maxLength: 4 }),
    // Through text, as it reaches the handler: only so is __proto__ a key like any other.
    fc
      .array(fc.tuple(keys, tie("json")), { maxLength: 6 })
      .map((entries) =>
        JSON.parse(
          `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`,
        ),
      ),
  ),
}));

const events = fc.oneof(json, fc.record({ word: fc.oneof(fc.string(), json), source: json }));

/** What a dependency throws, if it does. */
const failures = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(new Error(SECRET), new TypeError(SECRET), SECRET, { message: SECRET }),
);

describe("for whatever is sent", () => {
  it("an HTTP front always gets a response with a correlation id, and no secret of ours", async () => {
    await fc.assert(
      fc.asyncProperty(events, failures, fc.string(), async (event, failure, id) => {
        const { handler } = harness({ outside: failing(failure) });

        const response = await handler(httpEvent(event, { "x-correlation-id": id }), context());

        expect(response.statusCode).to.be.oneOf([200, 400, 413, 500]);
        expect(response.headers?.["x-correlation-id"]).to.match(/^[\w.:-]{1,128}$/);
        expect(JSON.parse(response.body)).to.be.an("object");
        expect(response.body).not.to.contain(SECRET);
      }),
    );
  });

  it("a direct caller gets a response or a scrubbed error, never anything else", async () => {
    await fc.assert(
      fc.asyncProperty(events, failures, async (event, failure) => {
        const { handler } = harness({ outside: failing(failure) });

        const outcome: HttpResponse | Error = await handler(event, context()).catch(
          (error: Error) => error,
        );

        if (outcome instanceof Error) {
          expect(outcome.name).to.be.oneOf([
            "InternalError",
            "RefusedInvocationError",
            "UnhandledSourceError",
          ]);
          expect(`${outcome.message}${outcome.stack}`).not.to.contain(SECRET);
        } else expect(outcome.statusCode).to.be.oneOf([200, 400, 413, 415, 500]);
      }),
    );
  });

  it("every event writes exactly one line of metrics, which CloudWatch takes", async () => {
    await fc.assert(
      fc.asyncProperty(events, failures, fc.boolean(), async (event, failure, startsCold) => {
        const { handler, metrics } = harness({ outside: failing(failure), startsCold });

        await handler(event, context()).catch(() => {});

        expect(metrics()).to.have.length(1);
        for (const line of metrics()) expectValidEmf(line);
      }),
    );
  });
});

const failing = (failure: unknown): Outside | undefined =>
  failure === undefined ? undefined : () => Promise.reject(failure);
