/**
 * Puts the pinned engine into FOLDER/bin: `node packages/local-aws/engine/install.ts FOLDER`. Pipelines run it, and so
 * does whoever has no engine, as a process of its own. Exit status 1 with the reason where it cannot be had.
 */
import { downloadEngine, officialArchive } from "./download.ts";
import { assertReachable } from "./reach.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node packages/local-aws/engine/install.ts FOLDER");
  process.exitCode = 2;
} else {
  try {
    const archive = await officialArchive();
    await assertReachable([archive.url]);
    await downloadEngine(folder, archive);
    console.log(`${archive.name}, sha256 ${archive.sha256}, is in ${folder}`);
  } catch (error) {
    // The one line that whoever started this reads.
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
