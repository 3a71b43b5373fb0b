/** The one step of an administrator: `npm run bootstrap`. */
import path from "node:path";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import { bootstrapCommand, type BootstrapOptions } from "./bootstrap/options.ts";
import { explaining } from "./support/aws.ts";
import { run } from "./support/command.ts";

const ROOT = path.dirname(import.meta.dirname);

await run(
  bootstrapCommand().action(explaining((options: BootstrapOptions) => bootstrap(ROOT, options))),
);
