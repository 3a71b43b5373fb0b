import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { makeOnce, userCache } from "../make-once.ts";
import { failure } from "./support/failure.ts";

describe("the engine's cache", () => {
  let cache: string;
  let folder: string;

  beforeEach(() => {
    cache = mkdtempSync(path.join(tmpdir(), "engine-cache-"));
    folder = path.join(cache, "service", "pulumi-1.2.3");
  });

  afterEach(() => {
    rmSync(cache, { recursive: true });
  });

  const making = (name: string) => async (staging: string) => {
    writeFileSync(path.join(staging, name), "");
  };

  it("is where the platform keeps caches, unless XDG_CACHE_HOME names an absolute place", () => {
    const here = { XDG_CACHE_HOME: path.resolve("/elsewhere") };

    expect(userCache(here, "darwin")).to.equal(path.resolve("/elsewhere"));
    expect(userCache({ XDG_CACHE_HOME: "relative" }, "linux")).to.match(/\.cache$/);
    expect(userCache({}, "darwin")).to.match(/Library.Caches$/);
    expect(userCache({ LOCALAPPDATA: "C:\\Local" }, "win32")).to.equal("C:\\Local");
  });

  it("makes a folder once when two ask for it at the same time", async () => {
    let made = 0;
    let waited = 0;
    const secondWaits = Promise.withResolvers<void>();
    const make = async (staging: string) => {
      made += 1;
      await secondWaits.promise;
      await making("engine")(staging);
    };
    const wait = () => {
      waited += 1;
      secondWaits.resolve();
    };
    await Promise.all([makeOnce(folder, make, wait), makeOnce(folder, make, wait)]);

    expect([made, waited]).to.deep.equal([1, 1]);
    expect(readdirSync(path.dirname(folder))).to.deep.equal(["pulumi-1.2.3"]);
    expect(readdirSync(folder)).to.deep.equal(["engine"]);
  });

  it("leaves nothing of an attempt that failed, and lets the next one try", async () => {
    const message = await failure(
      makeOnce(folder, async (staging) => {
        await making("half")(staging);
        throw new Error("out of disk");
      }),
    );

    expect(message).to.equal("out of disk");
    expect(readdirSync(path.dirname(folder))).to.deep.equal([]);

    await makeOnce(folder, making("engine"));
    expect(readdirSync(folder)).to.deep.equal(["engine"]);
  });

  it("takes over from a process that died while it was making it, and clears up after it", async () => {
    mkdirSync(`${folder}.lock`, { recursive: true });
    mkdirSync(`${folder}.partial-dead`);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${folder}.lock`, longAgo, longAgo);
    await makeOnce(folder, making("engine"));

    expect(readdirSync(folder)).to.deep.equal(["engine"]);
    expect(readdirSync(path.dirname(folder))).to.deep.equal(["pulumi-1.2.3"]);
  });

  it("says which folder cannot be made, and what to do", async () => {
    writeFileSync(path.join(cache, "service"), "a file in the way");

    expect(await failure(makeOnce(folder, making("engine")))).to.match(
      /service cannot be made \(EEXIST\); name a folder of yours in XDG_CACHE_HOME$/,
    );
  });

  it("keeps what another process put there first", async () => {
    await makeOnce(folder, async (staging) => {
      await making("mine")(staging);
      mkdirSync(folder);
      writeFileSync(path.join(folder, "theirs"), "");
    });

    expect(readdirSync(folder)).to.deep.equal(["theirs"]);
  });
});
