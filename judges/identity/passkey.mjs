// Passkeys as people have them: Chromium makes and uses them with its own authenticator (CDP, domain WebAuthn), against a running
// country. Nobody here wrote that browser or that authenticator. Then what must not work: another origin, an answer sent twice or
// changed, a passkey that did not ask who it is, a counter that goes back.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import * as client from "openid-client";
import { chromium } from "playwright-core";

const given = JSON.parse(process.argv[2]);
const { issuer, account, back } = given;
const tally = { passed: 0, failed: 0 };
const check = (good, what) => {
  tally[good ? "passed" : "failed"] += 1;
  if (!good) console.log(`FAIL ${what}`);
};

function code(at) {
  const bits = [...account.secret].map((s) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(s).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30)));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

let answered = null;
const service = createServer((asked, answer) => {
  if (asked.url.startsWith("/back")) answered = new URL(asked.url, back).href;
  answer.setHeader("content-type", "text/html");
  answer.end("<!DOCTYPE html><title>back</title><p>back");
});
await new Promise((listening) => service.listen(new URL(back).port, "127.0.0.1", listening));

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
});
const context = await browser.newContext({ locale: "en", viewport: { width: 360, height: 640 } });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
const said = [];
page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(message.text()));
page.on("pageerror", (error) => said.push(String(error)));
const cdp = await context.newCDPSession(page);
await cdp.send("WebAuthn.enable");
const phone = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
  hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: phone });
const keys = async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
const text = async () => (await page.textContent("main")).replace(/\s+/g, " ");
const session = async () => (await context.cookies(issuer)).find((cookie) => cookie.name === "daftar_session")?.value;
const at = (path) => new RegExp(`^${issuer}${path}([?#].*)?$`);
const signOut = async () => {
  await page.goto(`${issuer}/trust`);
  if (await page.$("form[action='/sign-out'] button")) await page.click("form[action='/sign-out'] button");
};
/** Presses the button on the sign-in page; the browser answers by itself. */
const withPasskey = async () => {
  await page.goto(`${issuer}/sign-in`);
  await page.click("form[action='/sign-in/passkey'] button");
};
async function withCode(seconds) {
  await page.goto(`${issuer}/sign-in`);
  await page.fill("#login", account.login);
  await page.fill("#password", account.password);
  await page.click("form[action='/sign-in'] button");
  await page.fill("#code", code(Date.now() / 1000 + seconds));
  await page.click("form[action='/sign-in/code'] button");
  await page.waitForURL(at("/me"));
}

// Added on the account page, after a one-time code.
await withCode(0);
await page.goto(`${issuer}/passkeys`);
check(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "the page fits 360 pixels");
await page.fill("#name", "Telephone of Amina");
await page.click("form[action='/passkeys/new'] button");
await page.waitForURL(at("/passkeys"));
await page.waitForSelector("text=Remove");
check((await text()).includes("Telephone of Amina") && (await keys()).length === 1, "Chromium made one passkey, and the page lists it");
const [made] = await keys();
check(made.isResidentCredential && made.rpId === "localhost", "it is discoverable and belongs to the name");
check(Buffer.from(made.userHandle, "base64").length === 64, "its user handle has 64 bytes");
await page.fill("#name", "The same again");
await page.click("form[action='/passkeys/new'] button");
await page.waitForSelector("[data-passkey-failed]:visible");
check((await keys()).length === 1, "the same authenticator makes no second one");

// A service that takes nothing less: the session with a one-time code is not enough.
const insecure = { execute: [client.allowInsecureRequests] };
const { client_id, client_secret } = given.client;
const config = await client.discovery(new URL(issuer), client_id, { client_secret, id_token_signed_response_alg: "ES256" },
  client.ClientSecretBasic(client_secret), insecure);
check(config.serverMetadata().acr_values_supported.join(" ") === "otp phr", "discovery names both ways");
const verifier = client.randomPKCECodeVerifier();
const request = async (more) => {
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, { redirect_uri: back, scope: "openid", state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...more });
  return { url: url.href, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true } };
};
const strict = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: "phr" } } }) };
let { url, checks } = await request({ ...strict, prompt: "none" });
await page.goto(url);
check(new URL(answered).searchParams.get("error") === "login_required", "prompt=none says that she must sign in in another way");
({ url, checks } = await request(strict));
await page.goto(url);
check((await page.textContent("h1")).includes("passkey"), `the page says that a passkey is needed: ${await page.textContent("h1")}`);
await page.click("a.button");
await page.click("form[action='/sign-in/passkey'] button");
await page.waitForURL(at("/openid/authorization/.*"));
answered = null;
await page.click("main form:not([action$='/decline']) button");
await page.waitForURL(`${back}*`);
const tokens = await client.authorizationCodeGrant(config, new URL(answered), checks);
check(tokens.claims().acr === "phr", `acr is phr, not ${tokens.claims().acr}`);
check(JSON.stringify(tokens.claims().amr) === '["pop","user","mfa"]', `amr is ${JSON.stringify(tokens.claims().amr)}`);

// Signing in with nothing else, and proving to be there.
await signOut();
check(!(await session()), "signed out");
await withPasskey();
await page.waitForURL(at("/me"));
const first = await session();
check(first && (await text()).length > 100, "signed in with the passkey alone");
await page.goto(`${issuer}/step-up?next=/passkeys`);
await page.click("form[action='/step-up/passkey'] button");
await page.waitForURL(at("/passkeys"));
check((await session()) !== first, "proving it again changes the session's token");
check((await text()).includes("On one device") || (await text()).includes("May be on several"), "the list says where it is");

// An answer that was used, and one that was changed on its way.
await signOut();
let caught = null;
await page.route("**/sign-in/passkey/check", async (route) => {
  caught = { fields: new URLSearchParams(route.request().postData()), headers: await route.request().allHeaders() };
  await route.continue();
});
await withPasskey();
await page.waitForURL(at("/me"));
await page.unroute("**/sign-in/passkey/check");
const send = (fields) => fetch(`${issuer}/sign-in/passkey/check`, { method: "POST", redirect: "manual", body: fields,
  headers: { cookie: caught.headers.cookie } });
const opened = (answer) => (answer.headers.get("set-cookie") ?? "").includes("daftar_session=");
let answer = await send(caught.fields);
check(answer.status === 422 && !opened(answer), `an answer sent twice is refused, not ${answer.status}`);
const changed = async (what, change) => {
  await signOut();
  caught = null;
  const held = new Promise((caughtOne) => {
    page.route("**/sign-in/passkey/check", async (route) => {
      caught = { fields: new URLSearchParams(route.request().postData()), headers: await route.request().allHeaders() };
      await route.abort();
      caughtOne();
    });
  });
  await withPasskey().catch(() => {});
  await held;
  await page.unroute("**/sign-in/passkey/check");
  change(caught.fields);
  const got = await send(caught.fields);
  check(got.status === 422 && !opened(got), `${what} is refused, not ${got.status}`);
};
const rewrite = (field, change) => (fields) => {
  const raw = Buffer.from(fields.get(field), "base64url");
  fields.set(field, Buffer.from(change(raw)).toString("base64url"));
};
// A right answer wipes the slate: wrong ones are counted, and after five a known device must wait.
const wipe = async () => {
  await withPasskey();
  await page.waitForURL(at("/me"));
};
await changed("another origin", rewrite("client", (raw) => raw.toString().replace("localhost", "evil.example")));
await changed("another challenge", rewrite("client", (raw) => raw.toString().replace(/"challenge":"./, '"challenge":"-')));
await changed("another signature", rewrite("signature", (raw) => ((raw[raw.length - 1] ^= 1), raw)));
await wipe();
await changed("another user handle", rewrite("user", (raw) => ((raw[0] ^= 1), raw)));
await changed("a counter made greater", rewrite("data", (raw) => ((raw[33] = 1), raw)));

await wipe();

// At another address of the same machine there is no button, and the browser itself refuses the name.
const other = await context.newPage();
await other.goto(issuer.replace("localhost", "127.0.0.1") + "/sign-in");
check(!(await other.isVisible("form[action='/sign-in/passkey'] button")), "no button at another address");
await other.close();
const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
await plain.goto(`${issuer}/sign-in`);
check((await plain.isVisible("#password")) && !(await plain.isVisible("form[action='/sign-in/passkey'] button")),
  "without JavaScript there is the password, and no button that does nothing");

// A passkey that did not ask who it is: the browser does not use it; and forced to, the country refuses it.
await signOut();
await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
await withPasskey();
await page.waitForSelector("[data-passkey-failed]:visible");
check(!(await session()), "the browser says no by itself");
await page.addInitScript(() => {
  const get = navigator.credentials?.get.bind(navigator.credentials);
  if (!get) return;
  navigator.credentials.get = (asked) => {
    if (window.name === "careless") asked.publicKey.userVerification = "discouraged";
    return get(asked);
  };
});
await page.evaluate(() => { window.name = "careless"; });
await withPasskey();
await page.waitForSelector(".faults");
check((await text()).includes("PIN") && !(await session()), `the country refuses one without verification: ${await text()}`);
await page.evaluate(() => { window.name = ""; });
await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

// A copy of the passkey, whose counter is behind.
const [now] = await keys();
check(now.signCount > 1, `Chromium counts: ${now.signCount}`);
await withPasskey();
await page.waitForURL(at("/me"));
await signOut();
await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: now.credentialId });
await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...now, signCount: 1 } });
await withPasskey();
await page.waitForSelector(".faults");
check((await text()).includes("copy") && !(await session()), `a counter that goes back is refused: ${await text()}`);
await withPasskey();
await page.waitForSelector(".faults");
check((await text()).includes("blocked") && !(await session()), "and the passkey is blocked");

// Password and code go on working; the blocked passkey is removed, and opens nothing.
await withCode(30);
await page.goto(`${issuer}/passkeys`);
check((await text()).includes("Blocked since"), "the list says that it is blocked");
await page.click("form[action$='/remove'] button");
await page.waitForURL(at("/passkeys"));
check(!(await text()).includes("Telephone of Amina"), "removed");
await page.goto(`${issuer}/me/receipts`);
const receipts = await text();
check(receipts.includes("You added a passkey") && receipts.includes("You removed a passkey"), "both left a receipt");
await signOut();
await withPasskey();
await page.waitForSelector(".faults");
check(!(await session()), "a passkey that was removed opens nothing");
// 422 is what a refused form is; anything else said in the console is a fault of a page.
const faults = said.filter((line) => !line.includes("422"));
check(faults.length === 0, `the console is quiet: ${faults.join(" | ")}`);

await browser.close();
service.close();
console.log(`${tally.passed} passed, ${tally.failed} failed, 0 skipped`);
process.exit(tally.failed ? 1 : 0);
