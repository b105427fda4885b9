// axe-core on every page the program lists, as somebody who may see it, in English and Arabic, narrow and wide.
// Stores each page's HTML for the Nu checker, and the citizen's card for the QR reader.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { launch, become, Tally } from "./browser.mjs";

const [base, folder] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tally = new Tally();
const routes = await (await fetch(`${base}/demo/routes.json`)).json();
const browser = await launch();
const people = {};
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const lang of ["en", "ar"]) {
  for (const route of routes) {
    if (route.method !== "GET" || route.kind !== "page") continue;
    const who = route.who ?? "";
    const key = `${who}-${lang}`;
    // The script policy is strict, so axe comes in through the debugger and not through the page.
    people[key] ??= await become(browser, base, who, { bypassCSP: true, viewport: { width: 360, height: 800 } });
    const { page } = people[key];
    const separator = route.example.includes("?") ? "&" : "?";
    const address = `${base}${route.example}${separator}lang=${lang}`;
    const name = `${lang} ${who || "anybody"} ${route.example}`;
    try {
      const answer = await page.goto(address);
      const type = answer.headers()["content-type"] ?? "";
      if (!type.startsWith("text/html")) {
        if (route.path === "/me/card.pdf") continue;
        tally.check(answer.ok(), `${name}: ${answer.status()}`);
        continue;
      }
      tally.check(answer.status() < 400, `${name}: ${answer.status()}`);
      const html = await answer.text();
      const file = `${lang}-${who}-${route.path}`.replace(/[^a-z0-9-]+/gi, "_");
      fs.writeFileSync(path.join(folder, `${file}.html`), html);
      await page.evaluate(axe);
      const { violations } = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags }), TAGS);
      for (const v of violations) {
        console.log(`  ${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
      }
      tally.check(violations.length === 0, `${name}: ${violations.map((v) => v.id).join(", ")}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
      tally.check(!wider, `${name}: wider than a phone of 360 px`);
      const direction = await page.evaluate(() => document.documentElement.dir);
      tally.check(direction === (lang === "ar" ? "rtl" : "ltr"), `${name}: runs ${direction}`);
    } catch (error) {
      // A download is not a page to look at; anything else is.
      tally.check(/Download is starting/.test(String(error)), `${name}: ${error}`);
    }
  }
}
const citizen = people["citizen-en"];
if (citizen) {
  const card = await citizen.context.request.get(`${base}/me/card.pdf`);
  tally.check(card.ok(), `the card: ${card.status()}`);
  if (card.ok()) fs.writeFileSync(path.join(folder, "card.pdf"), await card.body());
}
await browser.close();
tally.close();
