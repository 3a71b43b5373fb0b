/** `npm run dashboard`: the dashboard of a stack as a picture, or as a page that follows it. */
import "./compile-cache.ts";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { dashboardName } from "../infra/names.ts";
import { parseSettings } from "../infra/settings/parse.ts";
import { explaining } from "../ops/support/aws.ts";
import { checkConfig } from "../ops/support/check-config.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { inLocalCloud } from "../ops/support/pace.ts";
import { PROJECT_ROOT } from "../ops/support/project.ts";
import { rawSettings } from "../ops/support/stack-config.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";
import { parseBody } from "./dashboard/body.ts";
import { type DashboardData, readData } from "./dashboard/data.ts";
import { picture } from "./dashboard/draw/picture.ts";
import { serialize } from "./dashboard/draw/shape.ts";
import { dashboardOf, planResources } from "./dashboard/planned.ts";
import { toPng } from "./dashboard/png.ts";
import { problemsOf } from "./dashboard/problems.ts";
import { saveExample } from "./dashboard/save.ts";
import { serveLive } from "./dashboard/live/live.ts";
import { openAws, openSource, type SourceName } from "./dashboard/sources.ts";

interface DashboardOptions extends CommonOptions {
  readonly from?: SourceName;
  readonly minutes?: number;
  readonly dashboard?: string;
  readonly out: string;
  readonly save?: true;
  readonly live?: true;
  readonly port: number;
}

const WIDTH = 1440;

/** What a live page shows by itself: an hour, in which a canary can be seen. */
const LIVE_MINUTES = 60;

/** Whether the page was there to be opened. */
interface Served {
  yes: boolean;
}

async function live(
  options: DashboardOptions,
  terminal: Terminal,
  signal: AbortSignal,
  served: Served,
): Promise<void> {
  const { stack, json, port } = options;
  const config = checkConfig(PROJECT_ROOT, stack);
  const settings = parseSettings(rawSettings(config));
  const open = await openAws({ stack, signal });
  const resources = await planResources(config, terminal, signal);
  const { name, body } = dashboardOf(resources, options.dashboard ?? dashboardName(settings));
  const opened = open(options.minutes ?? LIVE_MINUTES);
  const dashboard = parseBody(body);
  await serveLive({
    heading: name,
    dashboard,
    opened,
    port,
    signal,
    ready: (url) => {
      served.yes = true;
      console.log(json ? JSON.stringify({ stack, dashboard: name, url }) : url);
      terminal.say(`The page follows ${opened.describedAs}. Ctrl-C ends it.`);
    },
  });
}

async function draw(
  options: DashboardOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { stack, json, out } = options;
  const from = options.from ?? (inLocalCloud() ? "aws" : "samples");
  const config = checkConfig(PROJECT_ROOT, stack);
  const settings = parseSettings(rawSettings(config));
  // Credentials are asked first: what they refuse should not wait for a plan.
  const open = await openSource(from, { stack, settings, project: config.project, signal });
  const resources = await planResources(config, terminal, signal);
  const { name, body } = dashboardOf(resources, options.dashboard ?? dashboardName(settings));
  if (options.save) {
    const files = await saveExample({ name, body, settings, project: config.project, resources });
    console.log(json ? JSON.stringify({ stack, files }) : `wrote ${files.join(" and ")}`);
    return;
  }
  const dashboard = parseBody(body);
  const { source, describedAs, span } = open(resources, options.minutes ?? dashboard.spanMinutes);
  terminal.live(`reading ${describedAs}`, "reading");
  const data = await readData(dashboard, source, span(Date.now()));
  terminal.quiet();
  const shown = { heading: name, from: describedAs, width: WIDTH };
  const files = await write(path.resolve(PROJECT_ROOT, out), name, {
    svg: serialize(picture(dashboard, data, { ...shown, scheme: "auto" })),
    png: toPng(serialize(picture(dashboard, data, { ...shown, scheme: "light" }))),
  });
  const problems = problemsOf(dashboard, data);
  if (json) {
    console.log(JSON.stringify({ stack, dashboard: name, from, files, problems }, undefined, 2));
    return;
  }
  for (const { title, problem } of problems) console.log(`${title}: ${problem}`);
  console.log(`wrote ${files.join(" and ")}: ${summary(data)}, from ${describedAs}`);
}

async function write(
  folder: string,
  name: string,
  contents: Readonly<Record<string, string | Uint8Array>>,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Object.entries(contents).map(async ([extension, content]) => {
      const file = path.join(folder, `${name}.${extension}`);
      await writeFile(file, content);
      return path.relative(process.cwd(), file);
    }),
  );
}

const summary = ({ widgets }: DashboardData): string => `${widgets.length} widgets`;

function minutes(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 5 || value > 20_160) {
    throw new InvalidArgumentError("must be a whole number of minutes from 5 to 20160 (two weeks)");
  }
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1024 || value > 65_535) {
    throw new InvalidArgumentError("must be the number of a port, from 1024 to 65535");
  }
  return value;
}

await run(
  command(
    "dashboard",
    "Draw the dashboard of a stack as SVG and PNG, or follow it in the browser. What is drawn is the body in the plan, as it would go to CloudWatch.",
    "npm run dashboard -- --stack production --live",
  )
    .addOption(
      new Option(
        "--from <source>",
        "whose data is shown: samples of a canary that goes back, or aws: the local cloud or the account that the variables point to",
      )
        .choices(["samples", "aws"])
        .default(undefined, "aws where the variables of a local cloud are set, else samples"),
    )
    .addOption(
      new Option("--minutes <count>", "how far back")
        .argParser(minutes)
        .default(undefined, "as the dashboard says"),
    )
    .addOption(
      new Option("--dashboard <name>", "another dashboard of the plan").default(
        undefined,
        "the service's own",
      ),
    )
    .option("--out <folder>", "where the pictures are written", ".cache/dashboard")
    .addOption(
      new Option("--save", "draw the picture of the README again, from samples").conflicts([
        "from",
        "minutes",
        "dashboard",
      ]),
    )
    .addOption(
      new Option(
        "--live",
        "a page in the browser that follows the local cloud or the account, on 127.0.0.1, until Ctrl-C",
      ).conflicts(["from", "save"]),
    )
    .addOption(
      new Option("--port <number>", "port of the page").argParser(port).default(0, "any free one"),
    )
    .action(
      explaining(async (options: DashboardOptions) => {
        const terminal = openTerminal();
        const served: Served = { yes: false };
        await interruptible(async (signal) => {
          try {
            if (options.live) await live(options, terminal, signal, served);
            else await draw(options, terminal, signal);
          } finally {
            terminal.quiet();
          }
        });
        // Ctrl-C is how a page ends when all is well.
        if (served.yes) process.exitCode = 0;
      }),
    ),
);
