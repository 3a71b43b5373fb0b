import { expect } from "chai";
import { RefusedError } from "../../../function/platform/errors.ts";
import { xrayTracer } from "../../../function/platform/xray.ts";
import type { TraceDocument } from "local-aws/lambda/xray-daemon.ts";
import { rejection } from "../support/harness.ts";

const ROOT = "1-5759e988-bd862e3fe1be46a994272793";
const PARENT = "53995c3f42cd8ad8";

function traced(header = `Root=${ROOT};Parent=${PARENT};Sampled=1;Lineage=1:a:0`) {
  const sent: string[] = [];
  const tracer = xrayTracer(
    (message) => sent.push(message),
    () => header,
  );
  const document = () => JSON.parse(sent[0]?.split("\n")[1] ?? "") as TraceDocument;
  return { trace: tracer.begin("handler"), sent, document };
}

describe("the X-Ray tracer", () => {
  it("sends one subsegment of Lambda's own segment, in the daemon's format", async () => {
    const { trace, sent, document } = traced();
    trace.annotate("action", "create");
    await trace.step("logic", () => {});

    trace.end();

    expect(sent).to.have.length(1);
    expect(sent[0]).to.match(/^\{"format":"json","version":1\}\n\{/);
    expect(document()).to.include({
      name: "handler",
      type: "subsegment",
      trace_id: ROOT,
      parent_id: PARENT,
    });
    expect(document().annotations).to.deep.equal({ action: "create" });
    expect(document()).not.to.have.any.keys("fault", "error");
  });

  it("gives each part an id of its own, of 16 hexadecimal digits", async () => {
    const { trace, document } = traced();
    await trace.step("a", () => {});
    await trace.step("b", () => {});
    trace.end();

    const ids = [document(), ...(document().subsegments ?? [])].map(({ id }) => id);

    expect(new Set(ids).size).to.equal(3);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{16}$/);
  });

  it("times steps in seconds since the epoch, one within the other", async () => {
    const before = Date.now() / 1000;
    const { trace, document } = traced();
    await trace.step("logic", () => new Promise(setImmediate));
    trace.end();

    const { start_time, end_time = 0, subsegments: [step] = [] } = document();

    expect(start_time).to.be.within(before - 1, before + 1);
    expect(step?.start_time).to.be.at.least(start_time);
    expect(step?.end_time)
      .to.be.above(step?.start_time ?? Infinity)
      .and.at.most(end_time);
  });

  it("passes on what a step returns and throws, and records whose fault it was", async () => {
    const { trace, document } = traced();
    const ours = new TypeError("broken");
    const theirs = new RefusedError([]);

    expect(await trace.step("fine", () => 7)).to.equal(7);
    expect(await rejection(trace.step("ours", () => Promise.reject(ours)))).to.equal(ours);
    expect(
      await rejection(
        trace.step("theirs", () => {
          throw theirs;
        }),
      ),
    ).to.equal(theirs);
    trace.end(ours);

    const [, failed, refused] = document().subsegments ?? [];
    expect(failed).to.include({ fault: true });
    expect(failed?.cause?.exceptions[0]).to.include({ type: "TypeError", message: "broken" });
    expect(refused).to.include({ error: true });
    expect(document()).to.include({ fault: true });
  });

  it("nests steps, and says of each what it calls", async () => {
    const { trace, document } = traced();
    let header = "";
    await trace.step("payments", (outer) =>
      outer.step(
        "DynamoDB",
        (inner) => {
          header = inner.header();
          inner.details({ aws: { operation: "PutItem" }, http: { response: { status: 200 } } });
        },
        "aws",
      ),
    );
    trace.end();

    const [outer] = document().subsegments ?? [];
    const [inner] = outer?.subsegments ?? [];
    expect(inner).to.deep.include({
      name: "DynamoDB",
      namespace: "aws",
      aws: { operation: "PutItem" },
      http: { response: { status: 200 } },
    });
    expect(header).to.equal(`Root=${ROOT};Parent=${inner?.id};Sampled=1`);
  });

  it("tells those who are called that nobody traces", () => {
    const header = `Root=${ROOT};Parent=${PARENT};Sampled=0`;

    expect(traced(header).trace.header()).to.equal(header);
  });

  it("has metadata without secrets, in their own size", async () => {
    const { trace, document } = traced();
    const ring: Record<string, unknown> = { password: "p" };
    ring["ring"] = ring;
    await trace.step("s", (step) => step.metadata("m", ring));
    trace.end();

    expect(document().subsegments?.[0]).to.have.deep.nested.property("metadata.default", {
      m: { password: "[redacted]", ring: "[circular]" },
    });
  });

  it("says what was thrown where, and what was too many requests", async () => {
    const { trace, document } = traced();
    const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    await rejection(trace.step("s", () => Promise.reject(throttled)));
    trace.end(new TypeError("broken"));

    expect(document().subsegments?.[0]).to.include({ error: true, throttle: true });
    expect(document().subsegments?.[0]).not.to.have.property("fault");
    const [exception] = document().cause?.exceptions ?? [];
    expect(exception).to.have.nested.property("stack[0].path").that.contains("xray.test.ts");
    expect(exception).to.have.nested.property("stack[0].line").that.is.a("number");
  });

  for (const header of [
    `Root=${ROOT};Parent=${PARENT};Sampled=0`,
    `Root=${ROOT};Parent=${PARENT}`,
    `Root=${ROOT}`,
    "",
    ";;=;=",
  ]) {
    it(`sends nothing for the header "${header.slice(0, 70)}"`, async () => {
      const { trace, sent } = traced(header);
      trace.annotate("action", "create");

      expect(await trace.step("logic", () => 7)).to.equal(7);
      trace.end(new Error("x"));

      expect(sent).to.deep.equal([]);
    });
  }

  it("keeps a document within a datagram, whatever is thrown and however often", async () => {
    const { trace, sent } = traced();
    for (let i = 0; i < 1000; i++) {
      await rejection(trace.step("step", () => Promise.reject(new Error("é".repeat(100_000)))));
    }
    trace.end();

    expect(Buffer.byteLength(sent[0] ?? "")).to.be.below(65_507);
  });

  for (const thrown of [null, undefined, "text", 7, { a: 1 }, Object.create(null)]) {
    it(`records a thrown ${typeof thrown} and passes it on`, async () => {
      const { trace, document } = traced();

      expect(await rejection(trace.step("s", () => Promise.reject(thrown)))).to.equal(thrown);
      trace.end(thrown);

      expect(document().subsegments?.[0]).to.include({ fault: true });
    });
  }
});
