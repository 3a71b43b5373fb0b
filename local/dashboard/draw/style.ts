/**
 * Colours and fonts of a picture. The lines' began as those of Okabe and Ito; each was moved until every pair differs
 * enough for people with any kind of colour blindness, and each stands out from the background (see the tests).
 */

/** Which background: `auto` follows the reader's own setting. */
export type Scheme = "light" | "dark" | "auto";

interface Colours {
  readonly page: string;
  readonly panel: string;
  readonly border: string;
  readonly grid: string;
  readonly axis: string;
  readonly text: string;
  readonly muted: string;
  readonly limit: string;
  readonly warning: string;
  readonly ok: string;
  readonly alarm: string;
  readonly lines: readonly string[];
}

const LIGHT: Colours = {
  page: "#f4f6f8",
  panel: "#ffffff",
  border: "#d8dee4",
  grid: "#e6eaee",
  axis: "#9aa4af",
  text: "#1f2933",
  muted: "#5b6875",
  limit: "#a3420a",
  warning: "#8a5a00",
  ok: "#00795a",
  alarm: "#c0392b",
  lines: ["#0072b2", "#da760c", "#00a153", "#c36698", "#7f5307", "#0097fd"],
};

const DARK: Colours = {
  page: "#0d1117",
  panel: "#161b22",
  border: "#30363d",
  grid: "#252c35",
  axis: "#5d6874",
  text: "#e6edf3",
  muted: "#9aa7b4",
  limit: "#f0a070",
  warning: "#e3b341",
  ok: "#3fc79a",
  alarm: "#ff7b6b",
  lines: ["#56b4e9", "#ea8455", "#11e586", "#eaa9b5", "#d6cc4a", "#b1ddf4"],
};

const FONT =
  'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

const rules = (colours: Colours): string =>
  [
    `.page{fill:${colours.page}}`,
    `.panel{fill:${colours.panel};stroke:${colours.border}}`,
    `.grid{stroke:${colours.grid}}`,
    `.axis{stroke:${colours.axis}}`,
    `.release{stroke:${colours.axis}}`,
    `.title,.text,.strong,.heading,.number{fill:${colours.text}}`,
    `.muted,.small{fill:${colours.muted}}`,
    `.limit{fill:${colours.limit};stroke:${colours.panel}}`,
    `.limit-line{stroke:${colours.limit}}`,
    `.warning{fill:${colours.warning}}`,
    `.alarm-text{fill:${colours.alarm}}`,
    `.ok,.unsure{stroke:${colours.ok}}`,
    `.unsure{stroke:${colours.muted}}`,
    `.alarm{fill:${colours.alarm};stroke:${colours.alarm}}`,
    ...colours.lines.map((colour, index) => `.c${index}{stroke:${colour}}`),
  ].join("\n");

const FORMS = `text{font-family:${FONT};font-size:11.5px}
.heading{font-size:19px;font-weight:600}
.title{font-size:13px;font-weight:600}
.number{font-size:34px;font-weight:600}
.strong,.alarm-text,.warning{font-weight:600}
.small,.limit{font-size:10.5px;font-weight:400}
.muted{font-weight:400}
.grid,.axis,.release,.limit-line{fill:none;stroke-width:1}
.release{stroke-dasharray:2 3}
.limit-line{stroke-dasharray:6 4}
.line,.dot,.sign{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.dot{stroke-width:4.5}
.sign{stroke-width:2}
.limit{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.tip{fill:transparent}
.tip:hover{fill:#8883}`;

/** The style as CSS. */
export function css(scheme: Scheme): string {
  if (scheme === "light") return `${FORMS}\n${rules(LIGHT)}`;
  if (scheme === "dark") return `${FORMS}\n${rules(DARK)}`;
  return `${FORMS}\n${rules(LIGHT)}\n@media (prefers-color-scheme: dark){\n${rules(DARK)}\n}`;
}
