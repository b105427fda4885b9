// One browser for all judges of the portal.
import { chromium } from "playwright-core";

export const launch = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });

/** Becomes one of the demo's people in a fresh browser context. */
export async function become(browser, base, who, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  if (who) {
    await page.goto(`${base}/demo`);
    await page.click(`form[action="/demo/be/${who}"] button`);
  }
  return { context, page };
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
  }
  close() {
    console.log(`${this.passed} passed, ${this.failed} failed, 0 skipped`);
    process.exit(this.failed ? 1 : 0);
  }
}
