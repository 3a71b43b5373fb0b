import { expect } from "chai";
import { sourceOf } from "../../../function/platform/source.ts";

const record = (eventSource: string) => ({ Records: [{ eventSource }] });

describe("the source of an event", () => {
  for (const [event, source] of [
    [record("aws:sqs"), "sqs"],
    [record("aws:dynamodb"), "dynamodb"],
    [record("aws:kinesis"), "kinesis"],
    [record("aws:s3"), "s3"],
    [record("aws:ses"), "ses"],
    [{ Records: [{ EventSource: "aws:sns", Sns: {} }] }, "sns"],
    // The formats of HTTP: 2.0, 1.0 (REST events have no version), load balancers.
    [{ version: "2.0", requestContext: { http: { method: "GET" } } }, "http"],
    [{ httpMethod: "GET", requestContext: { stage: "prod" } }, "http"],
    [{ httpMethod: "GET", requestContext: { elb: {} } }, "http"],
    [{ requestContext: { connectionId: "c", routeKey: "$connect" } }, "websocket"],
    [{ requestContext: { functionArn: "arn", condition: "RetriesExhausted" } }, "destination"],
    [{ "detail-type": "Scheduled Event", source: "aws.events", detail: {} }, "eventbridge"],
    [{ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "b" }, "s3"],
    [{ awslogs: { data: "H4s" } }, "logs"],
    [{ eventSource: "aws:kafka", records: {} }, "kafka"],
    // A caller's own: what only looks like a source is not guessed at.
    [{ Records: [{ id: 1 }] }, "records"],
    [{ Records: [] }, "records"],
    [{ Records: [{ eventSource: "aws:order 4711" }] }, "records"],
    [{ action: "create", source: "orders" }, "direct"],
    [{ requestContext: {}, body: "{}" }, "direct"],
    [{ httpMethod: "GET" }, "direct"],
    [{ "detail-type": 7, source: "x" }, "direct"],
    ["text", "direct"],
    [null, "direct"],
    [[{ eventSource: "aws:sqs" }], "direct"],
  ] as const) {
    it(`is ${source} for ${JSON.stringify(event)}`.slice(0, 100), () => {
      expect(sourceOf(event)).to.equal(source);
    });
  }
});
