/** The bundle with a table in it, in AWS's runtime client; DynamoDB and EventBridge are stand-ins on loopback. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Sandbox, SandboxOutcome } from "local-aws/lambda/sandbox.ts";
import { createDomain } from "../../function/domain/index.ts";
import { bundleHandler, handlerBudgetBytes } from "../../infra/function/bundle.ts";
import { OWN_FEATURES } from "../../infra/function/features.ts";
import { describeInRuntimeClient, start } from "./support.ts";

const OFF = { ...OWN_FEATURES, api: false, database: false };
const ON = { ...OFF, database: true };

const event = JSON.stringify(createDomain().sample);

/** Answers what a table says in which nothing is, and a bus that takes everything. */
async function standIn() {
  const asked: string[] = [];
  let connections = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"] ?? request.method)
        .split(".")
        .at(-1);
      asked.push(operation ?? "");
      const body = operation === "GET" ? {} : (JSON.parse(String(Buffer.concat(chunks))) as object);
      const entries = "Entries" in body && Array.isArray(body.Entries) ? body.Entries : [];
      response.end(JSON.stringify({ Entries: entries.map((_, id) => ({ EventId: `${id}` })) }));
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, asked, connections: () => connections, stop };
}

const variablesOf = (url: string): Record<string, string> => ({
  TABLE_NAME: "parcels",
  CHANGES_BUS: "changes",
  SERVICE_NAME: "parcels",
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: "AKID",
  AWS_SECRET_ACCESS_KEY: "key",
});

function answered(outcome: SandboxOutcome): unknown {
  if (outcome.kind !== "response") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.body);
}

describe("the bundle without the feature of a table", () => {
  it("has nothing of a table, of an outbox, of events carried out once and of calls to AWS", async () => {
    const { code, metafile } = await bundleHandler({ features: OFF });
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));

    const TABLES =
      /adapters\/(?:table|outbox|open-table)|platform\/(?:aws|once|outbox|table|features)|domain\/versions/;
    expect(inputs.filter((file) => TABLES.test(file))).to.deep.equal([]);
    expect(code).not.to.match(/TABLE_NAME|CHANGES_BUS|dynamodb_|PutEvents|node:https/i);
  });

  it("is within its budget with the feature, which is told apart", async () => {
    const { zip, metafile } = await bundleHandler({ features: ON });
    expect(zip.length).to.be.at.most(handlerBudgetBytes(ON));
    // No client of the SDK's.
    expect(Object.keys(metafile.inputs).filter((file) => file.includes("@aws-sdk"))).to.deep.equal(
      [],
    );
  });
});

describeInRuntimeClient("the bundle with a table", () => {
  let code: string;
  before(async () => {
    ({ code } = await bundleHandler({ features: ON }));
  });

  it("opens its connection at init, and uses it for all that the first event asks", async () => {
    const { url, asked, connections, stop } = await standIn();
    const sandbox = await start({ code, variables: variablesOf(url) });
    try {
      expect(asked).to.deep.equal(["GET"]);
      expect(sandbox.lines).to.deep.equal([]);

      expect(answered(await sandbox.invoke(event))).to.include({ statusCode: 200 });

      // The event's ticket first, whatever the domain does then.
      expect(asked.slice(0, 2)).to.deep.equal(["GET", "PutItem"]);
      expect(connections()).to.equal(1);
    } finally {
      await sandbox.stop();
      stop();
    }
  });

  it("publishes the changes that its own stream hands over", async () => {
    const { url, asked, stop } = await standIn();
    const sandbox = await start({
      code,
      variables: { ...variablesOf(url), PARTIAL_BATCH_RESPONSES: "true" },
    });
    const text = (S: string) => ({ S });
    const record = {
      eventName: "INSERT",
      eventSource: "aws:dynamodb",
      eventSourceARN: "arn:aws:dynamodb:us-east-1:123456789012:table/parcels/stream/now",
      dynamodb: {
        SequenceNumber: "1",
        NewImage: {
          pk: text("event#a"),
          type: text("RecordCreated"),
          detail: text("{}"),
          time: text("2026-01-01T00:00:00Z"),
        },
      },
    };
    try {
      expect(answered(await sandbox.invoke(JSON.stringify({ Records: [record] })))).to.deep.equal({
        batchItemFailures: [],
      });
      expect(asked).to.deep.equal(["GET", "PutEvents"]);
    } finally {
      await sandbox.stop();
      stop();
    }
  });

  it("keeps nothing where the environment names no table, and opens nothing", async () => {
    const { url, asked, stop } = await standIn();
    const sandbox = await start({ code, variables: { AWS_ENDPOINT_URL: url } });
    try {
      expect(answered(await sandbox.invoke(event))).to.include({ statusCode: 200 });
    } finally {
      await sandbox.stop();
      stop();
    }
    expect(asked).to.deep.equal([]);
  });

  it("loads while DynamoDB is away, and fails its first event as ours", async () => {
    // Port 9 refuses.
    const sandbox: Sandbox = await start({ code, variables: variablesOf("http://127.0.0.1:9") });
    const outcome = await sandbox.invoke(event);
    await sandbox.stop();
    expect(outcome.kind).to.equal("error");
    expect(JSON.stringify(outcome)).to.contain("DependencyError caused by AwsError");
  });
});
