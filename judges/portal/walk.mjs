// axe-core on every page the program lists, as somebody who may see it, in English and Arabic, on a phone of 360 px.
// The list is the router's own: a page that has no example, or that nobody may open, fails. Keeps each page for the Nu
// checker.
//
//   walk.mjs BASE FOLDER
import fs from "node:fs";
import { become, fileOf, judged, launch, PHONE, Tally } from "./browser.mjs";

const [base, folder] = process.argv.slice(2);
const tally = new Tally();
// The list comes last: asking for either makes a new one-time link, and the older one is over.
const fixtures = await (await fetch(`${base}/demo/fixtures.json`)).json();
const routes = (await (await fetch(`${base}/demo/routes.json`)).json()).filter((route) => route.kind === "page");
// Where programs send people: without a question of a program, a page says that something is wrong.
const ASKED_BY_PROGRAMS = ["/openid/authorize", "/demo/clinic/back"];
const browser = await launch();
const people = {};

async function walked(route, lang) {
  const who = route.who;
  const name = `${lang} ${who || "anybody"} ${route.example}`;
  // The script policy is strict, so axe comes in through the debugger and not through the page.
  people[who + lang] ??= await become(browser, base, who, { lang, bypassCSP: true, viewport: PHONE });
  const { page, context } = people[who + lang];
  // A sign-in at a service belongs to the browser it began in.
  await context.addCookies([{ name: "daftar_browser", value: fixtures.browser, url: base }]);
  const address = `${base}${route.example}?lang=${lang}`;
  // Files that open as downloads are no pages.
  const asked = await context.request.get(address);
  if (!(asked.headers()["content-type"] ?? "").startsWith("text/html")) {
    tally.check(asked.ok(), `${name}: ${asked.status()}`);
    return;
  }
  const answer = await page.goto(address);
  const expected = ASKED_BY_PROGRAMS.includes(route.path) ? answer.status() === 400 : answer.status() < 400;
  tally.check(expected, `${name}: ${answer.status()}`);
  fs.writeFileSync(fileOf(folder, lang, "GET", `${base}${route.path}`, answer.status()), await answer.text());
  await judged(page, tally, name, lang);
}

for (const route of routes) {
  const shown = route.who !== null && !route.example.includes("{");
  tally.check(shown, `${route.method} ${route.path}: nobody may open it, or its example is missing: ${route.example}`);
}
for (const lang of ["en", "ar"]) {
  for (const route of routes.filter((route) => route.method === "GET")) {
    await walked(route, lang).catch((error) => tally.check(false, `${lang} ${route.path}: ${error}`));
  }
}
await browser.close();
tally.check(routes.length > 80, `only ${routes.length} page routes`);
tally.close();
