import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  bundleHandler,
  FEATURE_BUDGET_BYTES,
  handlerBudgetBytes,
  HANDLER_BUDGET_BYTES,
} from "../../../infra/function/bundle.ts";
import { bundledFeatures, neededFeatures, OWN_FEATURES } from "../../../infra/function/features.ts";

const DECLARED = "name: parcels\nconfig:\n  database:\n    type: string\n    default: none\n";

describe("the API in the bundle", () => {
  /** Bytes of the files that are for an API alone. */
  async function bytesOf(api: boolean): Promise<number> {
    const features = { ...OWN_FEATURES, api, database: false };
    const { metafile } = await bundleHandler({ features });
    return Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([file]) => /\/(?:router|routes|cors)\.ts$/.test(file))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  }

  it("is there with the feature, and not a byte of it without", async () => {
    expect(await bytesOf(true)).to.be.above(2000);
    expect(await bytesOf(false)).to.equal(0);
  });
});

describe("the features of a project", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "features-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const features = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return bundledFeatures(folder);
  };

  const none = { api: false, database: false, ...OWN_FEATURES };

  for (const [what, files, on] of [
    ["no file", {}, {}],
    ["a default that turns nothing on", { "Pulumi.yaml": DECLARED }, {}],
    [
      "a default that turns one on",
      { "Pulumi.yaml": DECLARED.replace("none", "dynamodb") },
      { database: true },
    ],
    [
      "a value in place of a default",
      { "Pulumi.yaml": "name: parcels\nconfig:\n  parcels:api:\n    value: rest\n" },
      { api: true },
    ],
    [
      "one stack of two, by the project's name",
      {
        "Pulumi.yaml": DECLARED,
        "Pulumi.a.yaml": "config:\n  parcels:database: dynamodb\n",
        "Pulumi.b.yaml": "config:\n  parcels:database: none\n",
      },
      { database: true },
    ],
    [
      "a stack, by the bare key",
      { "Pulumi.yaml": DECLARED, "Pulumi.a.b.yaml": "config:\n  api: http\n" },
      { api: true },
    ],
    [
      "an encrypted value, which may be any",
      { "Pulumi.yaml": DECLARED, "Pulumi.a.yaml": "config:\n  api:\n    secure: v1:abc\n" },
      { api: true },
    ],
    [
      "a key of a provider's that is called the same",
      { "Pulumi.yaml": DECLARED, "Pulumi.a.yaml": "config:\n  postgresql:database: orders\n" },
      {},
    ],
    [
      "files that are no stack's",
      { "Pulumi.yaml": DECLARED, "Pulumi.a.yaml.bak": "config:\n  api: http\n" },
      {},
    ],
    ["files that are empty", { "Pulumi.yaml": "", "Pulumi.a.yaml": "# nothing\n" }, {}],
  ] as const) {
    it(`follow from ${what}`, () => {
      expect(features(files)).to.deep.equal({ ...none, ...on });
    });
  }

  it("cannot be read from a file that is no YAML, which is named", () => {
    expect(() => features({ "Pulumi.yaml": DECLARED, "Pulumi.a.yaml": "config: [" })).to.throw(
      /^Pulumi\.a\.yaml cannot be read: [^\n]+$/,
    );
  });

  it("are needed by the settings that turn one on, whatever the files say", () => {
    expect(neededFeatures({ api: "none", memoryMb: 256 })).to.deep.equal([]);
    expect(neededFeatures({ api: "rest", database: "none" })).to.deep.equal(["api"]);
  });

  it("raise the handler's budget, each by its own part", () => {
    expect(handlerBudgetBytes({ api: false, database: false, other: true })).to.equal(
      HANDLER_BUDGET_BYTES,
    );
    expect(handlerBudgetBytes({ api: true, database: true })).to.equal(
      HANDLER_BUDGET_BYTES +
        (FEATURE_BUDGET_BYTES["api"] ?? 0) +
        (FEATURE_BUDGET_BYTES["database"] ?? 0),
    );
  });
});
