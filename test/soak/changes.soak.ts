/** 1,000 changes of a table, 5 % of them poison: `npm run soak`. SOAK_CHANGES and SOAK_SEED change it. */
import { changesUnderPoison } from "../support/changes-under-poison.ts";
import { useWorlds } from "../support/release-world.ts";

const CHANGES = Number(process.env["SOAK_CHANGES"] ?? 1000);
const SEED = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

describe(`${CHANGES} changes of a table (SOAK_SEED=${SEED})`, function () {
  this.timeout(15 * 60_000);
  const newWorld = useWorlds();
  beforeEach(function () {
    // A failure is what is looked for here.
    this.currentTest?.retries(0);
  });

  it("are published in their order or given up one by one, and none is lost", async () => {
    console.log(`  ${JSON.stringify(await changesUnderPoison(newWorld, CHANGES, SEED))}`);
  });
});
