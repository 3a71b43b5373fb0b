/** The executable that the engine starts as its AWS provider in an offline run. */
import { standInBackend } from "./backend.ts";
import { standInOptions } from "./channel.ts";
import { serve } from "./provider.ts";

await serve(standInBackend(await standInOptions()));
