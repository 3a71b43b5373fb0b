import { expect } from "chai";
import { knowledge } from "../../provider/knowledge.ts";
import { sdkFunction, sdkObject, sdkPackage, sdkResource } from "../../provider/sdk.ts";
import { compiledClasses } from "../support/sdk-tokens.ts";

describe("what is read of the SDK", () => {
  const classes = compiledClasses();

  it("is of every resource type what its compiled class does, required inputs and outputs alike", () => {
    const differing = classes.flatMap(({ token, inputs, required, computed }) => {
      const read = sdkResource(token);
      if (read === undefined) return [`${token}: cannot be read`];
      const keys = [...read.inputs.keys()].sort();
      const insisted = keys.filter((key) => read.inputs.get(key)?.optional === false);
      const outputs = [...read.outputs.keys()].filter((key) => !read.inputs.has(key)).sort();
      return JSON.stringify([keys, insisted, outputs]) ===
        JSON.stringify([inputs, required, computed])
        ? []
        : [token];
    });

    expect(differing).to.deep.equal([]);
    // The SDK had 1738 when this was written; far fewer would mean that the test sees only a part of it.
    expect(classes.length).to.be.above(1700);
  });

  it("names the types and inputs of the SDK in the generated knowledge", () => {
    const { sdk, types } = knowledge();
    const unknown = Object.entries(types).flatMap(([token, { replaceOn = [], arn = "", id }]) => {
      const inputs = sdkResource(token)?.inputs;
      if (inputs === undefined) return [token];
      const placeholders = [...arn.matchAll(/\{(\w+)\}/g)].map(([, key = ""]) => key);
      const free = ["partition", "region", "account", "id", "name", "arn"];
      return [...replaceOn, ...placeholders, id ?? "id"]
        .filter((key) => !inputs.has(key) && !free.includes(key))
        .map((key) => `${token}: ${key}`);
    });

    expect(unknown).to.deep.equal([]);
    expect(
      sdk,
      "provider/knowledge.json is of another version of @pulumi/aws; run: npm run generate --workspace packages/local-aws",
    ).to.equal(sdkPackage().version);
  });

  it("knows for a good part of the types what replaces them", () => {
    const known = Object.values(knowledge().types).filter((type) => type.replaceOn);

    expect(known.filter(({ partial }) => !partial).length).to.be.above(700);
  });

  it("holds functions and the objects in results", () => {
    const { results } = sdkFunction("aws:ssm/getParameter:getParameter") ?? {};

    expect(results?.get("version")?.type).to.equal("number");
    expect(sdkFunction("aws:index/getRegion:getRegion")?.results.has("region")).to.equal(true);
    expect(sdkObject("outputs.dynamodb.TableReplica").get("regionName")?.optional).to.equal(false);
    expect(sdkObject("outputs.GetAvailabilityZoneFilter").get("name")?.type).to.equal("string");
  });

  it("is nothing where the SDK has nothing", () => {
    expect(sdkResource("aws:dynamodb/tabel:Tabel")).to.equal(undefined);
    expect(sdkResource("aws:../ssm/parameter:Parameter")).to.equal(undefined);
    expect(sdkResource("random:index/randomId:RandomId")).to.equal(undefined);
    expect(sdkFunction("aws:ssm/parameter:Parameter")).to.equal(undefined);
  });
});
