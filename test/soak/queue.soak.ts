/** 5,000 messages, 5 % of them poison, with a canary in the middle: `npm run soak`. SOAK_MESSAGES and SOAK_SEED change it. */
import { useWorlds } from "../support/release-world.ts";
import { queueUnderRelease } from "../support/queue-under-release.ts";

const MESSAGES = Number(process.env["SOAK_MESSAGES"] ?? 5000);
const SEED = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

describe(`a queue of ${MESSAGES} messages under a release (SOAK_SEED=${SEED})`, function () {
  this.timeout(15 * 60_000);
  const newWorld = useWorlds();
  beforeEach(function () {
    // A failure is what is looked for here.
    this.currentTest?.retries(0);
  });

  it("loses no message and does none twice", async () => {
    console.log(`  ${JSON.stringify(await queueUnderRelease(newWorld, MESSAGES, SEED))}`);
  });
});
