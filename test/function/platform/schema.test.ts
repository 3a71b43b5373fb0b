import draft4 from "ajv-draft-04";
import { expect } from "chai";
import * as fc from "fast-check";
import { type Fault, RefusedError } from "../../../function/platform/errors.ts";
import { read, type Schema } from "../../../function/platform/schema.ts";
import { schemas, values } from "../support/schemas.ts";

/** Each fault as `path message`. */
function faults(schema: Schema, input: unknown, further?: readonly Fault[]): string[] {
  try {
    read(schema, input, further);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return error.faults.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}

const PARCEL = {
  type: "object",
  required: ["kind", "stops"],
  properties: {
    kind: { enum: ["letter", "box", 7, true] },
    stops: {
      type: "array",
      minItems: 1,
      maxItems: 3,
      items: {
        type: "object",
        required: ["city"],
        properties: {
          city: { type: "string", minLength: 2, maxLength: 4 },
          floor: { type: "integer" },
        },
      },
    },
    grams: { type: "number", minimum: 1, maximum: 2.5 },
    code: { type: "string", pattern: "^[A-Z]{2}$" },
    insured: { type: "boolean" },
    toString: { type: "string" },
  },
} as const satisfies Schema;

describe("read", () => {
  it("takes what fits and keeps what the schema does not know", () => {
    const parcel = {
      kind: "box",
      stops: [{ city: "Rome", floor: 0, bell: "left" }],
      grams: 2.5,
      code: "AB",
      insured: false,
      note: null,
    };

    expect(read(PARCEL, parcel)).to.deep.equal(parcel);
  });

  it("has the type of what the schema takes", () => {
    const { kind, stops, grams } = read(PARCEL, { kind: 7, stops: [{ city: "Bern" }] });
    const typed: readonly ["letter" | "box" | 7 | true, string | undefined, number | undefined] = [
      kind,
      stops[0]?.city,
      grams,
    ];

    expect(typed).to.deep.equal([7, "Bern", undefined]);
  });

  it("takes null for what is not required as if it were not there, and changes no input", () => {
    const input = { kind: "box", stops: [{ city: "Bern", floor: null }], grams: null };

    expect(read(PARCEL, input)).to.deep.equal({ kind: "box", stops: [{ city: "Bern" }] });
    expect(input.stops[0]).to.have.property("floor", null);
    expect(faults(PARCEL, { kind: null, stops: null })).to.have.length(2);
  });

  it("lists every fault by its path, in words, and further ones last", () => {
    const input = {
      kind: "crate",
      stops: [{}, { city: "x", floor: 1.5 }, "Rome"],
      grams: 3,
      code: "ABC",
      insured: "yes",
    };

    expect(faults(PARCEL, input, [{ path: "a", message: "is late" }])).to.deep.equal([
      "kind must be one of letter, box, 7, true",
      "stops.0.city must be a string of 2 to 4 characters",
      "stops.1.city must be a string of 2 to 4 characters",
      "stops.1.floor must be a whole number",
      "stops.2 must be an object",
      "grams must be a number of 1 to 2.5",
      "code must be a string that matches ^[A-Z]{2}$",
      "insured must be true or false",
      "a is late",
    ]);
  });

  for (const [schema, wanted] of [
    [{}, "given"],
    [{ type: "object" }, "an object"],
    [{ type: "array" }, "a list"],
    [{ type: "array", minItems: 1 }, "a list of 1 or more items"],
    [{ type: "array", maxItems: 9 }, "a list of at most 9 items"],
    [{ type: "string" }, "a string"],
    [{ type: "integer", minimum: 0 }, "a whole number of 0 or more"],
    [{ type: "number", maximum: 0 }, "a number of at most 0"],
  ] as const) {
    it(`says that something must be ${wanted}`, () => {
      expect(faults(schema, undefined)).to.deep.equal([` must be ${wanted}`]);
    });
  }

  it("lists twenty faults at most", () => {
    expect(
      faults({ type: "array", items: { type: "string" } }, Array(1000).fill(7)),
    ).to.have.length(20);
  });

  it("does not take for a property what every object inherits", () => {
    const schema = { required: ["valueOf"], type: "object", properties: { valueOf: {} } } as const;

    expect(faults(schema, {})).to.deep.equal(["valueOf must be given"]);
    expect(faults(PARCEL, { kind: "box", stops: [{ city: "Bern" }] })).to.deep.equal([]);
  });

  it("requires what it says nothing else of", () => {
    expect(faults({ type: "object", required: ["a", "b"] }, { a: null })).to.deep.equal([
      "b must be given",
    ]);
  });

  it("counts a short text in code points and a long one in UTF-16 units, whichever is stricter", () => {
    const text = { type: "string", minLength: 2, maxLength: 3 } as const;

    expect(faults(text, "😀")).to.have.length(1);
    expect(faults(text, "😀a")).to.deep.equal([]);
    expect(faults(text, "😀😀")).to.have.length(1);
  });

  it("takes nothing that a validator of JSON Schema draft 4 refuses, and refuses little more", () => {
    let taken = 0;
    fc.assert(
      fc.property(schemas, fc.array(values, { minLength: 20, maxLength: 20 }), (schema, inputs) => {
        const validate = new draft4.default({ strict: false, logger: false }).compile(schema);
        for (const input of inputs) {
          if (faults(schema, input).length === 0) {
            expect(validate(read(schema, input))).to.equal(true);
            taken += 1;
          }
          // A long text is measured in larger numbers here.
          else if (!JSON.stringify(input).includes("😀")) expect(validate(input)).to.equal(false);
        }
      }),
      { numRuns: 60 },
    );
    expect(taken).to.be.above(60);
  });
});
