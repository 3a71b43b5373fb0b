import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseBody } from "../../../local/dashboard/body.ts";
import type {
  AlarmStatus,
  DashboardData,
  Line,
  WidgetData,
} from "../../../local/dashboard/data.ts";
import { middleOf } from "../../../local/dashboard/draw/graph.ts";
import { picture } from "../../../local/dashboard/draw/picture.ts";
import {
  numberText,
  shortNumber,
  timeScale,
  timeText,
  valueScale,
} from "../../../local/dashboard/draw/scale.ts";
import { serialize, type Shape } from "../../../local/dashboard/draw/shape.ts";
import { css } from "../../../local/dashboard/draw/style.ts";
import { fitted, SIZES, textWidth } from "../../../local/dashboard/draw/words.ts";
import { toPng } from "../../../local/dashboard/png.ts";
import { SAVED_DATA, type Saved } from "../../../local/dashboard/save.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 2, 12, 12);

const line = (more: Partial<Line> = {}): Line => ({
  label: "calls",
  axis: "left",
  stepMs: MINUTE,
  points: [],
  ...more,
});

const points = (...values: readonly (number | undefined)[]): Line["points"] =>
  values.flatMap((value, index) =>
    value === undefined ? [] : [[NOON + index * MINUTE, value] as const],
  );

/** A picture of one widget. */
function draw(
  type: string,
  properties: object,
  shown: WidgetData,
  more: Partial<DashboardData> & { readonly onPage?: boolean; readonly width?: number } = {},
): Shape {
  const body = { widgets: [{ type, x: 0, y: 0, width: 12, height: 6, properties }] };
  const { onPage = false, width = 1200, ...rest } = more;
  const data = {
    fromMs: NOON,
    toMs: NOON + 10 * MINUTE,
    minuteMs: MINUTE,
    releases: [],
    widgets: [shown],
    ...rest,
  };
  return picture(parseBody(JSON.stringify(body)), data, {
    heading: "h",
    from: "tests",
    width,
    scheme: "light",
    onPage,
  });
}

const drawLines = (lines: readonly Line[], properties: object = {}, more = {}) =>
  draw("metric", properties, { kind: "lines", lines }, more);

const all = (shape: Shape): Shape[] => [
  shape,
  ...shape.children.flatMap((child) => (typeof child === "string" ? [] : all(child))),
];
const classed = (shape: Shape, name: string): Shape[] =>
  all(shape).filter(({ attributes }) => String(attributes["class"]).split(" ").includes(name));
const textOf = (shape: Shape): string =>
  shape.children.map((child) => (typeof child === "string" ? child : textOf(child))).join(" ");
/** Every piece of text, one behind another ones by itself too. */
const textsOf = (shape: Shape): string[] =>
  all(shape).flatMap((part) => {
    if (part.tag === "tspan") return [textOf(part)];
    if (part.tag !== "text") return [];
    const [own = ""] = part.children;
    return part.children.length > 1 && typeof own === "string"
      ? [own, textOf(part)]
      : [textOf(part)];
  });

/** The lines of the plot; those of the legend begin at a height below zero. */
const plotted = (shape: Shape): string[] =>
  [...classed(shape, "line"), ...classed(shape, "dot")]
    .map(({ attributes }) => String(attributes["d"]))
    .filter((d) => !d.endsWith("h14"));

describe("a graph", () => {
  it("has a gap where there is no data, and a dot for a point by itself", () => {
    const d = plotted(drawLines([line({ points: points(1, 2, undefined, 3, 4, undefined, 5) })]));

    expect(d).to.have.length(3);
    expect(d.filter((each) => each.endsWith("h0"))).to.have.length(1);
    expect(d.filter((each) => each.split("L").length === 2)).to.have.length(2);
  });

  it("has a gap by the length of its own period: five minutes are no gap in a line of five", () => {
    const far = line({
      stepMs: 5 * MINUTE,
      points: [
        [NOON, 1],
        [NOON + 5 * MINUTE, 2],
      ],
    });

    expect(plotted(drawLines([far]))).to.have.length(1);
    expect(plotted(drawLines([{ ...far, stepMs: MINUTE }]))).to.have.length(2);
  });

  it("draws a value in the middle of its period, as far as that is shown", () => {
    const frame = { fromMs: NOON, toMs: NOON + 10 * MINUTE };
    const middles = [0, 5, 8, -4].map(
      (minute) => (middleOf(NOON + minute * MINUTE, { stepMs: 5 * MINUTE }, frame) - NOON) / MINUTE,
    );

    expect(middles).to.deep.equal([2.5, 7.5, 9, 0.5]);
  });

  it("says that there is no data, for the widget and for a line of it", () => {
    const empty = textsOf(drawLines([line()]));
    const half = textsOf(drawLines([line(), line({ label: "other", points: points(1, 2) })]));

    expect(empty).to.include("no data").and.to.include("calls: no data");
    expect(half).to.include("calls: no data").and.not.to.include("no data");
  });

  it("names what is not computed, in its legend and, when there is nothing else, in its middle", () => {
    const problem = "not computed: RATE(a)";

    expect(textsOf(drawLines([line({ problem })]))).to.include.members([
      problem,
      `calls: ${problem}`,
    ]);
    const both = textsOf(drawLines([line({ problem }), line({ label: "b", points: points(1) })]));
    expect(both).to.include(`calls: ${problem}`).and.not.to.include(problem);
  });

  const threshold = { annotations: { horizontal: [{ label: "alarm", value: 10 }] } };

  it("draws a threshold that is near, and names one that would press the lines flat", () => {
    const near = drawLines([line({ points: points(4, 5) })], threshold);
    const far = drawLines([line({ points: points(0.1, 0.2) })], threshold);

    expect(classed(near, "limit-line")).to.have.length(1);
    expect(textsOf(near)).to.include("alarm 10");
    expect(classed(far, "limit-line")).to.have.length(0);
    expect(textsOf(far)).to.include("off the scale: alarm 10");
  });

  it("has two thresholds of one value, their words apart", () => {
    const same = [
      { label: "first", value: 10 },
      { label: "second", value: 10 },
    ];
    const drawn = drawLines([line({ points: points(9, 11) })], {
      annotations: { horizontal: same },
    });
    const [first, second] = classed(drawn, "limit").map(({ attributes }) =>
      Number(attributes["y"]),
    );

    expect(Math.abs((first ?? 0) - (second ?? 0))).to.be.at.least(12);
  });

  it("draws the moments of the body with their words, and releases with the letters of the heading", () => {
    const at = NOON + 5 * MINUTE;
    const vertical = [{ label: "moved", value: new Date(at).toISOString() }];
    const drawn = drawLines(
      [line({ points: points(1, 2) })],
      { annotations: { vertical } },
      { releases: [{ atMs: at, label: "release of version 9" }] },
    );

    expect(classed(drawn, "release")).to.have.length(2);
    expect(textsOf(drawn)).to.include.members(["moved", "A", "A 12:05 release of version 9"]);
  });

  it("has a second axis for the lines that ask for it, with its own numbers", () => {
    const right = line({ label: "r", axis: "right", points: points(900, 1000) });
    const axes = { yAxis: { left: { label: "ms" }, right: { label: "events" } } };
    const both = textsOf(drawLines([line({ points: points(1, 2) }), right], axes));
    const one = textsOf(drawLines([line({ points: points(1, 2) })], axes));

    expect(both).to.include.members(["ms", "events", "1,000"]);
    expect(one).to.include("ms").and.not.to.include("events");
  });

  it("keeps to the limits of an axis that the body sets", () => {
    const limited = { yAxis: { left: { min: 0, max: 100 } } };

    expect(textsOf(drawLines([line({ points: points(99, 98) })], limited))).to.include.members([
      "0",
      "100",
    ]);
  });

  it("answers the mouse on a page only, with all values of a moment", () => {
    const shown = [line({ points: points(1, 2) }), line({ label: "b", points: points(3) })];
    const titles = (onPage: boolean) =>
      classed(drawLines(shown, {}, { onPage }), "tip").map((tip) => textOf(tip).trim());

    expect(titles(false)).to.deep.equal([]);
    expect(titles(true)).to.deep.equal(["12:00:00 UTC\ncalls: 1\nb: 3", "12:01:00 UTC\ncalls: 2"]);
  });
});

describe("a single value", () => {
  const number = (points: Line["points"], toMs = NOON + 2 * MINUTE) =>
    textsOf(drawLines([line({ points })], { view: "singleValue", sparkline: true }, { toMs }));

  it("is the newest one, with its range", () => {
    expect(number(points(95.126, 99.97))).to.include.members(["99.97", "calls", "95.13 to 99.97"]);
  });

  it("says when it is old", () => {
    expect(number(points(3), NOON + 9 * MINUTE)).to.include("calls, at 12:00");
  });

  it("says that there is none", () => {
    expect(number([])).to.include("no data");
  });
});

describe("an alarm widget", () => {
  const alarms: AlarmStatus[] = [
    { name: "shop-slow-production", state: "OK" },
    { name: "shop-lost-production", state: "missing" },
    { name: "shop-new-production", state: "INSUFFICIENT_DATA" },
    { name: "shop-down-production", state: "ALARM", sinceMs: NOON },
  ];
  const drawn = draw(
    "alarm",
    { title: "Alarms", alarms: alarms.map(({ name }) => name) },
    {
      kind: "alarms",
      alarms,
    },
  );

  it("has the red ones first, and each state in a sign and in words", () => {
    const said = textsOf(drawn).filter((text) => /^(slow|lost|new|down) /.test(text));

    expect(said).to.deep.equal([
      "down in alarm since 12:00",
      "slow ok",
      "lost not there",
      "new no data",
    ]);
    const signs = classed(drawn, "sign").map(({ attributes }) => attributes["d"]);
    expect(new Set(signs).size).to.equal(4);
  });

  it("says once what all names have in common", () => {
    expect(textsOf(drawn)).to.include("Alarms: shop-…-production");
  });
});

describe("a query's table", () => {
  const query = "SOURCE 'g' | fields @timestamp, level, message | sort @timestamp desc";
  const table = (rows: Extract<WidgetData, { kind: "rows" }>["rows"]) =>
    draw("log", { query }, { kind: "rows", rows });

  it("has the columns of the query in its order", () => {
    const texts = textsOf(table([{ message: "m", "@timestamp": NOON, level: "ERROR" }]));

    expect(texts.slice(-6)).to.deep.equal([
      "@timestamp",
      "level",
      "message",
      "12:00:00",
      "ERROR",
      "m",
    ]);
  });

  it("says how many rows it leaves out, and that there are none", () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({ message: `m${index}` }));
    const texts = textsOf(table(rows));
    const shown = texts.filter((text) => /^m\d/.test(text)).length;

    expect(texts).to.include(`and ${30 - shown} more`);
    expect(textsOf(table([]))).to.include("no lines");
  });
});

describe("a picture", () => {
  const evil = `</text><script>alert(1)</script>&"'\u0000\ud800`;

  it("holds strangers' words as text", () => {
    const drawn = [
      drawLines([line({ label: evil, points: points(1) })], { title: evil }),
      draw("log", { query: "SOURCE 'g' | fields m" }, { kind: "rows", rows: [{ m: evil }] }),
      draw("alarm", { alarms: [evil] }, { kind: "alarms", alarms: [{ name: evil, state: "OK" }] }),
      draw("text", { markdown: evil }, { kind: "none" }),
      draw("metric", {}, { kind: "problem", problem: evil }),
    ].map(serialize);

    for (const svg of drawn) {
      for (const part of ["<script", "\u0000", "\ud800"]) expect(svg).not.to.include(part);
      expect(svg).to.include("&lt;");
      expect(() => toPng(svg)).not.to.throw();
    }
  });

  it("has text widgets in words, without their marks", () => {
    const markdown = "# Title\nSee [the runbook](https://example.com) **now**\n- one";
    const texts = textsOf(draw("text", { markdown }, { kind: "none" }));

    expect(texts.slice(-3)).to.deep.equal(["Title", "See the runbook now", "• one"]);
  });

  it("names a widget that it cannot draw", () => {
    expect(textsOf(draw("explorer", {}, { kind: "none" }))).to.include(
      "not drawn: a widget of type explorer",
    );
  });

  it("says where its data is from, from when to when", () => {
    expect(textsOf(drawLines([]))).to.include("12 March 2026, 12:00 to 12:10 UTC · tests");
  });

  const saved = JSON.parse(readFileSync(path.join(PROJECT_ROOT, SAVED_DATA), "utf8")) as Saved;
  const whole = (width: number) =>
    picture(parseBody(JSON.stringify(saved.body)), saved.data, {
      heading: saved.name,
      from: "tests",
      width,
      scheme: "auto",
    });

  for (const width of [1440, 1000, 390]) {
    it(`has no text on another, nor over its edge, at ${width} pixels`, () => {
      const boxes = textBoxes(whole(width));
      const clashes = boxes.flatMap((a, index) =>
        boxes
          .slice(index + 1)
          .filter(
            (b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
          )
          .map((b) => `${a.text} / ${b.text}`),
      );

      expect(boxes.length).to.be.above(100);
      expect(clashes).to.deep.equal([]);
      expect(boxes.filter(({ left, right }) => left < 0 || right > width)).to.deep.equal([]);
    });
  }

  it("has its widgets one below the other on a phone", () => {
    const places = classed(whole(390), "panel").map(({ attributes }) => attributes["width"]);

    expect(new Set(places)).to.deep.equal(new Set([374]));
  });
});

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where each text is. */
function textBoxes(shape: Shape, dx = 0, dy = 0): Box[] {
  const [, moveX = "0", moveY = "0"] =
    /translate\((\S+) (\S+)\)/.exec(String(shape.attributes["transform"])) ?? [];
  const x = dx + Number(moveX);
  const y = dy + Number(moveY);
  const own: Box[] = [];
  if (shape.tag === "text") {
    const { class: style, x: atX, y: atY, "text-anchor": anchor } = shape.attributes;
    const size = sizeOf(String(style));
    const text = textOf(shape);
    // The width for which a picture leaves room is that of a wide font: what is seen is less.
    const width = widthOf(shape, size) * 0.92;
    const start =
      x + Number(atX) - (anchor === "end" ? width : anchor === "middle" ? width / 2 : 0);
    const baseline = y + Number(atY);
    own.push({
      text,
      left: start,
      right: start + width,
      top: baseline - size * 0.72,
      bottom: baseline,
    });
  }
  return [
    ...own,
    ...shape.children.flatMap((child) => (typeof child === "string" ? [] : textBoxes(child, x, y))),
  ];
}

/** A text's width, with the smaller one behind it. */
const widthOf = (shape: Shape, size: number): number =>
  shape.children.reduce(
    (sum, child) =>
      sum +
      (typeof child === "string"
        ? textWidth(child, size)
        : Number(child.attributes["dx"]) +
          widthOf(child, sizeOf(String(child.attributes["class"])))),
    0,
  );

const sizeOf = (style: string): number =>
  Number(new RegExp(`\\.${style}[^}]*font-size:([\\d.]+)px`).exec(css("light"))?.[1] ?? SIZES.text);

describe("the colours of lines", () => {
  /** How people without one kind of cone see (Machado, Oliveira and Fernandes 2009, severity 1). */
  const SIGHTS: Readonly<Record<string, readonly number[]>> = {
    "all colours": [1, 0, 0, 0, 1, 0, 0, 0, 1],
    "no red cones": [
      0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
    ],
    "no green cones": [
      0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
    ],
    "no blue cones": [
      1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
    ],
  };
  const linear = (part: number) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const rgb = (hex: string) =>
    [1, 3, 5].map((start) => linear(Number.parseInt(hex.slice(start, start + 2), 16) / 255));
  const multiply = (m: readonly number[], [a = 0, b = 0, c = 0]: readonly number[]) =>
    [0, 3, 6].map((row) => (m[row] ?? 0) * a + (m[row + 1] ?? 0) * b + (m[row + 2] ?? 0) * c);
  /** CIE L*a*b* of linear sRGB, white D65. */
  const lab = (colour: readonly number[]) => {
    const xyz = multiply(
      [0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505],
      colour.map((part) => Math.min(1, Math.max(0, part))),
    );
    const [x = 0, y = 0, z = 0] = xyz.map((part, index) => {
      const t = part / ([0.9505, 1, 1.089][index] ?? 1);
      return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
    });
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const apart = (a: readonly number[], b: readonly number[]) =>
    Math.hypot(...a.map((part, index) => part - (b[index] ?? 0)));
  const coloursOf = (scheme: "light" | "dark", name: string) =>
    [...css(scheme).matchAll(new RegExp(`\\.${name}\\d?\\{(?:stroke|fill):(#\\w{6})`, "g"))].map(
      ([, hex = ""]) => hex,
    );

  for (const scheme of ["light", "dark"] as const) {
    for (const [sight, matrix] of Object.entries(SIGHTS)) {
      it(`can be told apart by people with ${sight}, ${scheme}`, () => {
        const seen = coloursOf(scheme, "c").map((hex) => lab(multiply(matrix, rgb(hex))));
        const least = Math.min(
          ...seen.flatMap((a, index) => seen.slice(index + 1).map((b) => apart(a, b))),
        );

        expect(seen).to.have.length(6);
        // A difference of 2.3 is just seen; lines are thin.
        expect(least).to.be.above(12);
      });
    }

    it(`stand out from the background, ${scheme}`, () => {
      const luminance = (hex: string) => {
        const [r = 0, g = 0, b = 0] = rgb(hex);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const panel = luminance(coloursOf(scheme, "panel")[0] ?? "");
      const contrast = (hex: string) => {
        const [low = 0, high = 0] = [luminance(hex), panel].toSorted((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
      };

      // WCAG 2.2: 3 for graphics (1.4.11), 4.5 for text (1.4.3).
      for (const hex of coloursOf(scheme, "c")) expect(contrast(hex), hex).to.be.at.least(3);
      for (const name of ["small", "limit", "warning", "alarm-text", "number"]) {
        const [hex = ""] =
          new RegExp(`\\.${name}[^{]*\\{fill:(#\\w{6})`).exec(css(scheme))?.slice(1) ?? [];
        expect(contrast(hex), name).to.be.at.least(4.5);
      }
    });
  }
});

describe("axes", () => {
  const ticks = (values: readonly number[], more = {}) =>
    valueScale(values, { count: 4, length: 100, ...more }).ticks;

  it("have round numbers, and begin with 0", () => {
    expect(ticks([3, 97])).to.deep.equal([0, 25, 50, 75, 100]);
    expect(ticks([0.01, 0.04])).to.deep.equal([0, 0.01, 0.02, 0.03, 0.04]);
    expect(ticks([-3, 4])).to.deep.equal([-4, -2, 0, 2, 4]);
  });

  it("count whole things in whole numbers", () => {
    expect(ticks([0, 1, 2])).to.deep.equal([0, 1, 2]);
    expect(ticks([0, 9])).to.deep.equal([0, 3, 6, 9]);
    expect(ticks([0, 0.5, 2])).to.deep.equal([0, 0.5, 1, 1.5, 2]);
  });

  it("stand for nothing but zeros, too", () => {
    expect(ticks([0, 0])).to.deep.equal([0, 1]);
  });

  it("have round times, as many as there is room for", () => {
    const { ticks: times } = timeScale(NOON + 1, NOON + 60 * MINUTE, 400, 64);

    expect(times.map((time) => timeText(time))).to.deep.equal([
      "12:10",
      "12:20",
      "12:30",
      "12:40",
      "12:50",
      "13:00",
    ]);
    const short = timeScale(NOON, NOON + 20_000, 400, 64).ticks;
    expect(short.map((time) => timeText(time, 5000))).to.deep.equal([
      "12:00:00",
      "12:00:05",
      "12:00:10",
      "12:00:15",
      "12:00:20",
    ]);
  });

  it("write numbers short", () => {
    expect([0, 0.05, 1.5, 350, 1234, 30_000, 2.5e6, 3e9].map(shortNumber)).to.deep.equal([
      "0",
      "0.05",
      "1.5",
      "350",
      "1,234",
      "30k",
      "2.5M",
      "3G",
    ]);
    expect([99.97, 100, 239.4, 0.00237].map(numberText)).to.deep.equal([
      "99.97",
      "100",
      "239",
      "0.00237",
    ]);
  });
});

describe("text in a picture", () => {
  it("is cut where there is no room for it", () => {
    const long = "a long text that nobody has room for";

    expect(fitted(long, 1000, 12)).to.equal(long);
    expect(fitted(long, 80, 12)).to.match(/^a long.*…$/);
    expect(textWidth(fitted(long, 80, 12), 12)).to.be.at.most(80);
    expect(fitted("two\nlines\t", 1000, 12)).to.equal("two lines");
  });

  it("is in a font that comes with the packages: every letter is drawn", () => {
    // A font that is missing draws nothing at all.
    const drawn = (text: string) =>
      toPng(serialize(drawLines([line({ points: points(1) })], { title: text }))).length;

    expect(drawn("Äpfel → 100 ‰")).to.be.above(drawn("") + 200);
  });
});
