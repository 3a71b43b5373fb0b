/** `npm run stack-trace`: maps the stacks in log lines from the bundle back to the source. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { mapStacks, stacksIn } from "./stack-trace/map.ts";
import { builtMap, deployedMap, mapInFile } from "./stack-trace/source-map.ts";
import { explaining, openStackAccount } from "./support/aws.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import {
  type FunctionOptions,
  namedFunction,
  readFunctionOutputs,
  withFunction,
} from "./support/function-outputs.ts";
import { Refused } from "./support/refused.ts";

interface StackTraceOptions extends CommonOptions, FunctionOptions {
  readonly map?: string;
  readonly deployed?: true;
  readonly artifact?: string;
}

async function stackTrace(
  file: string | undefined,
  options: StackTraceOptions,
  command: Command,
): Promise<void> {
  const log = await read(file, command);
  const { text, mapped, foreign } = mapStacks(stacksIn(log), await sourceMap(options));
  console.log(
    options.json ? JSON.stringify({ mapped: text, stacks: mapped, foreign }, undefined, 2) : text,
  );
  if (foreign > 0) {
    const [what, are] = foreign === 1 ? ["stack", "is"] : ["stacks", "are"];
    console.error(
      `${foreign} ${what} ${are} of another build than the map and left as before; name its map: --deployed, --artifact <sha256> or --map <file>`,
    );
  }
  if (mapped + foreign === 0)
    console.error("no stack of the bundle in these lines: nothing to map");
}

async function sourceMap(options: StackTraceOptions): Promise<string> {
  if (options.map !== undefined) return mapInFile(options.map);
  if (!options.deployed && options.artifact === undefined) {
    return builtMap(namedFunction(options.function));
  }
  const outputs = await readFunctionOutputs(options.stack, options.function);
  const { s3 } = await openStackAccount(outputs);
  return deployedMap(s3, outputs, options.artifact);
}

async function read(file: string | undefined, command: Command): Promise<string> {
  if (file !== undefined) {
    return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new Refused(`${file} cannot be read (${error.code})`, "name a file with log lines");
    });
  }
  if (process.stdin.isTTY) {
    command.error("error: no log lines: name a file that holds them, or pipe them in", {
      exitCode: 2,
    });
  }
  return text(process.stdin);
}

await run(
  withFunction(
    command(
      "stack-trace",
      "Map the stacks in log lines from the bundle back to the source.",
      "npm run stack-trace -- log.txt --deployed --stack production",
    ),
  )
    .argument("[file]", "file with log lines or a stack; without it they are read from stdin")
    .addOption(
      new Option("--map <file>", "source map in a file").conflicts(["deployed", "artifact"]),
    )
    .option("--deployed", "source map of the stack's newest version, from its artifacts bucket")
    .option("--artifact <sha256>", "source map of an older version, by its zip's SHA-256")
    .action(explaining(stackTrace)),
);
