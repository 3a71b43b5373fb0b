import { expect } from "chai";
import { dashboardBody, FREE_METRICS } from "../../../infra/observability/dashboard.ts";
import { evaluate } from "local-aws/emulator/cloudwatch/expression.ts";
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

  /** What an expression of the first row says of ten calls. */
  const said = (title: string, counted: Readonly<Record<string, number>>) => {
    const [first] = titled(title)?.properties.metrics ?? [];
    const [computed] = (first ?? []) as readonly { readonly expression?: string }[];
    return evaluate(computed?.expression ?? "", { calls: 10, ...counted });
  };

  const FAILURES = [
    { what: "crashes, which the handler cannot count", counted: { errors: 4 } },
    {
      what: "answers with status 500, which Lambda does not count",
      counted: { errors: 0, failed: 4 },
    },
    { what: "failures that both count", counted: { errors: 4, failed: 4 } },
  ];
  for (const { what, counted } of FAILURES) {
    it(`counts ${what} as failed`, () => {
      expect(said("Is it up? Calls that succeeded, %", counted)).to.equal(60);
      expect(said("Is it failing? Failed in five minutes", counted)).to.equal(4);
    });
  }

  it("writes numbers out in digits: metric math documents no exponents", () => {
    expect(JSON.stringify(widgets)).not.to.match(/\d[eE]-?\d/);
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

  it("shows the table where there is one, with its brakes and what is published of it", () => {
    const titles = (overrides: Parameters<typeof testSettings>[0]) => {
      const body = dashboardBody({ ...input, settings: testSettings(overrides) });
      return (body as { widgets: readonly Placed[] }).widgets.flatMap(
        ({ properties: { title = "", annotations } }) =>
          title.startsWith("Table: ") || title.startsWith("Changes: ")
            ? [[title, annotations?.horizontal.map(({ value }) => value)]]
            : [],
      );
    };
    const { databaseMaxWriteUnitsPerSecond: writes, databaseMaxReadUnitsPerSecond: reads } =
      settings;

    expect(titles({})).to.deep.equal([]);
    expect(titles({ database: "dynamodb" })).to.deep.equal([
      ["Table: units used", [writes * 300, reads * 300]],
      ["Table: what it did not do", undefined],
      ["Table: time of a request, p99", [settings.durationAlarmMs]],
      ["Changes: how late they are published", [600_000]],
    ]);
    expect(titles({ database: "dynamodb", databaseChangesBus: "none" })).to.have.length(3);
    expect(
      titles({
        database: "dynamodb",
        databaseMaxWriteUnitsPerSecond: 0,
        databaseMaxReadUnitsPerSecond: 0,
      })[0],
    ).to.deep.equal(["Table: units used", []]);
  });
});
