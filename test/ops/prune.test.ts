import { CreateFunctionCommand, ListVersionsByFunctionCommand } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { artifactKey } from "../../infra/names.ts";
import { codeOf, makeService, type Service } from "../emulator/service.ts";
import { useEmulator } from "../support/emulator.ts";

const source = (version: number) => `export const handler = async () => ${version};`;

describe("npm run prune", () => {
  const account = useEmulator();
  let service: Service;

  before(async () => {
    service = await makeService(account(), source(1));
    for (let version = 2; version <= 5; version++) await service.publish(source(version));
    await service.lambda.send(
      new CreateFunctionCommand({
        FunctionName: service.outputs.hookFunctionName,
        Runtime: "nodejs22.x",
        Role: `arn:aws:iam::${account().accountId}:role/hook`,
        Handler: "index.handler",
        Code: { ZipFile: codeOf(source(0)) },
      }),
    );
    const Bucket = service.outputs.artifactsBucketName;
    const Key = artifactKey("a".repeat(64));
    await service.s3.send(new PutObjectCommand({ Bucket, Key, Body: "zip" }));
  });
  after(() => service.dispose());

  const versions = async () => {
    const { Versions = [] } = await service.lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName: service.outputs.functionName }),
    );
    return Versions.map(({ Version }) => Version).filter((version) => version !== "$LATEST");
  };

  it("shows what it would do, and deletes only when told to", async () => {
    // The alias and the state are at version 1: everything else is newer and waits for its release.
    const all = ["1", "2", "3", "4", "5"];
    expect(await versions()).to.deep.equal(all);
    const waiting = await service.start(["prune", "--keep", "1"]);
    expect(waiting.stdout).to.equal("nothing to prune");
    expect(waiting.stderr).to.include("keep version 1: alias live, the stack's state");

    await service.pointAliasTo("4");
    const dry = await service.start(["prune", "--keep", "1"]);
    expect(dry.stderr).to.include("delete versions 2, 3");
    expect(dry.stdout).to.equal("nothing was deleted; add --apply to do it");
    expect(await versions()).to.deep.equal(all);

    const applied = await service.start(["prune", "--keep", "1", "--apply", "--yes"]);
    expect(applied.stdout).to.equal("deleted 2 versions and 0 artifacts (0 kB); 0 stayed");
    expect(applied.exitCode).to.equal(0);
    expect(await versions()).to.deep.equal(["1", "4", "5"]);
    const { KeyCount } = await service.s3.send(
      new ListObjectsV2Command({ Bucket: service.outputs.artifactsBucketName }),
    );
    expect(KeyCount, "a young object").to.equal(1);
  });
});
