/**
 * A release of a function with provisioned concurrency. The emulator keeps the configuration of the alias and says at
 * once that all of it is ready; it warms nothing up, moves nothing between versions and counts no spill-over.
 */
import { setTimeout } from "node:timers/promises";
import {
  GetProvisionedConcurrencyConfigCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
} from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { knownFault } from "../../../ops/pipeline/known-faults.ts";
import { releaseStack } from "../../../ops/release/run.ts";
import { sessionOf } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

describe("a release with provisioned concurrency", () => {
  const newWorld = useWorlds();

  const alias = (world: World) => ({
    FunctionName: world.outputs().functionName,
    Qualifier: world.outputs().aliasName,
  });
  /** As the provider, and as auto scaling, sets how many are warm. */
  const keepWarm = (world: World, count: number) =>
    world.clients.lambda.send(
      new PutProvisionedConcurrencyConfigCommand({
        ...alias(world),
        ProvisionedConcurrentExecutions: count,
      }),
    );
  const refusalOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "not refused",
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it("shifts traffic as ever; changes wait for its end, and what was set stays", async () => {
    const world = await newWorld();
    await keepWarm(world, 2);
    await world.publish("works");
    world.front.held = true;
    const releasing = releaseStack(sessionOf(world, []), { yes: true });
    while ((await world.alias()).weights["2"] === undefined) await setTimeout(10);

    const refused = await refusalOf(keepWarm(world, 3));
    expect(refused).to.match(/^InvalidParameterValueException: Alias with weights/);
    expect(knownFault(refused, "staging")?.command).to.contain("--follow");

    world.front.held = false;
    expect((await releasing).verdict).to.equal("released");
    expect(await world.alias()).to.deep.equal({ version: "2", weights: {} });
    const { RequestedProvisionedConcurrentExecutions: warm } = await world.clients.lambda.send(
      new GetProvisionedConcurrencyConfigCommand(alias(world)),
    );
    expect(warm).to.equal(2);
    await keepWarm(world, 3);
  });

  it("is refused more than the reservation, and says what to do", async () => {
    const world = await newWorld();
    const { FunctionName } = alias(world);
    await world.clients.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }),
    );
    const refused = await refusalOf(keepWarm(world, 2));
    expect(knownFault(refused, "staging")?.meaning).to.contain("more environments");
    await keepWarm(world, 1);
  });
});
