/** For the workflows: `pulumi stack export | node ops/pipeline/fingerprint.ts` prints the state's fingerprint. */
import { text } from "node:stream/consumers";
import { fingerprintOf, type StateExport } from "./state.ts";

console.log(fingerprintOf(JSON.parse(await text(process.stdin)) as StateExport));
