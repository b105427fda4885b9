// The README's picture: what a citizen sees, moments after a police officer has looked at her data.
import fs from "node:fs";
import { become } from "./browser.mjs";

/** Largest picture a README should carry, in bytes. */
const LARGEST = 150 * 1024;

export async function takePicture(browser, base, file, tally) {
  const { context, page } = await become(browser, base, "citizen", { viewport: { width: 1000, height: 800 } });
  await page.goto(`${base}/me/looks?lang=en`);
  await page.screenshot({ path: file });
  await context.close();
  const { size } = fs.statSync(file);
  tally.check(size <= LARGEST, `the picture is ${size} bytes, more than ${LARGEST}`);
}
