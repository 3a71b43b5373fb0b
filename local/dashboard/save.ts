/** The picture in the README: drawn from samples, and saved with all that it was drawn from, so that a test can draw it again. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { DashboardInput } from "../../infra/observability/dashboard.ts";
import type { Settings } from "../../infra/settings.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { parseBody } from "./body.ts";
import { type DashboardData, readData, type WidgetData } from "./data.ts";
import { picture } from "./draw/picture.ts";
import { serialize } from "./draw/shape.ts";
import type { NamedBody, PlannedResource } from "./planned.ts";
import { playIncident } from "./sample/incident.ts";
import { sampleSource } from "./sample/source.ts";

/** What the picture was drawn from. */
export interface Saved {
  readonly name: string;
  /** The settings that the body was made from. */
  readonly settings: Pick<Settings, (typeof SETTINGS)[number]>;
  /** The body, as it goes to CloudWatch. */
  readonly body: object;
  readonly data: DashboardData;
}

/** The settings that a dashboard's body depends on. */
const SETTINGS = [
  "serviceName",
  "environment",
  "architecture",
  "durationAlarmMs",
  "errorAlarmThreshold",
  "memoryMb",
  "timeoutSeconds",
] as const satisfies readonly (keyof DashboardInput["settings"])[];

export const SAVED_PICTURE = "docs/dashboard.svg";
export const SAVED_DATA = "docs/dashboard.json";

const WIDTH = 1440;

/** The picture as SVG. */
export const drawSaved = ({ name, body, data }: Saved): string =>
  `${serialize(
    picture(parseBody(JSON.stringify(body)), data, {
      heading: name,
      from: "computed by the simulator of this project",
      width: WIDTH,
      scheme: "auto",
    }),
  )}\n`;

/** Plays the samples, draws and writes; the files' names. */
export async function saveExample({
  name,
  body,
  settings,
  project,
  resources,
}: NamedBody & {
  readonly settings: Settings;
  readonly project: string;
  readonly resources: readonly PlannedResource[];
}): Promise<string[]> {
  const incident = playIncident(settings, project);
  const source = sampleSource(incident, resources);
  const data = await readData(parseBody(body), source, incident.span);
  const saved: Saved = {
    name,
    settings: Object.fromEntries(SETTINGS.map((key) => [key, settings[key]])) as Saved["settings"],
    body: JSON.parse(body) as object,
    data: { ...data, widgets: data.widgets.map(shortened) },
  };
  await writeFile(path.join(PROJECT_ROOT, SAVED_DATA), savedText(saved));
  await writeFile(path.join(PROJECT_ROOT, SAVED_PICTURE), drawSaved(saved));
  return [SAVED_PICTURE, SAVED_DATA];
}

/** One widget a line: differences stay readable, and the file small. */
function savedText({ data, body, ...rest }: Saved): string {
  const { widgets, ...others } = data;
  const lines = (key: string, items: readonly unknown[]) =>
    `"${key}":[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]`;
  const { widgets: specs, ...bodyRest } = body as { readonly widgets: readonly unknown[] };
  const inner = (of: object) => JSON.stringify(of).slice(1, -1);
  return `{${inner(rest)},\n"body":{${inner(bodyRest)},${lines("widgets", specs)}},\n"data":{${inner(others)},${lines("widgets", widgets)}}}\n`;
}

/** Four digits are more than a picture shows. */
const shortened = (widget: WidgetData): WidgetData =>
  widget.kind === "lines"
    ? {
        ...widget,
        lines: widget.lines.map((line) => ({
          ...line,
          points: line.points.map(([atMs, value]) => [atMs, Number(value.toPrecision(4))] as const),
        })),
      }
    : widget;
