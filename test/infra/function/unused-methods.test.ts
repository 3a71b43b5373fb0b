import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { createDomain } from "../../../function/domain/index.ts";
import { bundleHandler } from "../../../infra/function/bundle.ts";
import { CONFIGURED } from "../../../infra/function/features.ts";
import { saidNames, withoutUnused } from "../../../infra/function/unused-methods.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The source without its unused methods and without blanks. */
const trimmed = (source: string): string =>
  withoutUnused(source, saidNames(source)).replace(/\s+/g, " ").trim();

describe("a method", () => {
  const kept: readonly (readonly [string, string])[] = [
    ["is called", "class A { m() {} } new A().m();"],
    ["is called as optional", "class A { m() {} } new A()?.m?.();"],
    ["is taken by destructuring", "class A { m() {} } const { m: a } = new A();"],
    ["is named by a text", 'class A { m() {} } new A()["m"]();'],
    ["is named by a template", "class A { m() {} } new A()[`m`]();"],
    ["is private and called", "class A { #m() {} constructor() { this.#m(); } } new A();"],
    ["is private and asked for", "class A { #m() {} static { #m in A; } }"],
    ["is called by one that is called", "class A { m() { this.n(); } n() {} } new A().m();"],
    [
      "is called of the parent",
      "class A { m() {} } class B extends A { n() { super.m(); } } x.n();",
    ],
    ["is a getter that is read", "class A { get m() { return 1; } } new A().m;"],
    ["is static and called", "class A { static m() {} } A.m();"],
    ["is called by a field's value", "class A { m() {} a = () => this.m(); } new A();"],
    ["has a computed name", "class A { [Symbol.iterator]() {} } new A();"],
    ["is called by the engine", "class A { toJSON() {} toString() {} then() {} } new A();"],
    ["may be called by a built-in parent", "class A extends Map { set() {} } new A([[1, 2]]);"],
  ];
  for (const [what, source] of kept) {
    it(`stays that ${what}`, () => expect(trimmed(source)).to.equal(source));
  }

  const dropped: readonly (readonly [string, string, string])[] = [
    ["nobody calls", "class A { m() {} } new A();", "class A { } new A();"],
    ["is private and unused", "class A { #m() {} } new A();", "class A { } new A();"],
    ["only unused ones call", "class A { m() { this.n(); } n() { x.m(); } } A;", "class A { } A;"],
    ["is static and unused", "class A { static async m() {} } A;", "class A { } A;"],
    ["only calls itself", "class A { m() { this.m(); } } A;", "class A { } A;"],
  ];
  for (const [what, source, expected] of dropped) {
    it(`goes that ${what}`, () => expect(trimmed(source)).to.equal(expected));
  }

  it("stays that a kept one of a class calls of which the bundle has nothing", () => {
    const source = "class A { get() { this.#m(); } #m() { this.#n(); } #n() {} #o() {} }";

    expect(withoutUnused(source, new Set(["get"])).replace(/\s+/g, " ")).to.equal(
      source.replace(" #o() {}", ""),
    );
  });

  it("leaves lines and columns where they were", () => {
    const source = "class A {\n  m() {\n    return 1;\n  }\n  n() {}\n}\nnew A().n();\n";

    const result = withoutUnused(source, saidNames(source));

    expect(result).to.have.lengthOf(source.length);
    expect(result.indexOf("n() {}")).to.equal(source.indexOf("n() {}"));
  });
});

describe("the bundle without unused methods", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "unused-"));
  });
  after(() => rm(folder, { recursive: true }));

  /** Runs a module with time standing still. */
  async function output(module: string, events: readonly unknown[] = []): Promise<string> {
    const script = join(folder, "run.mjs");
    await writeFile(
      script,
      `globalThis.Date = class extends Date { constructor(...a) { super(...(a.length ? a : [0])); } static now() { return 0; } };
       process.hrtime = () => [1, 0];
       // Stacks name files, which differ between a source and its bundle.
       Error.stackTraceLimit = 0;
       const { handler } = await import(process.argv[2]);
       let id = 0;
       for (const event of JSON.parse(process.argv[3])) {
         const context = { awsRequestId: "r-" + id++, functionName: "f", functionVersion: "7", memoryLimitInMB: "256", invokedFunctionArn: "arn:f", getRemainingTimeInMillis: () => 60000 };
         await handler(event, context).catch((error) => console.log(error.name, error.message));
       }`,
    );
    const { stdout, stderr } = await execa(
      process.execPath,
      ["--no-warnings", script, module, JSON.stringify(events)],
      {
        extendEnv: false,
        env: {
          AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
          AWS_LAMBDA_LOG_LEVEL: "DEBUG",
          AWS_REGION: "us-east-1",
          ENVIRONMENT: "test",
          POWERTOOLS_LOG_LEVEL: "DEBUG",
          POWERTOOLS_LOGGER_LOG_EVENT: "true",
          POWERTOOLS_METRICS_NAMESPACE: "test",
          POWERTOOLS_SERVICE_NAME: "test",
          _X_AMZN_TRACE_ID:
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        },
      },
    );
    return `${stdout}\n${stderr}`;
  }

  // With every feature, as code has them that runs from its source.
  const built = async (entryPoint: string): Promise<string> => {
    const module = join(folder, "index.mjs");
    await writeFile(module, (await bundleHandler({ entryPoint, needed: CONFIGURED })).code);
    return module;
  };

  it("writes byte for byte what the packages as they are installed write", async () => {
    const entryPoint = join(ROOT, "test/infra/function/fixtures/all-lines.ts");

    const expected = await output(entryPoint, [{}]);

    expect(expected.split("\n")).to.have.lengthOf.above(20);
    expect(await output(await built(entryPoint), [{}])).to.equal(expected);
  });

  it("of the service writes what its source writes", async () => {
    const { sample, smokeEvents } = createDomain();
    const http = { requestContext: { http: { method: "POST" } }, body: JSON.stringify(sample) };
    const events = [sample, ...smokeEvents.map(({ event }) => event), http, "no event", null];
    const entryPoint = join(ROOT, "function/handler.ts");

    const expected = await output(entryPoint, events);

    expect(expected.split("\n")).to.have.lengthOf.above(2 * events.length - 1);
    expect(await output(await built(entryPoint), events)).to.equal(expected);
  });
});
