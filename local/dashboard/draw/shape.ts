/** A picture as a tree of SVG elements: written to a file as text, or sent to a page, which makes elements of it. */

export interface Shape {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Shape | string)[];
}

/** An element; attributes that are undefined are left out, numbers are rounded to a tenth of a pixel. */
export const shape = (
  tag: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  ...children: readonly (Shape | string)[]
): Shape => ({
  tag,
  attributes: Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === "number" ? rounded(value) : value]],
    ),
  ),
  children,
});

export const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Moves a group of elements. */
export const at = (x: number, y: number, ...children: readonly Shape[]): Shape =>
  shape("g", { transform: `translate(${rounded(x)} ${rounded(y)})` }, ...children);

const ESCAPED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** What XML 1.0 has no form for, escaped or not ("Characters"). */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const escaped = (text: string): string =>
  text
    .replaceAll(FORBIDDEN, "\ufffd")
    .replaceAll(/[&<>"]/g, (character) => ESCAPED[character] ?? "");

/** The tree as SVG text, one element a line where it has elements in it. */
export function serialize({ tag, attributes, children }: Shape): string {
  const open = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join("");
  if (children.length === 0) return `<${tag}${open}/>`;
  const inner = children.map((child) =>
    typeof child === "string" ? escaped(child) : serialize(child),
  );
  return children.some((child) => typeof child === "string")
    ? `<${tag}${open}>${inner.join("")}</${tag}>`
    : `<${tag}${open}>\n${inner.join("\n")}\n</${tag}>`;
}
