import { expect } from "chai";
import { dashboardBody, FREE_METRICS } from "../../../infra/observability/dashboard.ts";
import { testSettings } from "../../support/settings.ts";

interface Placed {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: { readonly horizontal: readonly { readonly value: number }[] };
  };
}

const settings = testSettings();
const location = { partition: "aws", region: "ap-southeast-2", accountId: "210987654321" };
const input = { location, settings, namespace: "shop", ringing: ["down", "failing"] };
const { widgets } = dashboardBody(input) as { widgets: readonly Placed[] };
const titled = (title: string) => widgets.find(({ properties }) => properties.title === title);

describe("the dashboard", () => {
  it("answers four questions in its first row", () => {
    const first = widgets.filter(({ y }) => y === 0).map(({ properties }) => properties.title);

    expect(first).to.have.length(4);
    expect(first.join(" ")).to.match(/Is it up.*Is it slow.*Is it failing.*Is something waiting/);
  });

  it("fits the grid, and no widget lies on another", () => {
    const cells = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      expect(x + width).to.be.at.most(24);
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(cells.has(`${column}/${row}`), `${column}/${row}`).to.equal(false);
          cells.add(`${column}/${row}`);
        }
      }
    }
  });

  it("has few enough metrics to be one of the free ones", () => {
    const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? []);

    expect(metrics.length).to.be.within(20, FREE_METRICS);
  });

  it("draws the alarm's threshold and the timeout into the duration", () => {
    const values = titled("Duration")?.properties.annotations?.horizontal.map(({ value }) => value);

    expect(values).to.deep.equal([settings.durationAlarmMs, settings.timeoutSeconds * 1000]);
  });

  it("shows the alarms that tell somebody by their ARNs", () => {
    const row = widgets.find(({ type }) => type === "alarm");

    expect(row?.properties).to.have.deep.property("alarms", [
      `arn:aws:cloudwatch:ap-southeast-2:210987654321:alarm:${settings.serviceName}-down-${settings.environment}`,
      `arn:aws:cloudwatch:ap-southeast-2:210987654321:alarm:${settings.serviceName}-failing-${settings.environment}`,
    ]);
  });
});
