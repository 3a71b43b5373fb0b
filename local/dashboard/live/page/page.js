/** Shows what the server sends. Everything that comes from a log or a name is put in as text, never as HTML. */

const SVG = "http://www.w3.org/2000/svg";
/** What a picture consists of. Whatever else came would not be shown. */
const TAGS = new Set(["svg", "g", "rect", "path", "text", "tspan", "title"]);
const ATTRIBUTES = new Set([
  "aria-label",
  "class",
  "d",
  "dx",
  "height",
  "role",
  "rx",
  "stroke-dasharray",
  "text-anchor",
  "transform",
  "viewBox",
  "width",
  "x",
  "y",
]);

const byId = (id) => document.getElementById(id);

const element = (tag, className, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

/** Makes elements of the tree that the server has drawn. */
function mount({ tag, attributes, children }) {
  if (!TAGS.has(tag)) return document.createTextNode("");
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (ATTRIBUTES.has(name)) made.setAttribute(name, String(value));
  }
  for (const child of children) made.append(typeof child === "string" ? child : mount(child));
  return made;
}

/** `13:05:09` in UTC, as in the picture. */
const time = (ms) => new Date(ms).toISOString().slice(11, 19);

function showStatus({ atMs, serving, red, deadLetters, problem }) {
  const isKnown = problem === undefined;
  byId("state").textContent = isKnown ? `live · ${time(atMs)} UTC` : `not read: ${problem}`;
  byId("state").className = isKnown ? "" : "alarm";
  if (!isKnown) return;
  byId("serving").replaceChildren(
    ...serving.map(({ version, percent }, index) => {
      const part = element("span", `part part${index}`, `version ${version}: ${percent} %`);
      part.style.flexGrow = String(percent);
      return part;
    }),
  );
  const alarms = byId("alarms");
  alarms.className = red.length > 0 ? "alarm" : "ok";
  alarms.textContent = red.length > 0 ? `▲ ${red.join(", ")}` : "✓ none is red";
  const waiting = byId("dead-letters");
  waiting.className = deadLetters > 0 ? "alarm" : "ok";
  waiting.textContent = deadLetters > 0 ? `▲ ${deadLetters} waiting` : "✓ none waits";
}

function showLines(lines) {
  const shown = lines
    .toReversed()
    .map(({ timeMs, level, message, id }) =>
      element(
        "li",
        `level-${["ERROR", "FATAL", "CRITICAL"].includes(level) ? "error" : level === "WARN" ? "warn" : "info"}`,
        element("time", "", time(timeMs)),
        element("b", "", level),
        element("span", "message", message),
        element("code", "", id),
      ),
    );
  byId("lines").replaceChildren(
    ...(shown.length > 0 ? shown : [element("li", "muted", "no lines yet")]),
  );
}

let events;
let drawnWidth = 0;

/** The server draws for the width that there is: it is asked again when that changes. */
function connect() {
  const width = Math.floor(byId("picture").clientWidth);
  if (width === drawnWidth) return;
  drawnWidth = width;
  events?.close();
  events = new EventSource(`/events?width=${width}`);
  const on = (name, show) => events.addEventListener(name, (event) => show(JSON.parse(event.data)));
  on("status", showStatus);
  on("lines", showLines);
  on("picture", (tree) => {
    byId("picture").replaceChildren(mount(tree));
    document.title = tree.attributes["aria-label"];
  });
  events.addEventListener("error", () => {
    byId("state").textContent = "the command has ended; start it again to go on";
    byId("state").className = "alarm";
  });
}

let resized;
new ResizeObserver(() => {
  clearTimeout(resized);
  resized = setTimeout(connect, 200);
}).observe(byId("picture"));
connect();
