import {
  DeleteEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { DeleteQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { judgeSource, readSource } from "../../../ops/doctor/sources.ts";
import { useWorlds } from "../../support/release-world.ts";
import { makeSourceWorld } from "../../support/source-world.ts";

describe("the doctor on event sources", function () {
  this.timeout(60_000);
  const newWorld = useWorlds();

  it("finds in AWS what keeps a source from the function, and what it gave up", async () => {
    const world = await makeSourceWorld(newWorld);
    const { clients } = world;
    const { queueArn: EventSourceArn, deadLettersUrl } = await world.source();
    const { EventSourceMappings: [mapping] = [] } = await clients.lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn }),
    );
    const { UUID = "" } = mapping ?? {};
    const info = {
      name: "orders",
      kind: "queue" as const,
      fifo: false,
      deadLetterQueueUrl: deadLettersUrl,
      mappingId: UUID,
    };
    const problems = async () =>
      judgeSource("staging", await readSource(clients, info)).map(({ problem }) => problem);

    expect(await problems()).to.deep.equal([]);

    await clients.sqs.send(new SendMessageCommand({ QueueUrl: deadLettersUrl, MessageBody: "{}" }));
    await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    expect(await problems()).to.deep.equal([
      "the mapping of source orders is switched off: nothing of it reaches the function",
      "1 dead letter of source orders waits",
    ]);

    await clients.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: deadLettersUrl }));
    expect(await problems()).to.deep.equal([
      "the mapping of source orders is not there: nothing of it reaches the function",
      "the dead-letter queue of source orders is not there: what fails at every try is lost",
    ]);
  });

  it("passes on what Lambda says of a mapping, and says what to do", () => {
    const [finding] = judgeSource("staging", {
      name: "orders",
      deadLetters: 0,
      mapping: { state: "Enabled", lastResult: "PROBLEM: Function call failed" },
      mappingIsMissing: false,
    });
    expect(finding).to.include({
      severity: "warning",
      problem: "Lambda says of source orders: PROBLEM: Function call failed",
    });
    expect(finding?.remedy).to.match(/^see npm run logs/);
  });
});
