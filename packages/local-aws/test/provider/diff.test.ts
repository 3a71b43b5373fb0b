import { expect } from "chai";
import { automaticName } from "../../provider/aws-outputs.ts";
import { difference } from "../../provider/diff.ts";
import { UnknownToken } from "../../provider/unknown-token.ts";

const QUEUE = "aws:sqs/queue:Queue";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";

const asset = (hash: string, path: string) => ({
  "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
  hash,
  path,
});

describe("the difference of inputs", () => {
  it("is none for equal values, whatever their order", () => {
    const found = difference(
      QUEUE,
      "q",
      { name: "a", tags: { x: 1, y: 2 } },
      {
        tags: { y: 2, x: 1 },
        name: "a",
      },
    );

    expect(found.changed).to.deep.equal([]);
  });

  it("names what changes by its path, in lists and under odd keys too", () => {
    const { changes } = difference(
      "aws:lambda/function:Function",
      "f",
      { environment: { variables: { LEVEL: "info", OLD: "1" } }, layers: ["a", "b"], timeout: 3 },
      { environment: { variables: { LEVEL: "debug", "a.b": "2" } }, layers: ["a", "c"] },
    );

    expect(changes.map(({ path, kind }) => `${kind} ${path}`)).to.have.members([
      "update environment.variables.LEVEL",
      "delete environment.variables.OLD",
      'add environment.variables["a.b"]',
      "update layers[1]",
      "delete timeout",
    ]);
  });

  it("compares a JSON document by what it says", () => {
    const before = { name: "q", policy: '{"Version":"2012-10-17","Statement":[]}' };
    const same = { name: "q", policy: '{ "Statement": [], "Version": "2012-10-17" }' };
    const other = { name: "q", policy: '{"Version":"2012-10-17","Statement":[{}]}' };

    expect(difference(QUEUE, "q", before, same).changed).to.deep.equal([]);
    expect(difference(QUEUE, "q", before, other).changed).to.deep.equal(["policy"]);
  });

  it("compares a file by its content, wherever it lies", () => {
    const before = { bucket: "b", key: "k", source: asset("aa", "/one/file") };
    const moved = { bucket: "b", key: "k", source: asset("aa", "/two/file") };
    const changed = { bucket: "b", key: "k", source: asset("bb", "/one/file") };

    expect(difference(OBJECT, "o", before, moved).changed).to.deep.equal([]);
    expect(difference(OBJECT, "o", before, changed).changes).to.deep.equal([
      { path: "source", kind: "update", replaces: false },
    ]);
  });

  it("replaces where AWS cannot change in place", () => {
    const key = difference(OBJECT, "o", { bucket: "b", key: "1" }, { bucket: "b", key: "2" });
    const region = difference(QUEUE, "q", { name: "q" }, { name: "q", region: "eu-west-1" });
    const delay = difference(QUEUE, "q", { name: "q" }, { name: "q", delaySeconds: 1 });

    expect(key.replaceKeys).to.deep.equal(["key"]);
    expect(region.replaceKeys).to.deep.equal(["region"]);
    expect(delay.replaceKeys).to.deep.equal([]);
  });

  it("deletes first where both would have the same name", () => {
    const fifo = (name: string) =>
      difference(QUEUE, "q", { name }, { name, fifoQueue: true }).deleteBeforeReplace;
    const renamed = difference(QUEUE, "q", { name: "a" }, { name: "b" });

    expect(fifo("fixed")).to.equal(true);
    expect(fifo(automaticName(QUEUE, "q"))).to.equal(false);
    expect(renamed.deleteBeforeReplace).to.equal(false);
  });

  it("is refused for a type that nobody described", () => {
    expect(() => difference("aws:x/y:Y", "y", {}, {})).to.throw(UnknownToken);
  });
});
