// axe-core on the pages that journeys and forms brought up: answers to forms, which no address opens again.
//
//   kept.mjs BASE FOLDER
import fs from "node:fs";
import path from "node:path";
import { judged, launch, PHONE, Tally } from "./browser.mjs";

const [base, folder] = process.argv.slice(2);
const tally = new Tally();
const browser = await launch();
const context = await browser.newContext({ viewport: PHONE, bypassCSP: true, javaScriptEnabled: true });
const page = await context.newPage();
// The page under an address of the country, so that its stylesheet is there; its own script and photo are not needed.
await page.route("**/kept/*", (route) =>
  route.fulfill({ contentType: "text/html; charset=utf-8", path: path.join(folder, decodeURIComponent(route.request().url().split("/kept/")[1])) }));

const files = fs.readdirSync(folder).filter((name) => name.endsWith(".html"));
for (const file of files) {
  try {
    await page.goto(`${base}/kept/${encodeURIComponent(file)}`);
    await judged(page, tally, file, file.slice(0, 2));
  } catch (error) {
    tally.check(false, `${file}: ${error}`);
  }
}
await browser.close();
tally.check(files.length > 60, `only ${files.length} pages were kept`);
tally.close();
