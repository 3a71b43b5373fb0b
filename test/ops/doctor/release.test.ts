import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { readFacts } from "../../../ops/doctor/release.ts";
import { judgeRelease } from "../../../ops/doctor/release-state.ts";
import { useWorlds } from "../../support/release-world.ts";

describe("the release part of the doctor", () => {
  const makeWorld = useWorlds();

  it("finds in AWS what is wrong", async () => {
    const world = await makeWorld();
    const { clients, environment } = world;
    const iam = new IAMClient({
      endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
      region: world.outputs().region,
      credentials: { accessKeyId: world.outputs().accountId, secretAccessKey: "local" },
    });
    const { QueueUrl = "" } = await clients.sqs.send(new CreateQueueCommand({ QueueName: "dlq" }));
    const outputs = () => ({ ...world.outputs(), deadLetterQueueUrl: QueueUrl });
    const problems = async (more = {}) => {
      const findings = judgeRelease(await readFacts(clients, iam, { ...outputs(), ...more }));
      return findings.map(({ problem }) => problem).sort();
    };
    // Of the runtime it speaks by the calendar.
    const runtime = /^runtime /;

    expect(await problems()).to.include("role test is not there, so no release can work");
    await iam.send(new CreateRoleCommand({ RoleName: "test", AssumeRolePolicyDocument: "{}" }));
    expect((await problems()).filter((problem) => !runtime.test(problem))).to.deep.equal([]);

    await world.publish("works");
    expect(await problems()).to.include(
      "the alias is at version 1, and version 2 was published but never released",
    );
    await clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: outputs().functionName,
        Name: "live",
        RoutingConfig: { AdditionalVersionWeights: { "2": 0.1 } },
      }),
    );
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
    const found = await problems({
      hookFunctionName: "no-hook",
      deploymentGroupName: "no-group",
      alarmNames: ["no-alarm"],
    });
    expect(found.filter((problem) => !runtime.test(problem))).to.deep.equal([
      "1 dead letter waits in the queue, which forgets them when their retention is over",
      "alarm no-alarm is not there, so nothing would stop a bad release",
      "deployment group no-group is not there, so no release can work",
      "the pre-traffic hook no-hook is not there, so no release can work",
      `${outputs().functionName} still sends 10 % to version 2 although no deployment is under way; CodeDeploy starts none while it does`,
    ]);
  });

  it("says what is missing when nothing is there", async () => {
    const world = await makeWorld();
    const outputs = world.outputs();
    const iam = new IAMClient({ region: outputs.region });
    const { missing } = await readFacts(world.clients, iam, {
      ...outputs,
      functionName: "none",
      hookFunctionName: "none",
      codeDeployApplicationName: "none",
      deadLetterQueueUrl: "http://127.0.0.1/100000000000/none",
    });
    expect(missing).to.have.length(4);
  });
});
