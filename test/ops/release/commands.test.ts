import { setTimeout } from "node:timers/promises";
import { GetDeploymentCommand, ListDeploymentsCommand } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { useCommands } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

describe("the release commands", function () {
  // Whole processes, several to a test, also on a busy machine.
  this.timeout(60_000);
  const newWorld = useWorlds();
  const { start, end } = useCommands();
  const canaryOf = async (world: World, version: string): Promise<void> => {
    while ((await world.alias()).weights[version] === undefined) await setTimeout(20);
  };
  const deploymentsOf = async (world: World) => {
    const { codeDeployApplicationName, deploymentGroupName } = world.outputs();
    const { deployments = [] } = await world.clients.codeDeploy.send(
      new ListDeploymentsCommand({
        applicationName: codeDeployApplicationName,
        deploymentGroupName,
      }),
    );
    const infos = deployments.map(async (deploymentId) => {
      const answer = await world.clients.codeDeploy.send(
        new GetDeploymentCommand({ deploymentId }),
      );
      return answer.deploymentInfo;
    });
    return Promise.all(infos);
  };

  it("release, call, roll back: one summary line each, on stdout alone", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");

    const released = await end(world, "release", ["--yes", "--reason", "a test"]);
    const called = await end(world, "smoke", ["--json"]);
    const back = await end(world, "rollback", ["--yes", "--reason", "a test"]);
    const again = await end(world, "rollback", ["--yes", "--reason", "a test"]);

    expect(released.stdout).to.match(
      /^released: w\d+-function-production serves version 2 \(before: 1\)/,
    );
    expect(released.stderr).to.contain("account").and.contain("version 1 → 2");
    expect(JSON.parse(called.stdout)).to.include({ passed: true, qualifier: "live" });
    expect(back.stdout).to.contain("serves version 1 alone").and.contain("picks version 2 again");
    expect(again.stdout).to.contain(
      "nothing to do: version 1 serves since version 2 was rolled back",
    );
    expect([released, called, back, again].map(({ exitCode }) => exitCode)).to.deep.equal([
      0, 0, 0, 0,
    ]);
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
    const [deployment] = await deploymentsOf(world);
    expect(deployment?.description).to.match(
      /^version 1 to 2 by arn:.*: a test \[release [0-9a-f]{8}\]$/,
    );
  });

  it("asks before production is changed, and refuses where nobody can answer", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");

    const { exitCode, stderr } = await end(world, "release");

    expect(exitCode).to.equal(1);
    expect(stderr).to.contain("add --yes");
    expect(stderr).to.not.contain("    at ");
    expect(await deploymentsOf(world)).to.deep.equal([]);
  });

  it("stops the release on SIGINT, and says so", async () => {
    const world = await newWorld();
    await world.publish("works");

    world.front.held = true;
    const running = await start(world, "release", ["--yes"]);
    await canaryOf(world, "2");
    running.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;

    expect(exitCode).to.equal(1);
    expect(stderr).to.contain("interrupted: stopping the deployment");
    expect(stdout).to.contain("rolled back").and.contain("version 2 was not judged: interrupted");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("goes on after SIGKILL", async () => {
    const world = await newWorld();
    await world.publish("works");

    world.front.held = true;
    const killed = await start(world, "release", ["--yes"]);
    await canaryOf(world, "2");
    killed.kill("SIGKILL");
    await killed.ended;
    const running = await start(world, "release", ["--yes", "--json"]);
    await running.says("is active already; following it");
    await running.says("1 of 1 calls");
    world.front.held = false;
    const { exitCode, stdout } = await running.ended;

    expect(JSON.parse(stdout)).to.include({ verdict: "released", from: "1", to: "2" });
    expect(exitCode).to.equal(0);
    expect(await deploymentsOf(world)).to.have.length(1);
  });

  it("say what is wrong with credentials, account and arguments, without a stack trace", async () => {
    const world = await newWorld();
    const other = {
      ...world,
      environment: { ...world.environment, AWS_ACCESS_KEY_ID: "999999999999" },
    };

    const [account, usage, version] = await Promise.all([
      end(other, "release", ["--yes"]),
      end(world, "rollback", ["--yes"]),
      end(world, "smoke", ["--version", "latest"]),
    ]);
    world.front.fault = () => ({ status: 400, name: "ExpiredToken", message: "Token expired." });
    const expired = await end(world, "release", ["--yes"]);

    expect(account.stderr).to.contain("credentials are those of account 999999999999");
    expect(usage).to.deep.include({ exitCode: 2 });
    expect(version).to.deep.include({ exitCode: 2 });
    expect(expired.stderr).to.contain("Token expired; the credentials have expired; sign in again");
    expect(expired).to.deep.include({ exitCode: 1, stdout: "" });
    expect(expired.stderr).to.not.contain("    at ");
  });
});
