import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { bundleHandler } from "../../../infra/function/bundle.ts";
import { mapStacks, mapText, stacksIn } from "../../../ops/stack-trace/map.ts";

describe("mapping stacks", () => {
  let folder: string;
  let stack: string;
  let sourceMap: string;

  // A real stack of a real bundle: the handler throws from a known line.
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "stack-"));
    const entryPoint = join(folder, "handler.ts");
    await writeFile(
      entryPoint,
      "interface Event { id: string }\n\nexport const handler = (event: Event) => {\n  throw new Error(event.id);\n};\n",
    );
    const bundle = await bundleHandler({ entryPoint });
    ({ sourceMap } = bundle);
    await mkdir(join(folder, "dist"));
    const file = join(folder, "dist/index.mjs");
    await writeFile(file, bundle.code);
    const { handler }: { handler: (event: object) => void } = await import(
      pathToFileURL(file).href
    );
    try {
      handler({ id: "broken" });
    } catch (error) {
      stack = (error as Error).stack ?? "";
    }
  });
  after(() => rm(folder, { recursive: true }));

  it("names the source's line and column", () => {
    expect(stack).to.contain("dist/index.mjs:1:");
    expect(mapText(stack, sourceMap)).to.match(/handler\.ts:4:9/);
    expect(mapText(stack, sourceMap)).not.to.contain("dist/index.mjs");
  });

  it("finds the stack in a JSON log line, whatever key it stands under", () => {
    const line = JSON.stringify({ level: "ERROR", error: { cause: { stack } } });

    const mapped = mapText(stacksIn(line), sourceMap);

    expect(mapped).to.match(/^Error: broken\n {4}at .*handler\.ts:4:9/);
  });

  it("finds the stack that Lambda's runtime writes, as a list of lines", () => {
    const line = JSON.stringify({ errorType: "Error", stackTrace: stack.split("\n") });

    expect(mapText(stacksIn(line), sourceMap)).to.match(/^Error: broken\n {4}at .*handler\.ts:4:9/);
  });

  it("maps Lambda's own path to the bundle", () => {
    const location = /dist\/index\.mjs:\d+:\d+/.exec(stack)?.[0];

    expect(mapText(`at f (file:///var/task/${location})`, sourceMap)).to.match(
      /^at f \(.*handler\.ts:4:9\)$/,
    );
  });

  it("leaves all other text as it is", () => {
    const text = "START\nat node:internal/process:1:2\n{no json}\n";

    expect(mapText(stacksIn(text), sourceMap)).to.equal(text);
  });

  it("leaves a position that the map does not know", () => {
    expect(
      mapText("at dist/index.mjs:999:1", `{"version":3,"sources":[],"names":[],"mappings":""}`),
    ).to.equal("at dist/index.mjs:999:1");
  });

  it("leaves a stack of another build as it is, and counts it", () => {
    const [first = "", ...frames] = stack.split("\n");
    // Where the bundle has no expression that begins, as in most of another build's.
    const shifted = [
      first,
      ...frames.map((frame) =>
        frame.replace(
          /(dist\/index\.mjs:\d+):(\d+)/,
          (_, at: string, column: string) => `${at}:${Number(column) + 2}`,
        ),
      ),
    ].join("\n");

    const both = mapStacks(`before\n${stack}\nbetween\n${shifted}\nafter`, sourceMap);

    expect(both).to.include({ mapped: 1, foreign: 1 });
    expect(both.text).to.contain(shifted).and.not.contain(stack);
    expect(mapStacks("no stack here\n", sourceMap)).to.deep.equal({
      text: "no stack here\n",
      mapped: 0,
      foreign: 0,
    });
  });
});
