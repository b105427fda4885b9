// What people and officials do with the register, in Chromium with JavaScript switched off, against a running demo country: a child
// beside its guardian, a refusal and the complaint by its paper, two records compared and decided by two officials, what was
// written down at home, and a partner's question allowed and taken back. Each with what must not work.
import { chromium } from "playwright-core";

const { issuer, client } = JSON.parse(process.argv[2]);
const tally = { passed: 0, failed: 0 };
const check = (good, what) => {
  tally[good ? "passed" : "failed"] += 1;
  if (!good) console.log(`FAIL ${what}`);
};
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
});
const PHONE = { width: 360, height: 800 };
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Somebody at a browser of their own, without JavaScript; nobody in particular when no name is given. */
async function be(who, viewport = { width: 1100, height: 900 }) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "en", viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${issuer}/demo?lang=en`);
  if (who) {
    await page.click(`form[action="/demo/be/${who}"] button`);
    // Some of the cast read a language of their own.
    await page.goto(`${page.url()}?lang=en`);
  }
  return page;
}
const go = (page, path) => page.goto(issuer + path);
/** What the page says, without the signs that set words of unknown direction apart. */
const words = async (page) => (await page.textContent("main")).replace(/[\u2068\u2069]/g, "").replace(/\s+/g, " ");
const row = async (page, name) => (await page.locator("dl.summary div", { hasText: name }).first().locator("dd").innerText()).trim();
const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
/** Whether the page fits the window. Scripts of pages are off; this one comes through the debugger. */
async function fits(page, what) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(width <= page.viewportSize().width, `${what} fits ${page.viewportSize().width} pixels: ${width}`);
}

/** Fills a form of one question a page, to the page where everything is read once more. */
async function fill(page, answers) {
  for (let pages = 0; pages < 20; pages += 1) {
    const here = new URL(page.url()).pathname;
    const name = here.split("/").pop();
    if (name === "check") return;
    for (const [field, value] of Object.entries(answers[name] ?? {})) {
      const options = page.locator(`input[type=radio][name="${field}"][value="${value}"]`);
      if (await options.count()) await options.check();
      else await page.locator(`main [name="${field}"]`).fill(value);
    }
    await page.locator("main form button").first().click();
    if (new URL(page.url()).pathname === here) throw new Error(`${here} is shown again: ${await words(page)}`);
  }
  throw new Error("the form has no end");
}
async function register(page, answers) {
  await go(page, "/people/register");
  await page.locator('form[action="/people/register"] button').click();
  await fill(page, answers);
}
const send = (page) => page.locator("main form button").first().click();
const personOf = async (page) => (await page.locator("main a[href^='/people/']").last().getAttribute("href")).match(ID)[0];
async function open(page, person, purpose) {
  await go(page, `/people/${person}`);
  await page.locator(`input[name=purpose][value=${purpose}]`).check();
  await press(page, "Open the record");
}

async function child() {
  const her = await be("citizen", PHONE);
  await go(her, "/me/record");
  const card = await row(her, "Card number");
  const clerk = await be("registrar");
  const answers = (beside) => ({
    names: { name: "Hanna Solomon" },
    birth: { "born-day": "12", "born-month": "5", "born-year": "2020" },
    person: { sex: "female", standing: "citizen" },
    papers: { documents: "birth-certificate" },
    beside,
    statement: { statement: "yes" },
  });
  await register(clerk, answers({}));
  await send(clerk);
  check((await words(clerk)).includes("There is a problem"), "a child without a guardian and without a reason is asked about again");
  check(await clerk.locator("#guardian_card").isVisible(), "on the page that asks for the guardian");
  await clerk.fill("#guardian_card", card);
  await send(clerk);
  await fill(clerk, answers({}));
  await send(clerk);
  check((await words(clerk)).includes("Number of the receipt"), `the child is registered: ${await words(clerk)}`);
  const person = await personOf(clerk);
  await open(clerk, person, "card");
  const its = await row(clerk, "Card number");
  check(its && its !== card, "the child has a card of its own");

  await go(her, "/me/people");
  await fits(her, "the list of those she answers for");
  await her.getByRole("link", { name: "Hanna Solomon" }).click();
  check((await row(her, "Card number")) === its, "the guardian reads the child's record");
  await fits(her, "the child's record");
  const address = her.url();
  await her.locator("main a[href$='/looks']").click();
  check((await words(her)).includes("Leïla Mansour"), "and who looked at the child");
  const other = await be("registrar");
  check((await other.goto(address)).status() === 403, "an official does not open a guardian's page");
}

async function refusal() {
  const clerk = await be("registrar");
  await go(clerk, "/people/refuse");
  await send(clerk);
  check(await clerk.locator(".faults").isVisible(), "a refusal without a reason is asked about again");
  await clerk.locator("input[name=reason][value=not-resident], select[name=reason]").first().check();
  await clerk.fill("#words", "No paper shows an address in the country");
  await send(clerk);
  const [number, code] = [await row(clerk, "Number"), await row(clerk, "Code")];
  check(/^R-\d+-\d+$/.test(number), `the paper has a number: ${number}`);

  const them = await be("", PHONE);
  const paper = async (secret) => {
    await go(them, "/refusals");
    await them.fill("#reference", number);
    await them.fill("#code", secret);
    await send(them);
  };
  await paper("AAAAA-AAAAA-A");
  check(await them.locator(".faults").isVisible(), "another code opens nothing");
  check(!(await words(them)).includes("No paper shows"), "and says nothing of the refusal");
  // As people type it: small letters, without the dashes.
  await paper(code.toLowerCase().replaceAll("-", ""));
  check((await words(them)).includes("No paper shows an address"), "the paper's code opens what was said, without an account");
  await fits(them, "the refusal");
  await them.fill("#words", "I live in the harbour, in my sister's house.");
  await press(them, "Complain");
  const reference = (await words(them)).match(/C-\d+-\d+/)?.[0];
  check(reference, "the complaint has a number");
  await go(them, "/complaints");
  check((await words(them)).includes("Civil Registry"), "and everybody sees it counted");

  const desk = await be("ombudsman");
  await go(desk, "/desk/complaints");
  await desk.getByRole("link", { name: reference, exact: true }).click();
  await desk.locator("input[name=purpose][value=complaint]").check();
  await press(desk, "Read the complaint");
  check((await words(desk)).includes("in my sister's house"), "the Ombudsman reads it");
  await desk.locator("input[name=outcome][value=upheld]").check();
  await desk.fill("#words", "A sister's word is enough. Come again.");
  await press(desk, "Send the answer");
  await paper(code);
  check((await words(them)).includes("A sister's word is enough"), "the answer stands behind the same paper");
}

async function compared() {
  const first = await be("senior");
  const clerk = await be("registrar");
  await go(first, "/desk/doubles");
  check(!(await words(first)).includes("Yohannes"), "the list of pairs says no names");
  await first.locator("main td a, main th a").first().click();
  await press(first, "Open both records");
  const shown = await words(first);
  check(shown.includes("Yohannes Tesfaye") && shown.includes("Yohanes Tesfaye"), "both records stand side by side");
  check(shown.includes("likelier") && shown.includes("up to three years apart"), "each field says how much it speaks for one person");
  await press(first, "Ask for approval");
  check(await first.locator("#decision-error").isVisible(), "nothing is decided before somebody says what");
  await first.locator("input[name=decision][value=merge]").check();
  await press(first, "Ask for approval");
  check(await first.locator("#ground-error").isVisible(), "nor without a reason");
  check(await first.locator("input[name=decision][value=merge]").isChecked(), "what was chosen stays chosen");
  const leaving = await first.locator("input[name=keep]:not(:checked)").getAttribute("value");
  await open(clerk, leaving, "card");
  const old = await row(clerk, "Card number");
  const [spelling, year] = [await row(clerk, "Name"), (await row(clerk, "Date of birth")).match(/\d{4}/)[0]];
  await first.fill("#ground", "Civil Registration Act 1998, article 33; he was heard.");
  const kept = await first.locator("input[name=keep]:checked").getAttribute("value");
  await press(first, "Ask for approval");
  const request = first.url();
  check(request.includes("/desk/approvals/"), `two must approve: ${request}`);
  await press(first, "Agree to exactly this");
  check((await first.getByRole("button", { name: "Carry it out" }).count()) === 0, "one alone has no button for it");

  const second = await be("second");
  await second.goto(request);
  check((await words(second)).includes("Tesfaye Bekele"), "the second official reads who has agreed");
  await second.getByRole("link", { name: "Open both records" }).click();
  await press(second, "Open both records");
  check((await words(second)).includes("Yohanes Tesfaye"), "and looks at both records");
  await second.goto(request);
  await press(second, "Agree to exactly this");
  await press(second, "Carry it out");
  check((await words(second)).includes("The decision is carried out"), "it is carried out");

  await go(clerk, "/people/search");
  await clerk.locator("input[name=purpose][value=card]").check();
  await clerk.fill("#number", old);
  await clerk.fill("#name", "Yohannes Tesfaye");
  await press(clerk, "Search");
  const links = await clerk.locator("main form[action^='/people/']").evaluateAll((forms) => forms.map((form) => form.getAttribute("action")));
  check(links.length === 1 && links[0] === `/people/${kept}`, `the old card leads to the record that stands: ${links}`);

  // By what stood on the record that went, at a narrow window.
  const third = await be("registrar", PHONE);
  await go(third, "/people/search");
  await third.locator("input[name=purpose][value=card]").check();
  await third.fill("#name", spelling);
  await third.fill("#born", year);
  await press(third, "Search");
  const open_forms = third.locator("main form[action^='/people/']");
  check((await open_forms.count()) === 1 && (await open_forms.getAttribute("action")) === `/people/${kept}`, "the old spelling, too");
  check((await row(third, "Also written")).includes(spelling), `and says which it is: ${await words(third)}`);
  await fits(third, "what was found");
}

/** A document beside a registration, a hostile one first; then the packet of a kit that waits, with its photo. */
async function papers() {
  const pdf = Buffer.from(
    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n45\n%%EOF\n",
  );
  const clerk = await be("registrar", PHONE);
  await register(clerk, {
    names: { name: "Mulu Gebreyes" },
    birth: { "born-year": "1949" },
    person: { sex: "female", standing: "citizen" },
    papers: { documents: "other" },
    statement: { statement: "yes" },
  });
  const add = async (buffer) => {
    await clerk.selectOption("#kind", "passport");
    await clerk.setInputFiles("#document", { name: "scan.pdf", mimeType: "application/pdf", buffer });
    await press(clerk, "Add the document");
  };
  await clerk.locator("main a[href$='/attachments']").click();
  await add(Buffer.from("MZ, whatever its name says"));
  check(await clerk.locator("#document-error").isVisible(), `a hostile file is refused with the reason: ${await words(clerk)}`);
  await add(pdf);
  check((await words(clerk)).includes("Passport or travel document, 1 KiB"), "an honest one waits with the form");
  await fits(clerk, "the page of documents");
  await clerk.getByRole("link", { name: "Go on", exact: true }).click();
  check((await words(clerk)).includes("Mulu Gebreyes"), "nothing of the form is lost");
  await fits(clerk, "everything once more");
  await send(clerk);
  check((await words(clerk)).includes("Number of the receipt"), `she is registered: ${await words(clerk)}`);
  const senior = await be("senior", PHONE);
  await open(senior, await personOf(clerk), "correction");
  check(await senior.locator("main form[action*='/documents/']").count() === 1, "and the document is with her record");

  const { packet } = await (await fetch(`${issuer}/demo/fixtures.json`)).json();
  await go(senior, `/desk/packets/${packet}`);
  await press(senior, "Open the record");
  await senior.waitForLoadState("load");
  const width = await senior.evaluate(() => document.querySelector("main img")?.naturalWidth ?? 0);
  check(width > 0, "the photo of the packet that waits is shown");
  await fits(senior, "the packet that waits");
}

async function athome() {
  const home = await be("", PHONE);
  await go(home, "/pre-registration");
  await fits(home, "the page of pre-registration");
  await home.locator('form[action="/pre-registration"] button').click();
  await fill(home, {
    names: { name: "Rahel Mengistu" },
    birth: { "born-year": "1955" },
    person: { sex: "female", standing: "stateless" },
  });
  check((await words(home)).includes("Rahel Mengistu"), "everything is read once more before it is handed in");
  const draft = home.url();
  await send(home);
  const [number, code] = [await row(home, "Number"), await row(home, "Code")];
  check(number && code, `a number and a code to bring: ${number}`);
  await fits(home, "the paper");
  const other = await be("", PHONE);
  check((await other.goto(draft)).status() === 404, "another browser does not find it");

  const clerk = await be("registrar");
  const bring = async (secret) => {
    await go(clerk, "/people/register");
    await clerk.fill('form[action="/people/register/from"] [name=reference]', number);
    await clerk.fill('form[action="/people/register/from"] [name=code]', secret);
    await clerk.locator('form[action="/people/register/from"] button').click();
  };
  await bring("AAAAA-AAAAA-A");
  check((await clerk.locator(".faults").isVisible()) && !(await words(clerk)).includes("Rahel"), "another code opens nothing at the desk");
  await bring(code);
  await fill(clerk, { papers: { documents: "other" }, statement: { statement: "yes" } });
  check((await words(clerk)).includes("Rahel Mengistu"), "the clerk goes on from what was written at home");
  await send(clerk);
  check((await words(clerk)).includes("Number of the receipt"), `and registers her: ${await words(clerk)}`);
  await bring(code);
  check(await clerk.locator(".faults").isVisible(), "the paper is used up");
}

async function partner() {
  const official = await be("senior");
  await go(official, `/desk/services/${client.client_id}/partner`);
  await official.locator("input[name=purpose][value=benefit-entitlement]").check();
  for (const name of ["name", "over_age"]) await official.locator(`main input[type=checkbox][name=${name}]`).check();
  await press(official, "Let it ask");
  check((await words(official)).includes("The consent of each person"), "an official lets the fund ask, with consent");

  const form = new URLSearchParams({ grant_type: "client_credentials", scope: "verify", ...client });
  const { access_token } = await (await fetch(`${issuer}/openid/token`, { method: "POST", body: form })).json();
  const ask = async (path, body, key) => {
    const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json", "idempotency-key": key };
    const answer = await fetch(issuer + path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const her = await be("citizen", PHONE);
  await go(her, "/me/record");
  const card = await row(her, "Card number");
  const put = await ask("/api/v1/consents", { attributes: ["name", "over_age"], days: 30 }, "judge-1");
  check(put.status === 201, `the fund may ask her: ${put.status}`);
  const question = { card, consent: put.body.consent, claims: [{ attribute: "over_age", value: "18" }] };
  const told = () => ask("/api/v1/verify", question, "");
  check((await told()).status === 409, "before she has answered it is told nothing");

  await go(her, "/me/permissions");
  await her.fill("#code", put.body.code.toLowerCase());
  await press(her, "Read what is asked");
  const asked = await words(her);
  check(asked.includes("Judges' Fund") && asked.includes("Whether you have reached an age"), "she reads who asks what");
  await fits(her, "the question");
  await press(her, "Yes, I allow it");
  check((await row(her, "State")) === "Allowed", "it is in her list");
  await fits(her, "what she allowed");
  const yes = await told();
  check(yes.status === 200 && yes.body.answers[0].answer === "yes", `the fund is told: ${JSON.stringify(yes)}`);
  await go(her, "/me/looks");
  check((await words(her)).includes("Judges' Fund asked about you"), "the question is in her list of looks");
  await go(her, "/me/permissions");
  await her.locator("main form[action$='/revoke'] button", { hasText: "Fund" }).click();
  check((await row(her, "State")) === "Taken back", "she takes it back");
  const shut = await told();
  check(shut.status === 403 && shut.body.code === "identity-consent-revoked", `and the fund is told nothing: ${JSON.stringify(shut)}`);
}

for (const task of [child, refusal, compared, papers, athome, partner]) {
  await task().catch((error) => check(false, `${task.name} stopped: ${error.stack}`));
}
await browser.close();
console.log(`${tally.passed} passed, ${tally.failed} failed, 0 skipped`);
process.exit(tally.failed ? 1 : 0);
