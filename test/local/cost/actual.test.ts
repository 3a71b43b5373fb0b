import { expect } from "chai";
import { PRICES, type PriceName } from "../../../infra/observability/prices.ts";
import { compareActual } from "../../../local/cost/actual.ts";
import type { CostLine } from "../../../local/cost/estimate.ts";
import { renderActual } from "../../../local/cost/render-actual.ts";
import { serviceOfPrice } from "../../../local/cost/services.ts";

const line = (price: PriceName, usd: number): CostLine => ({
  resource: "one",
  type: "aws:x/y:Y",
  what: "thing",
  price,
  quantity: 1,
  usd,
});
/** A month of these is 73 USD of Lambda, 7.3 of CloudWatch by tags, and 14.6 of what has no tags. */
const LINES = [
  line("lambdaRequest", 36.5),
  line("lambdaArmSecond", 36.5),
  line("alarmMetric", 7.3),
  line("trace", 7.3),
  line("customMetric", 7.3),
];
/** Ten days: 240 of 730 hours. */
const SHARE = 240 / 730;

describe("what was paid beside the estimate", () => {
  it("is compared service by service for the same days, without what carries no tags", () => {
    const spent = { services: { "AWS Lambda": 20, "Amazon Route 53": 0.5 }, currency: "USD" };
    const actual = compareActual(LINES, 10, spent);

    expect(actual.by).to.equal("tags");
    const of = (name: string) => actual.services.find(({ service }) => service === name);
    expect(of("AWS Lambda")).to.deep.equal({
      service: "AWS Lambda",
      spent: 20,
      estimatedUsd: 73 * SHARE,
    });
    expect(of("AmazonCloudWatch")?.spent).to.equal(0);
    expect(of("AmazonCloudWatch")?.estimatedUsd).to.be.closeTo(7.3 * SHARE, 1e-9);
    expect(of("Amazon Route 53")).to.include({ spent: 0.5, estimatedUsd: 0 });
    expect(of("AWS X-Ray")).to.equal(undefined);
    expect(actual.untaggedUsd).to.be.closeTo(14.6 * SHARE, 1e-9);

    const text = renderActual(actual, "ten days", 0.01);
    expect(text).to.match(/by Cost Explorer, what carries this stack's tags/);
    expect(text).to.match(/\$20\.00 {2}\$24\.00 +AWS Lambda/);
    expect(text).to.match(/\$20\.50 paid; \$26\.40 estimated for the same usage/);
    expect(text).to.include("asking cost $0.01");
  });

  it("is by metrics where the tags are not activated, and says so and what to do", () => {
    const actual = compareActual(LINES, 10, { services: {}, currency: "USD" });

    expect(actual).to.include({ by: "metrics", untaggedUsd: 0 });
    for (const service of actual.services) expect(service).not.to.have.property("spent");
    const text = renderActual(actual, "ten days", 0.01);
    expect(text).to.include("by metrics").and.include("activate both as cost allocation tags");
    expect(text).not.to.match(/ paid/);
    // All of it: 94.9 a month.
    expect(text).to.match(/\$31\.20 at list prices/);
  });

  it("has a name of Cost Explorer's for every price", () => {
    for (const name of Object.keys(PRICES) as PriceName[]) {
      expect(serviceOfPrice(name), name).to.match(/^(AWS |Amazon|CloudWatch |EC2 )/);
    }
  });
});
