/** The cold starts as an SVG: one bar a variant and memory size, readable on light and dark pages. Pure. */
import { cpuRatio, type Results } from "./report.ts";
import { OURS, WITH_TABLE } from "./variants.ts";

const ROW = 26;
const LABEL = 250;
const WIDTH = 760;
const BAR = 14;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** CPU time as ratios to the empty handler, one block of bars for each memory size: times on the wall vary more. */
export function renderPicture({ cold, conditions }: Results): string {
  const sizes = [...new Set(cold.map(({ memoryMb }) => memoryMb))];
  const names = [...new Set(cold.map(({ variant }) => variant))];
  const largest = Math.max(...sizes.flatMap((mb) => names.map((name) => cpuRatio(cold, name, mb))));
  const scale = (WIDTH - LABEL - 60) / largest;

  let y = 30;
  const parts: string[] = [];
  const text = (x: number, at: number, content: string, attributes = "") =>
    parts.push(`<text x="${x}" y="${at}" ${attributes}>${escaped(content)}</text>`);

  text(
    0,
    16,
    "CPU time of a cold start (init and first call) as a ratio to an empty handler's",
    'class="title"',
  );
  for (const mb of sizes) {
    y += 14;
    text(0, y, `${mb} MB`, 'class="title"');
    for (const name of names) {
      const value = cpuRatio(cold, name, mb);
      y += ROW;
      text(LABEL - 10, y, name, 'text-anchor="end"');
      const kind = name === OURS || name === WITH_TABLE ? "ours" : "other";
      parts.push(
        `<rect class="${kind}" x="${LABEL}" y="${y - BAR + 2}" width="${(value * scale).toFixed(1)}" height="${BAR}" rx="2"/>`,
      );
      text(LABEL + value * scale + 8, y, value.toFixed(2));
    }
    y += 12;
  }
  y += 20;
  text(0, y, conditions.join("; "), 'class="note"');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" role="img" aria-label="CPU time of cold starts">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.note { font-size: 9px; fill: #6e7781 }
.ours { fill: #1a7f37 }
.other { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #8d96a0 } .ours { fill: #3fb950 } }
</style>
${parts.join("\n")}
</svg>
`;
}
