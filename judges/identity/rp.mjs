// npm openid-client (a certified relying party) against a running country: code with PKCE, userinfo, refresh, introspection,
// revocation, private_key_jwt, client credentials. The person signs in with password and one-time code in Chromium without
// JavaScript, and consents. Then wrong answers: openid-client must refuse each.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import * as client from "openid-client";
import * as jose from "jose";
import { chromium } from "playwright-core";

const given = JSON.parse(process.argv[2]);
const back = given.back;
const tally = { passed: 0, failed: 0 };
const check = (good, what) => {
  if (good) tally.passed += 1;
  else {
    tally.failed += 1;
    console.log(`FAIL ${what}`);
  }
};
const refuses = async (what, work) => {
  try {
    await work();
    check(false, `${what} was taken`);
  } catch (error) {
    console.log(`   refused: ${what}: ${error.code ?? error.message}`);
    check(true, what);
  }
};

function code(secret, at) {
  const bits = [...secret].map((s) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(s).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30)));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
});
const context = await browser.newContext({ javaScriptEnabled: false, locale: "en" });
const page = await context.newPage();
// The service's own address, which only notes what it is sent.
let answered = null;
const service = createServer((asked, answer) => {
  if (asked.url.startsWith("/back")) answered = new URL(asked.url, back).href;
  answer.setHeader("content-type", "text/html");
  answer.end("<!DOCTYPE html><title>back</title><p>back");
});
await new Promise((listening) => service.listen(new URL(back).port, "127.0.0.1", listening));

/** Follows an authorization address as the person does; gives the address she is sent back to. */
async function asked(url, { signIn = false, decline = false } = {}) {
  answered = null;
  await page.goto(url.href);
  if (signIn) {
    check(page.url().includes("/sign-in?next="), `the country asks her to sign in, not ${page.url()}`);
    await page.fill("#login", given.account.login);
    await page.fill("#password", given.account.password);
    await page.click("main form button");
    await page.fill("#code", code(given.account.secret, Date.now() / 1000 + 30));
    await page.click("main form button");
  }
  if (!answered) {
    check((await page.textContent("h1")).includes("openid-client"), `the question names the service: ${await page.textContent("h1")}`);
    await page.click(decline ? "form[action$='/decline'] button" : "main form:not([action$='/decline']) button");
    await page.waitForURL(`${back}*`);
  }
  return new URL(answered);
}

const insecure = { execute: [client.allowInsecureRequests] };
const { client_id, client_secret } = given.client;
const config = await client.discovery(new URL(given.issuer), client_id, { client_secret, id_token_signed_response_alg: "ES256" },
  client.ClientSecretBasic(client_secret), insecure);
check(config.serverMetadata().issuer === given.issuer, "discovery names the issuer");
const oauth = await client.discovery(new URL(given.issuer), client_id, client_secret, undefined, { ...insecure, algorithm: "oauth2" });
check(oauth.serverMetadata().token_endpoint === config.serverMetadata().token_endpoint, "RFC 8414 says the same");

const verifier = client.randomPKCECodeVerifier();
const challenge = await client.calculatePKCECodeChallenge(verifier);
const request = async (more = {}) => {
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, { redirect_uri: back, scope: "openid profile phone", state, nonce,
    code_challenge: challenge, code_challenge_method: "S256", ...more });
  return { url, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true } };
};

// The whole way, by hand and without JavaScript.
let { url, checks } = await request({ scope: "openid profile phone offline_access", prompt: "consent" });
const here = await asked(url, { signIn: true });
const tokens = await client.authorizationCodeGrant(config, here, checks);
check(tokens.claims().acr === "otp" && typeof tokens.claims().auth_time === "number", "the ID token says how and when she signed in");
const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
check(info.name && info.birthdate === "1991-04-17" && info.phone_number, "userinfo has what she allowed");
check(!("email" in info) && !("address" in info), "and nothing else");

// jose, the same author's library, verifies by itself.
const jwks = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
const verified = await jose.jwtVerify(tokens.access_token, jwks, { issuer: given.issuer, audience: given.issuer, typ: "at+jwt" });
check(verified.payload.client_id === client_id, "the access token is a signed at+jwt");
await refuses("an ID token for another audience (jose)", () => jose.jwtVerify(tokens.id_token, jwks, { audience: "another" }));
await refuses("an ID token of another issuer (jose)", () => jose.jwtVerify(tokens.id_token, jwks, { issuer: "https://other.example" }));

// Refresh with rotation, introspection, revocation.
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
check(fresh.refresh_token && fresh.refresh_token !== tokens.refresh_token, "refresh gives another refresh token");
const about = await client.tokenIntrospection(config, fresh.access_token);
check(about.active === true && about.client_id === client_id, "introspection knows the token");
await client.tokenRevocation(config, fresh.refresh_token);
check((await client.tokenIntrospection(config, fresh.access_token)).active === false, "revoked with its family");
await refuses("a refresh token that was revoked", () => client.refreshTokenGrant(config, fresh.refresh_token));
await refuses("userinfo after revocation", () => client.fetchUserInfo(config, fresh.access_token, client.skipSubjectCheck));

// A second sign-in asks nothing.
({ url, checks } = await request({ prompt: "none" }));
const silent = await client.authorizationCodeGrant(config, await asked(url), checks);
check(silent.claims().sub === tokens.claims().sub, "the same token for the same person");

// Answers that are wrong in one thing.
({ url, checks } = await request());
let answer = await asked(url);
await refuses("another state", () => client.authorizationCodeGrant(config, answer, { ...checks, expectedState: "other" }));
({ url, checks } = await request());
answer = await asked(url);
await refuses("another nonce", () => client.authorizationCodeGrant(config, answer, { ...checks, expectedNonce: "other" }));
({ url, checks } = await request());
answer = await asked(url);
const mixed = new URL(answer);
mixed.searchParams.set("iss", "https://other.example");
await refuses("another issuer in the answer (RFC 9207)", () => client.authorizationCodeGrant(config, mixed, checks));
await client.authorizationCodeGrant(config, answer, checks);
await refuses("a code used twice", () => client.authorizationCodeGrant(config, answer, checks));
({ url, checks } = await request());
answer = await asked(url);
await refuses("another PKCE verifier", () =>
  client.authorizationCodeGrant(config, answer, { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }));
({ url, checks } = await request({ prompt: "consent" }));
answer = await asked(url, { decline: true });
check(answer.searchParams.get("error") === "access_denied", "declining says so");
await refuses("an answer that is an error", () => client.authorizationCodeGrant(config, answer, checks));

await browser.close();
service.close();
console.log(`${tally.passed} passed, ${tally.failed} failed, 0 skipped`);
process.exit(tally.failed ? 1 : 0);
