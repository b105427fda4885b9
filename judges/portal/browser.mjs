// One browser for all judges of the portal.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

/** A phone for citizens, a desk for officers. */
export const PHONE = { width: 360, height: 800 };
export const DESK = { width: 1280, height: 900 };
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const launch = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });

/** Becomes one of the demo's people in a fresh browser context, reading the given language. */
export async function become(browser, base, who, options = {}) {
  const { lang = "en", ...rest } = options;
  const context = await browser.newContext({ viewport: DESK, ...rest });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${base}/demo?lang=${lang}`);
  if (who) {
    await page.click(`form[action="/demo/be/${who}"] button`);
    // Signing in answers with a page of that person's own; before it has come, a next address would be nobody's.
    await page.waitForURL((url) => !url.pathname.startsWith("/demo/be") && url.pathname !== "/demo");
    // Some of the cast read a language of their own; whoever judges reads the one that was asked for.
    if ((await page.locator("html").getAttribute("lang")) !== lang) await page.goto(`${page.url()}?lang=${lang}`);
  }
  return { context, page };
}

/** Where a page is kept: one file for each language, method, route and status, so that a walk keeps no page twice. */
export function fileOf(folder, lang, method, address, status) {
  const route = new URL(address).pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "id").replace(/[A-Za-z0-9_-]{30,}/g, "secret");
  return path.join(folder, `${lang}-${method}-${status}${route}`.replace(/[^a-z0-9./-]+/gi, "_").replace(/\//g, "~") + ".html");
}

/** Keeps every page that comes to the browser, for those who look at it later. */
export function keep(context, folder) {
  context.on("response", async (answer) => {
    const request = answer.request();
    const html = (answer.headers()["content-type"] ?? "").startsWith("text/html");
    if (!request.isNavigationRequest() || !html) return;
    // A page that was left before it was read here comes again in another journey, or in forms.mjs.
    const text = await answer.text().catch(() => "");
    const lang = text.match(/<html lang="([a-z]+)"/)?.[1];
    const file = lang && fileOf(folder, lang, request.method(), answer.url(), answer.status());
    if (file && !fs.existsSync(file)) fs.writeFileSync(file, text);
  });
}

/** axe's verdict over the page, whether it fits the window, and its direction. Needs a context with `bypassCSP`. */
export async function judged(page, tally, name, lang) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags }), TAGS);
  for (const v of violations) {
    console.log(`  ${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(" | ")}`);
  }
  tally.check(violations.length === 0, `${name}: ${violations.map((v) => v.id).join(", ")}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
  tally.check(!wider, `${name}: wider than a phone of 360 px`);
  const direction = await page.evaluate(() => document.documentElement.dir);
  tally.check(direction === (lang === "ar" ? "rtl" : "ltr"), `${name}: runs ${direction}`);
}

export class Tally {
  passed = 0;
  failed = 0;
  check(good, what) {
    if (good) this.passed += 1;
    else {
      this.failed += 1;
      console.log(`FAIL ${what}`);
    }
    return good;
  }
  close() {
    console.log(`${this.passed} passed, ${this.failed} failed, 0 skipped`);
    process.exit(this.failed ? 1 : 0);
  }
}
