/** The one step of an administrator: `npm run bootstrap`. */
import { PROJECT_ROOT } from "./support/project.ts";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import { bootstrapCommand, type BootstrapOptions } from "./bootstrap/options.ts";
import { explaining } from "./support/aws.ts";
import { run } from "./support/command.ts";

await run(
  bootstrapCommand().action(
    explaining((options: BootstrapOptions) => bootstrap(PROJECT_ROOT, options)),
  ),
);
