/** CloudWatch's embedded metric format as its specification states it, as far as a log line can break it. */
import { expect } from "chai";

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit?: string }[];
}
export type EmfLine = Record<string, unknown> & {
  _aws: { Timestamp: number; CloudWatchMetrics: Directive[] };
};

const UNITS = new Set(
  "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Count Percent None".split(
    " ",
  ),
);

/** Fails where CloudWatch would drop the metrics of the line. */
export function expectValidEmf(line: EmfLine): void {
  expect(JSON.stringify(line).length).to.be.below(1_000_000);
  expect(Number.isInteger(line._aws.Timestamp)).to.equal(true);
  expect(line._aws.CloudWatchMetrics).to.have.lengthOf.at.least(1);
  for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
    expect(Namespace.trim()).to.have.length.within(1, 255);
    for (const set of Dimensions) {
      expect(set).to.have.lengthOf.at.most(30);
      for (const name of set) expect(line[name]).to.be.a("string").with.length.within(1, 1024);
    }
    expect(Metrics).to.have.length.within(1, 100);
    expect(new Set(Metrics.map(({ Name }) => Name)).size).to.equal(Metrics.length);
    for (const { Name, Unit } of Metrics) {
      expect(line[Name]).to.be.a("number").that.satisfies(Number.isFinite);
      if (Unit !== undefined) expect(UNITS).to.include(Unit);
    }
  }
}
