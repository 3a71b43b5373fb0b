import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { checkConfig } from "../../../ops/support/check-config.ts";
import { testProjectFile, testStackFile } from "../../support/settings.ts";
import { parse, stringify } from "yaml";

describe("config that is not known offline", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "unknown-config-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  /** A project whose stack file has `extra` besides its config, some keys set otherwise or taken out. */
  const check = (
    config: Readonly<Record<string, unknown>>,
    extra: object = {},
    declared: Readonly<Record<string, unknown>> = {},
  ) => {
    const project = parse(testProjectFile()) as { name: string; config: Record<string, unknown> };
    const stack = parse(testStackFile("staging")) as { config: Record<string, unknown> };
    const own = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key.includes(":") ? key : `${project.name}:${key}`,
        value,
      ]),
    );
    writeFileSync(
      path.join(root, "Pulumi.yaml"),
      stringify({ ...project, config: { ...project.config, ...declared } }),
    );
    const set = Object.entries({ ...stack.config, ...own }).filter(([, value]) => value !== null);
    writeFileSync(
      path.join(root, "Pulumi.staging.yaml"),
      stringify({ config: Object.fromEntries(set), ...extra }),
    );
    const checked = checkConfig(root, "staging");
    return { ...checked, value: (key: string) => checked.values[`${project.name}:${key}`] };
  };
  const secure = { secure: "v1:abc:def" };

  it("is the default of a secret's key, whatever its type, and the plan says so", () => {
    const { notes, value, stackValues } = check({ memoryMb: secure, oidcProviderArn: secure });

    expect(notes).to.deep.equal([
      "memoryMb: is a secret: its value is not known offline; the default 384 is used",
      'oidcProviderArn: is a secret: its value is not known offline; the default "" is used',
    ]);
    expect(value("memoryMb")).to.equal("384");
    expect(JSON.stringify(stackValues)).to.not.contain("v1:abc");
  });

  it("is a repository for a secret one, which has no default", () => {
    const { value } = check({ githubRepository: secure }, undefined, {
      githubRepository: { type: "string" },
    });

    expect(value("githubRepository")).to.match(/^[\w-]+\/[\w-]+$/);
  });

  it("is refused where a rule has to be kept and nothing is declared to keep it with", () => {
    expect(() => check({ logLevel: secure }, undefined, { logLevel: { type: "string" } })).to.throw(
      "logLevel: is a secret: its value is not known offline, and it has no default to plan with; declare one in Pulumi.yaml",
    );
  });

  it("is left out of the provider where an aws: key is a secret", () => {
    const { notes, values } = check({ "aws:profile": secure });

    expect(values).to.not.have.property("aws:profile");
    expect(notes).to.deep.equal([
      "aws:profile: is a secret: its value is not known offline, and is left out",
    ]);
  });

  it("is what ESC environments set, named in whatever form they are imported", () => {
    for (const environment of [
      ["acme/staging-env"],
      { imports: ["acme/staging-env"] },
      [{ "acme/staging-env": { merge: true } }],
    ]) {
      const { notes, value } = check(
        { githubRepository: null },
        { environment },
        { githubRepository: { type: "string" } },
      );

      expect(notes[0]).to.match(
        /^Pulumi\.staging\.yaml imports the ESC environment acme\/staging-env: /,
      );
      expect(notes[1]).to.equal(
        "githubRepository: may come from the ESC environment acme/staging-env: its value is not known offline; a stand-in is used",
      );
      expect(value("githubRepository")).to.match(/^[\w-]+\/[\w-]+$/);
    }
  });

  it("is nothing where all is known", () => {
    expect(check({}).notes).to.deep.equal([]);
  });
});
