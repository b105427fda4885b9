// What people come to do, walked in a browser with JavaScript off and on: officials at a desk in English, citizens on a
// phone of 360 px in Arabic. Only what is seen is judged: texts, roles, addresses, downloaded files.
//
//   journeys.mjs BASE FOLDER [PICTURE]
//
// FOLDER gets the pages that came up and the papers that were downloaded. DAFTAR_BIN checks offline what citizens hold.
// PICTURE is the file for the README's picture.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { become, keep, launch, Tally, DESK, PHONE } from "./browser.mjs";
import { registerByKeyboard } from "./keyboard.mjs";
import { lines } from "./steps.mjs";
import * as citizens from "./citizens.mjs";
import * as officers from "./officers.mjs";
import { takePicture } from "./picture.mjs";

const [base, papers, picture] = process.argv.slice(2);
const tally = new Tally();
const browser = await launch();

/** The people of a walk, in contexts of their own. */
class Walk {
  constructor(js) {
    this.js = js;
    this.base = base;
    this.papers = papers;
    this.mode = js ? "with JavaScript" : "without JavaScript";
    this.tag = js ? "On" : "Off";
    this.open = [];
    // What only this walk's receipts and proofs need.
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "daftar-journeys-"));
    this.daftar = process.env.DAFTAR_BIN ?? "daftar";
    this.receiptCheck = path.join(path.dirname(this.daftar), "receipt-check");
  }
  async be(who, lang = "en") {
    const viewport = lang === "ar" ? PHONE : DESK;
    const options = { lang, viewport, javaScriptEnabled: this.js, acceptDownloads: true };
    const person = await become(browser, base, who, options);
    keep(person.context, papers);
    this.open.push(person.context);
    return person.page;
  }
  check(good, what) {
    return tally.check(good, `${this.mode}: ${what}`);
  }
  /** A step that cannot go on stops its journey, not the others. */
  async journey(name, steps) {
    const started = Date.now();
    try {
      await steps();
      this.check(true, name);
      console.log(`ok ${this.mode}: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      this.check(false, `${name}: ${String(error).split("\n").slice(0, 4).join(" | ")}`);
      const page = this.open.at(-1)?.pages()[0];
      if (page) console.log(`  at ${page.url()}: ${(await lines(page)).slice(0, 12).join(" / ")}`);
    }
    await Promise.all(this.open.splice(0).map((context) => context.close()));
  }
}

for (const js of [false, true]) {
  const walk = new Walk(js);
  const number = `J-2026-${js ? 2 : 1}`;
  const name = js ? "Tsehay Worku" : "Mulu Desta";
  let person, reference, her;
  await walk.journey("the registrar registers a person by keyboard", async () => {
    person = await registerByKeyboard(walk, base, name);
  });
  await walk.journey("the registrar corrects a record", async () => officers.corrected(walk, person));
  await walk.journey("the police officer opens a case and looks", async () => {
    her = await officers.facts(walk);
    await officers.police(walk, her, number);
  });
  if (picture && !js) await takePicture(browser, base, picture, tally);
  await walk.journey("the citizen sees who looked and complains", async () => {
    reference = await citizens.citizen(walk, number);
  });
  await walk.journey("the citizen takes everything home", async () => citizens.takesHome(walk, number));
  await walk.journey("the ombudsman answers", async () => officers.ombudsman(walk, reference, number));
  await walk.journey("the auditor reviews a look and closes an alarm", async () => officers.auditor(walk));
  await walk.journey("an invited official signs in", async () => officers.invited(walk));
  await walk.journey("a citizen claims the account", async () => citizens.claimed(walk, person, name));
  await walk.journey("two officials erase a record, and one alone cannot", async () => officers.erased(walk, person));
  fs.rmSync(walk.folder, { recursive: true });
}
await browser.close();
tally.close();
