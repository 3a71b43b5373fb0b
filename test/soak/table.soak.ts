/** 2,000 messages that change records of a table, with a canary in the middle: `npm run soak`. SOAK_MESSAGES and SOAK_SEED change it. */
import { useWorlds } from "../support/release-world.ts";
import { tableUnderRelease } from "../support/table-under-release.ts";

const MESSAGES = Number(process.env["SOAK_MESSAGES"] ?? 2000);
const SEED = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

describe(`a table that ${MESSAGES} messages change under a release (SOAK_SEED=${SEED})`, function () {
  this.timeout(15 * 60_000);
  const newWorld = useWorlds();
  beforeEach(function () {
    // A failure is what is looked for here.
    this.currentTest?.retries(0);
  });

  it("loses no change, makes none twice, and publishes each", async () => {
    console.log(`  ${JSON.stringify(await tableUnderRelease(newWorld, MESSAGES, SEED))}`);
  });
});
