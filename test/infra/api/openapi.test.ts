/** The contract as a document: valid, complete, and never narrower than the handler. */
import { Validator } from "@seriousme/openapi-schema-validator";
import draft4 from "ajv-draft-04";
import { expect } from "chai";
import * as fc from "fast-check";
import type { Route } from "../../../function/platform/route.ts";
import { read, type Schema } from "../../../function/platform/schema.ts";
import { gatewayDocument } from "../../../infra/api/gateway-document.ts";
import type { OpenApiDocument as GatewayDocument } from "../../../infra/api/document.ts";
import type { OpenApiDocument, Operation } from "../../../infra/api/openapi-types.ts";
import { openApiDocument } from "../../../infra/api/openapi.ts";
import { PARCELS } from "../../function/support/parcels.ts";
import { schemas, values } from "../../function/support/schemas.ts";

const documentOf = (routes: readonly Route[]) =>
  openApiDocument({ title: "parcels", version: "1.2.3", routes });
const document = documentOf(PARCELS);

const operation = (path: string, method: string, of: OpenApiDocument = document): Operation => {
  const found = of.paths[path]?.[method];
  if (!found) throw new Error(`${method} ${path} is not in the document`);
  return found;
};

const route = (changes: Partial<Route>): Route => ({
  name: "readThing",
  method: "GET",
  path: "/things",
  summary: "Read a thing",
  status: 200,
  result: { type: "object" },
  event: () => ({}),
  ...changes,
});

/** Faults by the published schema of OpenAPI 3.0 and by references that lead nowhere. */
async function specificationFaults(made: OpenApiDocument | GatewayDocument): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(JSON.stringify(made, undefined, 1));
  return valid ? undefined : errors;
}

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.0, also as the gateway gets it", async () => {
    for (const made of [document, documentOf([]), gatewayDocument(document)]) {
      expect(await specificationFaults(made)).to.equal(undefined);
    }
  });

  it("is valid whatever the rules are", async () => {
    await fc.assert(
      fc.asyncProperty(schemas, schemas, async (body, result) => {
        const of = documentOf([bodyRoute(body, result)]);

        expect(await specificationFaults(of)).to.equal(undefined);
        expect(await specificationFaults(gatewayDocument(of))).to.equal(undefined);
      }),
      { numRuns: 6 },
    );
  });

  it("has every route and the health check, with names, rules and examples", () => {
    expect(document.info).to.deep.equal({ title: "parcels", version: "1.2.3" });
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${method} ${path} ${operationId}`,
      ),
    );
    expect(operations).to.have.members([
      "get /parcels listParcels",
      "post /parcels sendParcel",
      "get /parcels/{key} readParcel",
      "put /parcels/{key} changeParcel",
      "get /parcels/lost findLost",
      "get /parcels/{key}/lines/{line} readLine",
      "get /health readHealth",
    ]);
    const { requestBody, responses } = operation("/parcels", "post");
    expect(requestBody?.content["application/json"]).to.deep.equal({
      schema: { $ref: "#/components/schemas/SendParcelBody" },
      example: { to: "Bern" },
    });
    expect(document.components.schemas["SendParcelBody"]?.properties).to.deep.include({
      to: { type: "string", minLength: 1, maxLength: 40 },
      grams: { type: "integer", minimum: 1, nullable: true },
      size: { type: "string", enum: ["s", "m", "l", null], nullable: true },
    });
    expect(responses["201"]).to.deep.include({
      content: {
        "application/json": {
          schema: { $ref: "#/components/schemas/SendParcelResult" },
          example: { id: "p-1", version: 1 },
        },
      },
    });
  });

  it("says which headers are taken and given", () => {
    const names = (method: string, path: string) =>
      (operation(path, method).parameters ?? []).map((one) =>
        "$ref" in one ? one.$ref.split("/").at(-1) : one.name,
      );

    expect(names("put", "/parcels/{key}")).to.deep.equal([
      "key",
      "IfMatch",
      "IdempotencyKey",
      "CorrelationId",
    ]);
    expect(names("get", "/parcels")).to.deep.equal(["size", "limit", "lost", "CorrelationId"]);
    const { responses } = operation("/parcels", "post");
    expect(responses["201"])
      .to.have.property("headers")
      .with.keys("X-Correlation-Id", "ETag", "Location");
    expect(document.components.responses?.["TooManyRequests"]?.headers).to.have.keys("Retry-After");
  });

  it("says how each call may be refused", () => {
    const statuses = (method: string, path: string) =>
      Object.keys(operation(path, method).responses);

    expect(statuses("post", "/parcels")).to.deep.equal([
      "201",
      "400",
      "403",
      "409",
      "413",
      "415",
      "422",
      "429",
      "500",
    ]);
    expect(statuses("get", "/parcels/{key}")).to.deep.equal([
      "200",
      "400",
      "403",
      "404",
      "429",
      "500",
    ]);
    expect(statuses("put", "/parcels/{key}")).to.include.members(["409", "422"]);
    expect(Object.keys(document.components.responses ?? {})).not.to.include("Gone");
  });

  it("gives schemas of one title one component", () => {
    const result = { title: "Thing", type: "object" } as const;
    const of = documentOf([
      route({ result }),
      route({ name: "findThing", path: "/found", result }),
    ]);

    expect(Object.keys(of.components.schemas)).to.deep.equal(["Refusal", "Thing"]);
  });

  it("leaves a domain its own health check", () => {
    const of = documentOf([route({ name: "readOwnHealth", path: "/health" })]);

    expect(operation("/health", "get", of).operationId).to.equal("readOwnHealth");
  });

  for (const [what, routes, fault] of [
    ["two routes of a name", [route({}), route({ path: "/b" })], "rename one"],
    [
      "two routes of a call",
      [route({ path: "/{a}" }), route({ name: "b", path: "/{a}" })],
      "GET /{a} too",
    ],
    ["a name that is none", [route({ name: "read-thing" })], "letters and digits only"],
    [
      "two names of one parameter",
      [route({ path: "/{a}/x" }), route({ name: "b", path: "/{b}" })],
      "call both the same",
    ],
    ["a path without a slash", [route({ path: "things" })], 'path "things"'],
    ["a segment that is half a parameter", [route({ path: "/thing-{id}" })], 'path "/thing-{id}"'],
    ["a greedy parameter", [route({ path: "/{all+}" })], 'path "/{all+}"'],
    ["a parameter twice", [route({ path: "/{a}/{a}" })], "a parameter twice"],
    ["a path of the gateway's own", [route({ path: "/ping" })], "answers itself"],
    [
      "rules of a parameter that is not there",
      [route({ parameters: { id: {} } })],
      "add {id} to the path",
    ],
    ["a GET with a body", [route({ body: { type: "object" } })], "GET has a body"],
    ["a location of nothing", [route({ location: "/things/{id}" })], "its result has not"],
    [
      "a requirement that says nothing",
      [route({ result: { type: "object", required: ["a"] } })],
      "add it to properties",
    ],
    [
      "a pattern that is none",
      [route({ path: "/{id}", parameters: { id: { type: "string", pattern: "(" } } })],
      'id has the pattern "("',
    ],
    [
      "two schemas of a title",
      [
        route({ result: { title: "T" } }),
        route({ name: "b", path: "/b", result: { title: "T", type: "array" } }),
      ],
      'title "T" too',
    ],
    ["a title that is taken", [route({ result: { title: "Refusal" } })], "not be Refusal"],
  ] as const) {
    it(`is not made of ${what}`, () => {
      expect(() => documentOf(routes))
        .to.throw(/^route \w+[^\n]*$/)
        .with.property("message")
        .that.contains(fault);
    });
  }
});

const bodyRoute = (body: Schema, result: Schema = { type: "object" }): Route =>
  route({
    name: "sendThing",
    method: "POST",
    body: { type: "object", required: ["inner"], properties: { inner: body, outer: body } },
    result,
  });

/** What a validator of JSON Schema draft 4 says of a body, by a component of a document. */
function judge(of: OpenApiDocument | GatewayDocument, name: string): (value: unknown) => boolean {
  const validator = new draft4.default({ strict: false, logger: false });
  const schema = of.components?.schemas?.[name];
  if (!schema) throw new Error(`${name} is no model`);
  return validator.compile(schema);
}

describe("the document that the gateway gets", () => {
  it("refuses nothing that the handler takes", () => {
    let taken = 0;
    fc.assert(
      fc.property(schemas, fc.array(values, { minLength: 20, maxLength: 20 }), (schema, inputs) => {
        const own = bodyRoute(schema);
        const of = documentOf([own]);
        const judges = [judge(of, "SendThingBody"), judge(gatewayDocument(of), "SendThingBody")];
        inputs.forEach((inner, index) => {
          for (const outer of [inputs[index - 1], null, undefined]) {
            const body: unknown = JSON.parse(JSON.stringify({ inner, outer, more: inner }));
            if (!takes(own.body ?? {}, body)) continue;
            taken += 1;
            expect(judges.map((accepts) => accepts(body))).to.deep.equal([true, true]);
          }
        });
      }),
      { numRuns: 60 },
    );
    expect(taken).to.be.above(100);
  });

  it("refuses what is required and missing or of another type, which saves an invocation", () => {
    const accepts = judge(gatewayDocument(document), "SendParcelBody");

    expect(accepts({ to: "Bern", grams: null, size: null, lines: null })).to.equal(true);
    for (const body of [{}, { to: null }, { to: 7 }, { to: "" }, { to: "x".repeat(41) }, [], "x"]) {
      expect(accepts(body), JSON.stringify(body)).to.equal(false);
    }
  });

  it("has nothing that the import changes or drops", () => {
    const text = JSON.stringify(gatewayDocument(document));

    for (const keyword of [
      "nullable",
      "pattern",
      "Items",
      '"integer"',
      "example",
      "oneOf",
      'title":"P',
    ]) {
      expect(text).not.to.contain(keyword);
    }
    expect(text).not.to.match(/"(?:responses|parameters|headers)":\{[^}]*"\$ref"/);
  });

  it("requires no header and no query, and has HEAD beside GET", () => {
    const { paths } = gatewayDocument(document);
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const required = operations
      .flatMap(({ parameters = [] }) => parameters)
      .filter((one) => one.required === true && one.in !== "path");

    expect(required).to.deep.equal([]);
    expect(Object.keys(paths["/parcels"] ?? {})).to.deep.equal(["get", "head", "post"]);
    expect(Object.keys(paths["/health"] ?? {})).to.deep.equal(["get", "head"]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).to.equal(
      operations.length,
    );
  });
});

function takes(schema: Schema, value: unknown): boolean {
  try {
    read(schema, value);
    return true;
  } catch {
    return false;
  }
}
