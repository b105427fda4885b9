// Opening an account and signing in, in any language: by the fields' names and the buttons' places.
import { code } from "./totp.mjs";

/** Walks the pages behind a one-time link; answers the authenticator app's secret. Uses the code before the present one. */
export async function enrol(page, address, { login, password }) {
  await page.goto(address);
  if (login) await page.locator("main input[name=login]").fill(login);
  await page.locator("main input[name=password]").fill(password);
  await page.locator("main form button").click();
  const secret = (await page.locator("main .inset code").innerText()).trim();
  await page.locator("main svg.qr").waitFor();
  await page.locator("main input[name=code]").fill(code(secret, -1));
  await page.locator("main form button").click();
  const recovery = await page.locator("main ul li code").count();
  if (recovery < 8) throw new Error(`${recovery} recovery codes`);
  return secret;
}

/** Name and password, then a code. */
export async function signIn(page, base, login, password, digits) {
  await page.goto(`${base}/sign-in`);
  await page.locator("main input[name=login]").fill(login);
  await page.locator("main input[name=password]").fill(password);
  await page.locator("main form[action='/sign-in'] button").click();
  await page.locator("main input[name=code]").fill(digits);
  await page.locator("main form[action='/sign-in/code'] button").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}
