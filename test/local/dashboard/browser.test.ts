/** The live page in a real browser. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseBody } from "../../../local/dashboard/body.ts";
import { picture } from "../../../local/dashboard/draw/picture.ts";
import { type PageServer, startPageServer } from "../../../local/dashboard/live/server.ts";
import { SAVED_DATA, type Saved } from "../../../local/dashboard/save.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";
import { type Browser, findBrowser, startBrowser, type View } from "../../support/browser.ts";

const saved = JSON.parse(readFileSync(path.join(PROJECT_ROOT, SAVED_DATA), "utf8")) as Saved;
const EVIL = `<img src=x onerror="window.evil=1"></title><script>window.evil=1</script>`;

/** A picture whose names are what a stranger may have put into them. */
const draw = (width: number) =>
  picture(
    parseBody(
      JSON.stringify(saved.body).replaceAll("Newest errors", JSON.stringify(EVIL).slice(1, -1)),
    ),
    saved.data,
    { heading: "the dashboard", from: "tests", width, scheme: "auto", onPage: true },
  );

const STATUS = {
  atMs: Date.UTC(2026, 2, 12, 13, 14, 15),
  serving: [
    { version: "8", percent: 90 },
    { version: "9", percent: 10 },
  ],
  red: [`canary-${EVIL}`],
  deadLetters: 3,
};
const LINES = [
  { timeMs: Date.UTC(2026, 2, 12, 13, 14, 1), level: "INFO", message: "older", id: "a" },
  { timeMs: Date.UTC(2026, 2, 12, 13, 14, 2), level: "ERROR", message: EVIL, id: EVIL },
];

describe("the live page in a browser", function () {
  this.timeout(120_000);
  const file = findBrowser();
  let browser: Browser;
  let server: PageServer;
  let widths: number[];

  before(async function () {
    if (file === undefined) {
      // GitHub's machines have one: there a page that nobody tried would be a surprise.
      if (process.env["GITHUB_ACTIONS"]) throw new Error("no Chromium or Chrome on the PATH");
      console.log("      not run: no Chromium or Chrome on the PATH");
      this.skip();
    }
    browser = await startBrowser(file);
  });
  after(async () => {
    // Not there when the tests were skipped.
    await (browser as Browser | undefined)?.stop();
  });
  beforeEach(async () => {
    widths = [];
    server = await startPageServer((width, send) => {
      widths.push(width);
      send("status", STATUS);
      send("lines", LINES);
      send("picture", draw(width));
      return () => undefined;
    });
  });
  afterEach(() => server.stop());

  const DESK: View = { width: 1400, height: 900, scheme: "light" };
  const open = async (view: View) => {
    const page = await browser.open(server.url, view);
    await page.until("document.querySelector('#picture svg text') !== null");
    return page;
  };

  it("shows the picture, who serves, what is red and what waits", async () => {
    const page = await open(DESK);
    const text = (id: string) =>
      page.evaluate<string>(`document.getElementById(${JSON.stringify(id)}).innerText`);

    expect(await text("serving")).to.match(/version 8: 90 %\s*version 9: 10 %/);
    expect(await text("alarms")).to.equal(`▲ canary-${EVIL}`);
    expect(await text("dead-letters")).to.equal("▲ 3 waiting");
    expect(await text("state")).to.equal("live · 13:14:15 UTC");
    expect(await page.evaluate("document.title")).to.equal("Dashboard the dashboard");
    expect(await page.evaluate("document.querySelectorAll('#picture .panel').length")).to.equal(
      parseBody(JSON.stringify(saved.body)).widgets.length,
    );
  });

  it("has the newest line first, strangers' words as text, and complains of nothing", async () => {
    const page = await open(DESK);
    const lines = await page.evaluate<string[]>(
      "[...document.querySelectorAll('#lines .message')].map((it) => it.textContent)",
    );

    expect(lines).to.deep.equal([EVIL, "older"]);
    expect(await page.evaluate("document.querySelectorAll('img, #lines script').length")).to.equal(
      0,
    );
    expect(await page.evaluate("typeof window.evil")).to.equal("undefined");
    expect(page.complaints).to.deep.equal([]);
  });

  it("lets no foreign script in, even if one got into the page", async () => {
    const page = await open(DESK);
    const tried = (code: string) =>
      page.evaluate<string>(
        `(() => { try { ${code}; return 'made'; } catch (error) { return error.name; } })()`,
      );

    expect(await tried("document.body.innerHTML = '<b>'")).to.equal("TypeError");
    expect(await tried("document.body.setAttribute('onclick', 'window.evil=1')")).to.equal(
      "TypeError",
    );
    expect(await tried("window.setTimeout('window.evil=1')")).to.match(/Error$/);
    await tried(
      "const it = document.createElement('script'); it.src = 'data:text/javascript,window.evil=1'; document.head.append(it)",
    );
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
    expect(await page.evaluate("typeof window.evil")).to.equal("undefined");
  });

  for (const view of [
    DESK,
    { ...DESK, scheme: "dark" },
    { width: 390, height: 844, scheme: "light" },
    { width: 390, height: 844, scheme: "dark" },
  ] satisfies View[]) {
    it(`fits ${view.width} pixels, ${view.scheme}`, async () => {
      const page = await open(view);
      const background = await page.evaluate<string>(
        "getComputedStyle(document.body).backgroundColor",
      );
      const panel = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('#picture .panel')).fill",
      );

      expect(
        await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
        "no scrolling sideways",
      ).to.equal(true);
      const dark = ["rgb(13, 17, 23)", "rgb(22, 27, 34)"];
      const light = ["rgb(244, 246, 248)", "rgb(255, 255, 255)"];
      expect([background, panel]).to.deep.equal(view.scheme === "dark" ? dark : light);
      expect(widths[0]).to.be.within(view.width - 20, view.width);
    });
  }

  it("shows the values of a moment under the mouse", async () => {
    const page = await open(DESK);

    expect(
      await page.evaluate("document.querySelector('#picture .tip title').textContent"),
    ).to.match(/^\d\d:\d\d:00 UTC\n.+: [\d,]+/);
  });

  it("says so when the command has ended", async () => {
    const page = await open(DESK);
    await server.stop();
    await page.until("document.getElementById('state').textContent.includes('has ended')");
    server = await startPageServer(() => () => undefined);
  });
});
