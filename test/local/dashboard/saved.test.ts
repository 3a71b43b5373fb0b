/** The picture in the README is what this project draws of its own dashboard. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { dashboardBody } from "../../../infra/observability/dashboard.ts";
import { parseBody } from "../../../local/dashboard/body.ts";
import { drawSaved, SAVED_DATA, SAVED_PICTURE, type Saved } from "../../../local/dashboard/save.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";
import { testSettings } from "../../support/settings.ts";

const read = (file: string): string => readFileSync(path.join(PROJECT_ROOT, file), "utf8");
const saved = JSON.parse(read(SAVED_DATA)) as Saved;
const REMEDY = "run: npm run dashboard -- --stack production --save";

/** The body as it would be made today, of the settings and the alarms of the saved one. */
function bodyOfToday(): unknown {
  const settings = testSettings(saved.settings);
  const text = JSON.stringify(saved.body);
  const [, region = "", accountId = ""] =
    /arn:aws:cloudwatch:([\w-]+):(\d{12}):alarm:/.exec(text) ?? [];
  const { namespace = "" } =
    parseBody(text)
      .widgets.flatMap((widget) => (widget.type === "metric" ? widget.lines : []))
      .flatMap(({ source }) => (source.kind === "metric" ? source : []))
      .find((source) => source.metricName === "SuccessCount") ?? {};
  const { serviceName, environment } = saved.settings;
  const ringing = parseBody(text)
    .widgets.flatMap((widget) => (widget.type === "alarm" ? widget.alarms : []))
    .map((name) => name.slice(serviceName.length + 1, -environment.length - 1));
  const location = { partition: "aws", region, accountId };
  return JSON.parse(JSON.stringify(dashboardBody({ settings, location, namespace, ringing })));
}

describe("the picture of the dashboard in the README", () => {
  it(`is drawn from its saved data (else ${REMEDY})`, () => {
    expect(read(SAVED_PICTURE) === drawSaved(saved)).to.equal(true, REMEDY);
  });

  it(`shows the dashboard that the program makes (else ${REMEDY})`, () => {
    expect(bodyOfToday(), REMEDY).to.deep.equal(saved.body);
  });

  it("is small enough for a README", () => {
    expect(read(SAVED_PICTURE).length).to.be.below(150_000);
    expect(read(SAVED_DATA).length).to.be.below(150_000);
  });

  it("is shown there, and tells the story of a canary that went back", () => {
    expect(read("README.md")).to.include(`](${SAVED_PICTURE})`);
    expect(saved.data.releases.map(({ label }) => label.replaceAll(/\d+/g, "N"))).to.deep.equal([
      "release of version N",
      "release of version N",
      "back to version N",
    ]);
  });
});
