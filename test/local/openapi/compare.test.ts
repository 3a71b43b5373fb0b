import { expect } from "chai";
import * as fc from "fast-check";
import { openApiDocument } from "../../../infra/api/openapi.ts";
import { compareDocuments } from "../../../local/openapi/compare.ts";
import type { JsonSchema, OpenApi, Operation } from "../../../local/openapi/document.ts";
import { PARCELS } from "../../function/support/parcels.ts";
import { schemas, values } from "../../function/support/schemas.ts";
import draft4 from "ajv-draft-04";

const operation: Operation = {
  operationId: "sendParcel",
  parameters: [
    { name: "Key", in: "header", required: false, schema: { type: "string" } },
    { name: "size", in: "query", required: true, schema: { enum: ["s", "m"] } },
  ],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          type: "object",
          required: ["to"],
          properties: {
            to: { type: "string", minLength: 1, maxLength: 40 },
            note: { type: "string", nullable: true },
            lines: { type: "array", items: { $ref: "#/components/schemas/Line" } },
          },
        },
      },
    },
  },
  responses: {
    201: {
      headers: { ETag: {} },
      content: {
        "application/json": {
          schema: {
            type: "object",
            required: ["id"],
            properties: { id: { type: "string" }, state: { enum: ["sent", "lost"] } },
          },
        },
      },
    },
    404: { $ref: "#/components/responses/NotFound" },
  },
};

const before: OpenApi = {
  openapi: "3.0.1",
  info: { version: "1.0.0" },
  paths: { "/parcels/{key}": { post: operation } },
  components: {
    schemas: {
      Line: { type: "object", required: ["sku"], properties: { sku: { type: "integer" } } },
    },
    responses: { NotFound: { content: { "application/json": { schema: { type: "object" } } } } },
  },
};

// oxlint-disable-next-line typescript/no-explicit-any -- A document that a test changes wherever it likes.
type Draft = Record<string, any>;

/** The document with something changed in its one operation, or anywhere. */
function changed(change: (operation: Draft, document: Draft) => void): OpenApi {
  const copy: Draft = structuredClone(before);
  change(copy["paths"]["/parcels/{key}"].post, copy);
  return copy as OpenApi;
}

const bodyOf = (one: Draft): Draft => one["requestBody"].content["application/json"].schema;
const answerOf = (one: Draft): Draft => one["responses"][201].content["application/json"].schema;

const BREAKING: readonly (readonly [string, (one: Draft, document: Draft) => void])[] = [
  ["is gone", (_, document) => (document["paths"] = {})],
  [
    "is gone",
    (_, document) => {
      const item = document["paths"]["/parcels/{key}"];
      document["paths"]["/parcels/{key}"] = { put: item.post };
    },
  ],
  ["does not take header Key any more", (one) => one["parameters"].shift()],
  ["requires header Key", (one) => (one["parameters"][0].required = true)],
  [
    "requires query limit, which is new",
    (one) => one["parameters"].push({ name: "limit", in: "query", required: true }),
  ],
  ['query size must be one of "s"', (one) => (one["parameters"][1].schema = { enum: ["s"] })],
  ["header Key must be like ^a", (one) => (one["parameters"][0].schema.pattern = "^a")],
  ["takes no body any more", (one) => delete one["requestBody"]],
  [
    "does not take application/json any more",
    (one) => {
      const { content } = one["requestBody"];
      one["requestBody"].content = { "text/plain": content["application/json"] };
    },
  ],
  ["body.note is required", (one) => bodyOf(one)["required"].push("note")],
  [
    "body.from is required, and new",
    (one) => {
      bodyOf(one)["required"].push("from");
      bodyOf(one)["properties"].from = { type: "string" };
    },
  ],
  ["body.note is not taken any more", (one) => delete bodyOf(one)["properties"].note],
  [
    "body.note must be another value than null",
    (one) => delete bodyOf(one)["properties"].note.nullable,
  ],
  ["body.to must be of type number", (one) => (bodyOf(one)["properties"].to = { type: "number" })],
  [
    "body.to must be at most 39 characters long",
    (one) => (bodyOf(one)["properties"].to.maxLength = 39),
  ],
  [
    "body.to must be at least 2 characters long",
    (one) => (bodyOf(one)["properties"].to.minLength = 2),
  ],
  ["body.to must be of the format uuid", (one) => (bodyOf(one)["properties"].to.format = "uuid")],
  [
    "body.lines must be at least 1 items long",
    (one) => (bodyOf(one)["properties"].lines.minItems = 1),
  ],
  [
    "body.lines[].sku must be at most 9",
    (_, document) => (document["components"].schemas.Line.properties.sku.maximum = 9),
  ],
  [
    "body.lines[].count is required, and new",
    (_, document) => document["components"].schemas.Line.required.push("count"),
  ],
  [
    "body must be without fields that are not named",
    (one) => (bodyOf(one)["additionalProperties"] = false),
  ],
  [
    "body changed, and allOf, oneOf, anyOf, not cannot be compared",
    (one) => (bodyOf(one)["oneOf"] = []),
  ],
  [
    "never answers 201 any more",
    (one) => {
      one["responses"][200] = one["responses"][201];
      delete one["responses"][201];
    },
  ],
  ["never answers 404 any more", (one) => delete one["responses"][404]],
  ["answers 201 without the header ETag", (one) => delete one["responses"][201].headers],
  ["answers 201 in no application/json any more", (one) => delete one["responses"][201].content],
  ["answer 201.state is gone", (one) => delete answerOf(one)["properties"].state],
  ["answer 201.id is not always there any more", (one) => (answerOf(one)["required"] = [])],
  [
    "answer 201.id is not always of type string any more",
    (one) => (answerOf(one)["properties"].id = { type: "integer" }),
  ],
  [
    'answer 201.state is not always one of "sent", "lost" any more',
    (one) => answerOf(one)["properties"].state.enum.push("held"),
  ],
  [
    "answer 404 is not always of type object any more",
    (_, document) =>
      (document["components"].responses.NotFound.content["application/json"].schema = {}),
  ],
  [
    "is not for callers with nothing any more, but with apiKey",
    (one) => (one["security"] = [{ apiKey: [] }]),
  ],
  [
    "is not for callers with nothing any more, but with apiKey",
    (_, document) => (document["security"] = [{ apiKey: [] }]),
  ],
];

const COMPATIBLE: readonly (readonly [string, (one: Draft, document: Draft) => void])[] = [
  ["is new", (one, document) => (document["paths"]["/parcels"] = { get: one })],
  ["is called send now, and was sendParcel", (one) => (one["operationId"] = "send")],
  ["takes query limit too", (one) => one["parameters"].push({ name: "limit", in: "query" })],
  ["does not require query size any more", (one) => (one["parameters"][1].required = false)],
  ['query size need not be one of "s", "m" any more', (one) => (one["parameters"][1].schema = {})],
  ["does not require a body any more", (one) => (one["requestBody"].required = false)],
  ["takes text/plain too", (one) => (one["requestBody"].content["text/plain"] = {})],
  ["body.to is not required any more", (one) => (bodyOf(one)["required"] = [])],
  ["body.from is taken too", (one) => (bodyOf(one)["properties"].from = {})],
  [
    "body.to need not be at most 40 characters long any more",
    (one) => (bodyOf(one)["properties"].to.maxLength = 41),
  ],
  [
    "body.lines[].sku need not be of type integer any more",
    (_, document) => (document["components"].schemas.Line.properties.sku = { type: "number" }),
  ],
  ["may answer 409 too", (one) => (one["responses"][409] = {})],
  ["answer 201.at is new", (one) => (answerOf(one)["properties"].at = {})],
  [
    'answer 201.state is always one of "sent"',
    (one) => (answerOf(one)["properties"].state.enum = ["sent"]),
  ],
  [
    "answer 201.id is always at most 9 characters long",
    (one) => (answerOf(one)["properties"].id.maxLength = 9),
  ],
];

const NO_CHANGE: readonly (readonly [string, (one: Draft, document: Draft) => void])[] = [
  [
    "the order of keys",
    (one) => (one["responses"] = { 404: one["responses"][404], 201: one["responses"][201] }),
  ],
  ["the capitals of a header", (one) => (one["parameters"][0].name = "key")],
  ["words", (one) => Object.assign(one, { summary: "Send", description: "it", tags: ["a"] })],
  [
    "an example",
    (one) => (one["responses"][201].content["application/json"].example = { id: "a" }),
  ],
  [
    "a rule that moves behind a name",
    (one, document) => {
      document["components"].schemas.Body = bodyOf(one);
      one["requestBody"].content["application/json"].schema = { $ref: "#/components/schemas/Body" };
    },
  ],
  [
    "the name of a parameter in the path",
    (_, document) => {
      document["paths"] = { "/parcels/{id}": document["paths"]["/parcels/{key}"] };
    },
  ],
  ["a minimum length of 0", (one) => (bodyOf(one)["properties"].note.minLength = 0)],
];

describe("a change of the contract", () => {
  const found = (after: OpenApi) =>
    compareDocuments(before, after).map(({ what, isBreaking }) => [what, isBreaking]);

  for (const [index, [what, change]] of BREAKING.entries()) {
    it(`breaks where the operation ${what} (${index})`, () => {
      expect(found(changed(change))).to.deep.include([what, true]);
    });
  }

  for (const [what, change] of COMPATIBLE) {
    it(`breaks nothing where the operation ${what}`, () => {
      expect(found(changed(change))).to.deep.equal([[what, false]]);
    });
  }

  for (const [what, change] of NO_CHANGE) {
    it(`is none where it is ${what}`, () => {
      expect(found(changed(change))).to.deep.equal([]);
    });
  }

  it("names the operation by method and path", () => {
    expect(
      compareDocuments(
        before,
        changed((_, document) => (document["paths"] = {})),
      ),
    ).to.deep.equal([{ operation: "POST /parcels/{key}", what: "is gone", isBreaking: true }]);
  });

  it("takes security by what a caller needs", () => {
    const secured = (security: unknown) => changed((one) => (one["security"] = security));
    const from = secured([{ key: [] }, { token: ["read"] }]);
    const breaks = (security: unknown) =>
      compareDocuments(from, secured(security)).map(({ isBreaking }) => isBreaking);

    expect(breaks([{ token: ["read"] }, { key: [] }])).to.deep.equal([]);
    expect(breaks([])).to.deep.equal([false]);
    expect(breaks([{ key: [] }, { token: [] }])).to.deep.equal([false]);
    expect(breaks([{ key: [] }])).to.deep.equal([true]);
    expect(breaks([{ key: [] }, { token: ["read", "write"] }])).to.deep.equal([true]);
    expect(breaks([{ key: [], token: ["read"] }])).to.deep.equal([true]);
  });

  it("ends with schemas that refer to themselves", () => {
    const tree = changed((one, document) => {
      document["components"].schemas.Tree = {
        type: "object",
        properties: { left: { $ref: "#/components/schemas/Tree" }, name: { type: "string" } },
      };
      bodyOf(one)["properties"].tree = { $ref: "#/components/schemas/Tree" };
    });
    const narrowed = structuredClone(tree) as Draft;
    narrowed["components"].schemas.Tree.properties.name.maxLength = 3;

    expect(compareDocuments(tree, tree)).to.deep.equal([]);
    expect(compareDocuments(tree, narrowed as OpenApi).map(({ what }) => what)).to.deep.equal([
      "body.tree.name must be at most 3 characters long",
    ]);
  });

  it("is refused where a reference leads nowhere", () => {
    const lost = changed(
      (one) => (one["responses"][404] = { $ref: "#/components/responses/Lost" }),
    );

    expect(() => compareDocuments(before, lost)).to.throw(
      "#/components/responses/Lost is not in the document",
    );
  });

  it("is none between a document of ours and itself", () => {
    const own = openApiDocument({ title: "parcels", version: "1.0.0", routes: PARCELS });

    expect(compareDocuments(own, structuredClone(own))).to.deep.equal([]);
  });

  it("that breaks no request is one by which whatever was taken is taken", () => {
    let compatible = 0;
    const withBody = (schema: JsonSchema): OpenApi => ({
      openapi: "3.0.1",
      info: { version: "1.0.0" },
      paths: { "/": { post: { requestBody: { content: { "application/json": { schema } } } } } },
    });
    const judge = (schema: JsonSchema) =>
      new draft4.default({ strict: false, logger: false }).compile(schema);
    fc.assert(
      fc.property(
        schemas,
        schemas,
        fc.array(values, { minLength: 10, maxLength: 10 }),
        (old, now, bodies) => {
          const breaks = compareDocuments(
            withBody(old as JsonSchema),
            withBody(now as JsonSchema),
          ).some(({ isBreaking }) => isBreaking);
          if (breaks) return;
          compatible += 1;
          const [took, takes] = [judge(old as JsonSchema), judge(now as JsonSchema)];
          for (const body of bodies) {
            if (took(body) && !takes(body))
              expect(
                newFields(old as JsonSchema, now as JsonSchema),
                JSON.stringify({ old, now, body }),
              ).to.equal(true);
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(compatible).to.be.above(20);
  });
});

/** A field that the old rule did not name may have been anything: by convention nobody sent it. */
const newFields = (old: JsonSchema, now: JsonSchema): boolean =>
  Object.entries(now.properties ?? {}).some(([name, schema]) => {
    const known = old.properties?.[name];
    return !known || newFields(known, schema);
  }) ||
  (now.items !== undefined && newFields(old.items ?? {}, now.items));
