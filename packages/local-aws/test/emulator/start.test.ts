import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { useEmulator } from "../../testing/emulator.ts";

const refusesConnections = async (host: string, port: number): Promise<boolean> => {
  const socket = connect({ host, port });
  const refused = await Promise.race([
    once(socket, "connect").then(() => false),
    once(socket, "error").then(() => true),
  ]).catch(() => true);
  socket.destroy();
  return refused;
};

describe("the emulator", () => {
  const account = useEmulator();

  it("listens on the loopback address only", async () => {
    const port = Number(new URL(account().url).port);
    expect(await refusesConnections("127.0.0.1", port)).to.be.false;
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal);
    for (const { address } of others) {
      expect(await refusesConnections(address, port), address).to.be.true;
    }
  });

  it("keeps accounts apart", async () => {
    const mine = new SQSClient(account().client);
    const credentials = { accessKeyId: "999999999999", secretAccessKey: "local" };
    const theirs = new SQSClient({ ...account().client, credentials });
    await mine.send(new CreateQueueCommand({ QueueName: "apart" }));
    expect((await mine.send(new ListQueuesCommand({}))).QueueUrls).to.have.length(1);
    expect((await theirs.send(new ListQueuesCommand({}))).QueueUrls ?? []).to.be.empty;
  });
});

describe("an emulator", () => {
  /** Starts one from a process of its own, which holds a secret, and is killed in the end. */
  const script = `
    import { startEmulator } from ${JSON.stringify(import.meta.resolve("../../emulator/start.ts"))};
    console.log((await startEmulator()).url);
    setInterval(() => {}, 1000);`;
  let starter: ChildProcess;
  let url: URL;

  before(async () => {
    starter = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, PLANTED_SECRET: "planted" },
    });
    const [line] = (await once(starter.stdout ?? starter, "data")) as [Buffer];
    url = new URL(line.toString().trim());
  });
  after(() => {
    starter.kill("SIGKILL");
  });

  it("runs handlers under this very node, without its starter's environment", async () => {
    const lambda = new LambdaClient({
      endpoint: url.origin,
      region: "us-east-1",
      credentials: { accessKeyId: "100000000000", secretAccessKey: "local" },
    });
    const source =
      "export const handler = async () => ({ node: process.version, names: Object.keys(process.env) });";
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "environment",
        Runtime: "nodejs22.x",
        Role: "arn:aws:iam::100000000000:role/any",
        Handler: "index.handler",
        Code: { ZipFile: zipSync({ "index.mjs": strToU8(source) }) },
      }),
    );
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "environment" }));
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString()) as {
      node: string;
      names: string[];
    };
    expect(answer.node).to.equal(process.version);
    expect(answer.names).not.to.be.empty.and.not.to.include("PLANTED_SECRET");
  });

  it("ends with its starter, even a killed one", async () => {
    const port = Number(url.port);
    const socket = connect({ host: url.hostname, port });
    await once(socket, "connect");
    const closed = once(socket.resume(), "close");
    starter.kill("SIGKILL");
    await closed;
    expect(await refusesConnections(url.hostname, port)).to.be.true;
  });
});
