import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { userCache } from "local-aws/make-once.ts";
import { inWorkspace } from "local-aws/provider/workspace.ts";
import { stringify } from "yaml";
import { dashboardOf } from "../../local/dashboard/planned.ts";
import { startNode } from "../support/command.ts";
import { copyProject, PROJECT_ROOT, useEngine } from "../support/engine.ts";
import { testConfig, testProjectFile } from "../support/settings.ts";

const SCRIPT = path.join(PROJECT_ROOT, "local/dashboard.ts");

/** The command without a way to an engine or an account. */
const dashboard = (...args: string[]) =>
  startNode(["--no-warnings", SCRIPT, ...args], {
    cwd: PROJECT_ROOT,
    env: { PATH: "", STACK_OUTPUTS_FILE: "/nonexistent/outputs.json" },
  });

describe("npm run dashboard", () => {
  it("shows an example in its help", async () => {
    const { exitCode, stdout } = await dashboard("--help");

    expect(exitCode).to.equal(0);
    expect(stdout).to.include("npm run dashboard -- --stack production --live");
  });

  const WRONG: readonly (readonly [args: readonly string[], said: string])[] = [
    [["--minutes", "1"], "must be a whole number of minutes from 5 to 20160"],
    [["--live", "--save"], "cannot be used with option"],
  ];
  for (const [args, said] of WRONG) {
    it(`refuses ${args.join(" ")} as wrong usage`, async () => {
      const { exitCode, stdout, stderr } = await dashboard(...args);

      expect([exitCode, stdout]).to.deep.equal([2, ""]);
      expect(stderr).to.include(said).and.to.include("see: npm run dashboard -- --help");
    });
  }

  it("refuses to follow what is not there at once, before it plans", async () => {
    const { exitCode, stdout, stderr } = await dashboard("--live");

    expect([exitCode, stdout]).to.deep.equal([1, ""]);
    expect(stderr).to.match(/^error: STACK_OUTPUTS_FILE: .* cannot be read \(ENOENT\); .*$/);
  });

  it("names the dashboards of the plan when it has not the one that was asked for", () => {
    const type = "aws:cloudwatch/dashboard:Dashboard";
    const resources = [
      { type, inputs: { dashboardName: "one", dashboardBody: "{}" } },
      { type: "aws:sqs/queue:Queue", inputs: { name: "two" } },
    ];

    expect(dashboardOf(resources, "one")).to.deep.equal({ name: "one", body: "{}" });
    expect(() => dashboardOf(resources, "two")).to.throw(
      "the plan has no dashboard two; name one of these: one",
    );
    expect(() => dashboardOf([], "two")).to.throw("add one to the program");
  });

  describe("with the engine", () => {
    useEngine();

    it("draws the dashboard of the plan, without an account, and names what it cannot draw", async function () {
      this.timeout(180_000);
      await inWorkspace(PROJECT_ROOT, async (workspace) => {
        const project = copyProject(workspace);
        writeFileSync(path.join(project, "Pulumi.yaml"), testProjectFile());
        writeFileSync(
          path.join(project, "Pulumi.staging.yaml"),
          stringify({ config: testConfig("staging").stackValues }),
        );
        // A change of the program's dashboard, as somebody makes it who wants to see it first.
        const source = path.join(project, "infra/observability/dashboard.ts");
        writeFileSync(
          source,
          readFileSync(source, "utf8").replace(
            "return { start:",
            'widgets.push({ type: "metric", x: 0, y: 99, width: 6, height: 6, properties: { title: "Mine", metrics: [[{ expression: "TIME_SERIES(1)", label: "one" }]] } });\n  return { start:',
          ),
        );
        const home = path.join(workspace.scratch, "home");
        mkdirSync(home);
        const out = path.join(workspace.scratch, "pictures");
        const { exitCode, stdout, stderr } = await startNode(
          ["--no-warnings", path.join(project, "local/dashboard.ts"), "--json", "--out", out],
          {
            cwd: project,
            env: {
              HOME: home,
              XDG_CACHE_HOME: userCache(),
              NODE_COMPILE_CACHE: path.join(PROJECT_ROOT, ".cache", "compiled"),
              AWS_PROFILE: "no-such-profile",
            },
          },
        );
        expect(exitCode, stderr).to.equal(0);

        const document = JSON.parse(stdout) as object;
        const name = "ledger-overview-staging";
        expect(document).to.deep.include({ stack: "staging", dashboard: name, from: "samples" });
        expect(document).to.have.deep.property("problems", [
          { title: "Mine, one", problem: "not computed: TIME_SERIES(1)" },
        ]);
        const svg = readFileSync(path.join(out, `${name}.svg`), "utf8");
        expect(svg)
          .to.match(/^<svg /)
          .and.to.include(">Mine</text>")
          .and.to.include(`>${name}</text>`);
        const png = readFileSync(path.join(out, `${name}.png`));
        expect(png.subarray(1, 4).toString()).to.equal("PNG");
        expect(png.readUInt32BE(16), "its width: two pixels a pixel").to.equal(2880);
        expect(existsSync(path.join(project, ".cache/dashboard"))).to.equal(false);
      });
    });
  });
});
