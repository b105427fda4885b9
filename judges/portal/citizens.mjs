// What citizens do on their phone, in Arabic.
import fs from "node:fs";
import path from "node:path";
import { enrol, signIn } from "./account.mjs";
import { lines, run, see } from "./steps.mjs";
import { code } from "./totp.mjs";

/** Waits, by loading again, until a receipt is confirmed; the sequencer needs a second or two. */
async function confirmed(page) {
  const until = Date.now() + 30_000;
  while (!(await page.getByText("أكده الشهود").count())) {
    if (Date.now() > until) throw new Error("the receipt was not confirmed within 30 seconds");
    await page.waitForTimeout(500);
    await page.reload();
  }
}

async function download(walk, page, link, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const to = path.join(walk.folder, name);
  await file.saveAs(to);
  return to;
}

export async function citizen(walk, number) {
  const page = await walk.be("citizen", "ar");
  walk.check((await page.locator("html").getAttribute("dir")) === "rtl", "the citizen's page runs from the right");
  await page.locator("main a[href='/me/looks']").click();
  await see(page, "من اطّلع على بياناتي");
  const shown = (await lines(page)).join("\n");
  for (const words of ["Karim Haddad", "تحقق الشرطة من الهوية", "Police Act 2006, article 18", number]) {
    walk.check(shown.includes(words), `she reads “${words}”`);
  }
  const proof = await download(walk, page, page.getByRole("link", { name: "تنزيل الإثبات" }), `${walk.tag}.proof.json`);
  await page.getByRole("link", { name: "إيصال هذا الاطّلاع" }).first().click();
  await confirmed(page);
  const receipt = await download(walk, page, page.getByRole("link", { name: "تنزيل الإيصال" }), `${walk.tag}.receipt.json`);
  const policy = path.join(walk.folder, "policy");
  fs.writeFileSync(policy, await (await fetch(`${walk.base}/trust/policy`)).text());
  offline(walk, receipt, proof, policy);

  await page.goto(`${walk.base}/me/looks`);
  await page.getByRole("link", { name: "لا أعرف السبب: كتابة شكوى" }).first().click();
  await page.locator("main textarea").fill(`لم أكن هناك في ذلك اليوم. ${number}`);
  await page.getByRole("button", { name: "إرسال الشكوى" }).click();
  await see(page, "استُلمت شكواك");
  return (await page.locator(".panel").innerText()).match(/C-\d+-\d+/)[0];
}

/** What she holds, checked by programs that ask nobody. */
function offline(walk, receipt, proof, policy) {
  walk.check(run(walk.receiptCheck, receipt, policy) === 0, "receipt-check accepts the receipt");
  walk.check(run(walk.daftar, "log", "check", receipt, "--policy", policy) === 0, "daftar log check accepts the receipt");
  walk.check(run(walk.daftar, "log", "check", proof, "--policy", policy) === 0, "daftar log check accepts the completeness proof");
  for (const file of [receipt, proof]) {
    const text = fs.readFileSync(file, "utf8");
    const bent = `${file}.bent`;
    // Another letter in the middle of the longest word: what is signed, in either file.
    const word = text.match(/[A-Za-z0-9+/=]{32,}/g).sort((a, b) => b.length - a.length)[0];
    const at = text.indexOf(word) + Math.floor(word.length / 2);
    fs.writeFileSync(bent, text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1));
    const name = path.basename(file);
    if (file === receipt) walk.check(run(walk.receiptCheck, bent, policy) === 1, `receipt-check refuses a changed ${name}`);
    walk.check(run(walk.daftar, "log", "check", bent, "--policy", policy) !== 0, `daftar refuses a changed ${name}`);
  }
}

/** Everything there is to download: her data as JSON, card and certificate as PDF, which others check offline later. */
export async function takesHome(walk, number) {
  const page = await walk.be("citizen", "ar");
  await page.goto(`${walk.base}/me/record`);
  const name = (await page.locator("dl.summary dd").first().innerText()).trim();
  walk.check((await page.locator("main img").evaluate((photo) => photo.naturalWidth)) > 100, "her photo is shown");
  await page.goto(`${walk.base}/me/receipts`);
  walk.check((await page.getByRole("link", { name: "فتح الإيصال" }).count()) > 0, "her receipts are listed");

  await page.goto(`${walk.base}/me`);
  const link = (href) => page.locator(`main a[href='${href}']`);
  const data = JSON.parse(fs.readFileSync(await download(walk, page, link("/me/data.json"), `${walk.tag}.data.json`), "utf8"));
  walk.check(data.format === "daftar-my-data/1", "her data says its format");
  for (const words of [name, number, "Karim Haddad"]) {
    walk.check(JSON.stringify(data).includes(words), `her data holds “${words}”`);
  }
  for (const lang of ["en", "ar"]) {
    await page.goto(`${walk.base}/me?lang=${lang}`);
    for (const paper of ["card", "certificate"]) {
      const file = await download(walk, page, link(`/me/${paper}.pdf`), `${walk.tag}.${lang}.${paper}.pdf`);
      walk.check(fs.readFileSync(file).subarray(0, 5).toString() === "%PDF-", `the ${paper} is a PDF`);
      fs.copyFileSync(file, path.join(walk.papers, `${paper}-${lang}-${walk.tag}.pdf`));
    }
  }
  await page.getByRole("button", { name: "تسجيل الخروج" }).click();
  await page.goto(`${walk.base}/me`);
  walk.check(page.url().includes("/sign-in"), "signed out, her pages ask who she is");
}

/** `person` is the address of the record that the registrar made. */
export async function claimed(walk, person, name) {
  const clerk = await walk.be("registrar");
  await clerk.goto(person);
  await clerk.getByLabel("Opening your account").check();
  await clerk.getByRole("button", { name: "Open the record" }).click();
  await see(clerk, "Record of a person");
  await clerk.getByRole("button", { name: "Make an activation code" }).click();
  const activation = (await clerk.locator(".inset code").innerText()).trim();

  const page = await walk.be("", "ar");
  await page.goto(`${walk.base}/claim?lang=ar`);
  await page.locator("main input[name=activation]").fill("AAAA AAAA AAA");
  await page.locator("main form button").click();
  walk.check(page.url().endsWith("/claim"), "a wrong activation code opens nothing");
  // As people type it: small letters, without the blanks.
  await page.locator("main input[name=activation]").fill(activation.toLowerCase().replace(/[\s-]/g, ""));
  await page.locator("main form button").click();
  const login = `selam.${walk.tag.toLowerCase()}`;
  const secret = await enrol(page, page.url(), { login, password: "a quiet garden at dawn" });
  await signIn(page, walk.base, login, "a quiet garden at dawn", code(secret));
  await page.waitForURL("**/me");
  walk.check((await lines(page)).some((line) => line.includes(name)), "the citizen is greeted by name");
  await page.goto(`${walk.base}/me/record`);
  walk.check((await lines(page)).some((line) => line.includes(name)), "and reads the own record");
}

