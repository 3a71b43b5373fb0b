/** The life of a record over HTTP, with a store in memory. */
import { expect } from "chai";
import { createDomain } from "../../../function/domain/index.ts";
import { ROUTES } from "../../../function/domain/routes.ts";
import type { Store } from "../../../function/domain/store.ts";
import { ConflictError } from "../../../function/platform/errors.ts";
import { read } from "../../../function/platform/schema.ts";
import type { Kept } from "../../../function/platform/table.ts";
import { context, harnessOf } from "../support/harness.ts";

/** As a table keeps records, without anything outside. */
function memory(): Store {
  const records = new Map<string, Kept>();
  return {
    name: "memory",
    read: (id) => Promise.resolve(records.get(id) ?? { version: 0 }),
    write({ id, version, data }, { now, newId }) {
      if ((records.get(id)?.version ?? 0) !== version - 1) {
        return Promise.reject(new ConflictError(id));
      }
      const kept = { version, changedAt: now.toISOString(), changedBy: newId };
      records.set(id, data ? { ...kept, data } : kept);
      return Promise.resolve();
    },
  };
}

function client(store?: Store) {
  const { handler } = harnessOf(createDomain(store));
  let count = 0;
  return async (method: string, path: string, body?: object, headers: object = {}) => {
    const event = {
      rawPath: path,
      requestContext: { http: { method, path } },
      headers,
      ...(body && { body: JSON.stringify(body) }),
    };
    const awsRequestId = `request-${++count}`;
    const {
      statusCode,
      headers: given = {},
      body: text,
    } = await handler(event, context({ awsRequestId }));
    const answered = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const route = ROUTES.find(
      (one) => one.method === method && one.path.includes("{") === (path !== "/records"),
    );
    // Whoever reads the document is told the truth.
    if (statusCode < 300) expect(read(route?.result ?? {}, answered)).to.deep.equal(answered);
    else expect([400, ...(route?.refusals ?? []), 409]).to.include(statusCode);
    return { statusCode, answered, etag: given["etag"], location: given["location"] };
  };
}

describe("a record over HTTP", () => {
  it("is created, read, changed and deleted, each time in its next version", async () => {
    const call = client(memory());

    const made = await call("POST", "/records", { name: "a", colour: "red" });
    expect(made).to.include({ statusCode: 201, etag: '"1"', location: "/records/request-1" });
    const found = await call("GET", "/records/request-1");
    expect(found).to.include({ statusCode: 200, etag: '"1"' });
    expect(found.answered).to.deep.include({
      status: "current",
      data: { name: "a", colour: "red" },
    });
    const changed = await call("PUT", "/records/request-1", { name: "b" }, { "if-match": '"1"' });
    expect(changed).to.include({ statusCode: 200, etag: '"2"' });
    expect((await call("DELETE", "/records/request-1")).answered).to.include({ status: "deleted" });
    expect((await call("GET", "/records/request-1")).statusCode).to.equal(404);
  });

  it("is not overwritten by whoever read an older version", async () => {
    const call = client(memory());
    await call("POST", "/records", { id: "a" });
    await call("PUT", "/records/a", { name: "b" });

    for (const method of ["PUT", "DELETE"]) {
      const refused = await call(method, "/records/a", { name: "c" }, { "if-match": '"1"' });

      expect(refused.statusCode).to.equal(409);
      expect(refused.answered["message"]).to.equal("Conflict");
      expect(JSON.stringify(refused.answered["faults"])).to.contain('"currentVersion":2');
    }
  });

  it("is not created twice under one id, nor changed where there is none", async () => {
    const call = client(memory());
    await call("POST", "/records", { id: "a" });

    expect((await call("POST", "/records", { id: "a" })).statusCode).to.equal(409);
    for (const method of ["GET", "PUT", "DELETE"]) {
      expect((await call(method, "/records/b", {})).statusCode, method).to.equal(404);
    }
  });

  it("is the one that the path says, whatever the body says", async () => {
    const call = client(memory());
    await call("POST", "/records", { id: "a" });

    expect((await call("PUT", "/records/a", { id: "a", name: "b" })).statusCode).to.equal(200);
    const { statusCode, answered } = await call("PUT", "/records/a", { id: "other" });
    expect([statusCode, answered["faults"]]).to.deep.equal([
      400,
      [{ path: "id", message: "must be the one in the path, or left out" }],
    ]);
  });

  it("is answered and not kept by a service without a table", async () => {
    const call = client();

    expect(await call("POST", "/records", { name: "a" })).to.include({
      statusCode: 201,
      etag: undefined,
    });
    expect((await call("GET", "/records/request-1")).statusCode).to.equal(404);
    expect((await call("PUT", "/records/a", {}, { "if-match": '"1"' })).statusCode).to.equal(400);
  });
});
