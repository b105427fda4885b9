// What officials do at their desk, in English.
import { enrol, signIn } from "./account.mjs";
import { lines, see } from "./steps.mjs";
import { code } from "./totp.mjs";

/** What the citizen's own record says, in English: the police search by it. */
export async function facts(walk) {
  const page = await walk.be("citizen", "en");
  await page.goto(`${walk.base}/me/record?lang=en`);
  const row = async (name) => (await page.locator("dl.summary div", { hasText: name }).first().locator("dd").innerText()).trim();
  const [name, born] = [await row("Name"), await row("Date of birth")];
  const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December"];
  const [day, month, year] = born.split(" ");
  const number = (text) => String(text).padStart(2, "0");
  return { name, born: `${year}-${number(months.indexOf(month) + 1)}-${number(day)}` };
}

export async function police(walk, her, number) {
  const page = await walk.be("police");
  await page.goto(`${walk.base}/desk`);
  await page.getByRole("link", { name: "Cases", exact: true }).first().click();
  await page.getByLabel("Case number").first().fill(number);
  await page.getByRole("button", { name: "Open a case" }).click();
  walk.check((await lines(page)).some((line) => line.includes(number)), "the case stands in the list");

  await page.goto(`${walk.base}/people/search`);
  await page.getByLabel("Police check of identity").check();
  await page.getByLabel("Name").fill(her.name);
  await page.getByLabel("Case number").fill(number);
  await page.getByRole("button", { name: "Search" }).click();
  await see(page, "A search needs two things you know of the person.");
  await page.getByLabel("Date of birth").fill(her.born);
  await page.getByRole("button", { name: "Search" }).click();
  await see(page, "People found");
  await page.getByRole("button", { name: "Open the record" }).first().click();
  await see(page, "Record of a person");
  const shown = await lines(page);
  walk.check(shown.some((line) => line.includes(her.name)), "the officer sees the person");
  walk.check(shown.some((line) => line.startsWith("This look has been recorded.")), "and that it was recorded");
}

export async function ombudsman(walk, reference, number) {
  const page = await walk.be("ombudsman");
  await page.getByRole("link", { name: "Complaints", exact: true }).first().click();
  await page.getByRole("link", { name: reference, exact: true }).click();
  walk.check(!(await lines(page)).join("\n").includes(number), "the words are not shown before a reason is given");
  await page.getByLabel("Handling your complaint").check();
  await page.getByRole("button", { name: "Read the complaint" }).click();
  walk.check((await lines(page)).some((line) => line.includes(number)), "the ombudsman reads her words");
  await page.getByLabel("The citizen was right").check();
  await page.getByLabel("Answer", { exact: true }).fill("The officer had no reason. It was reported.");
  await page.getByRole("button", { name: "Send the answer" }).click();
  await see(page, "Complaints");
  walk.check((await page.getByRole("link", { name: reference, exact: true }).count()) === 0, "the complaint left the desk");

  const her = await walk.be("citizen", "ar");
  await her.goto(`${walk.base}/me/complaints`);
  const told = (await lines(her)).join("\n");
  walk.check(told.includes("The officer had no reason. It was reported."), "she reads the answer");
  await her.goto(`${walk.base}/me/looks`);
  walk.check((await lines(her)).join("\n").includes("Salma Trabelsi"), "and that the ombudsman looked");
}

export async function invited(walk) {
  const admin = await walk.be("administrator");
  const login = `nadia.${walk.tag.toLowerCase()}`;
  await admin.getByRole("link", { name: "Officials", exact: true }).first().click();
  await admin.getByRole("link", { name: "Invite an official" }).click();
  await admin.getByLabel("Name", { exact: true }).fill("Nadia Benali");
  await admin.getByLabel("Sign-in name").fill(login);
  await admin.getByRole("button", { name: "Invite an official" }).click();
  await see(admin, "One-time link");
  const link = (await admin.locator(".inset code").innerText()).trim();
  await admin.getByRole("link", { name: "Give them a role in an office" }).click();
  await admin.getByLabel("Role").selectOption({ label: "Administrator" });
  await admin.getByLabel("Office").selectOption("interior-systems");
  await admin.getByRole("button", { name: "Give a role in an office" }).click();
  await see(admin, "Invited");

  const page = await walk.be("", "en");
  const secret = await enrol(page, `${walk.base}${link}?lang=en`, { password: "seven lamps by the river" });
  await page.goto(`${walk.base}${link}`);
  walk.check(!(await page.getByLabel("New password").count()), "a used link opens nothing");
  await signIn(page, walk.base, login, "seven lamps by the river", code(secret));
  await see(page, "Your desk");
  const before = await session(page);
  await page.goto(`${walk.base}/step-up?next=/desk/officials/new`);
  await page.locator("main input[name=code]").fill("000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  walk.check(page.url().includes("/step-up"), "a wrong code does not confirm");
  await page.locator("main input[name=code]").fill(code(secret, 1));
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.waitForURL("**/desk/officials/new");
  walk.check((await session(page)) !== before, "stepping up changes the session's token");
}

const session = async (page) => (await page.context().cookies()).find((cookie) => cookie.name === "daftar_session")?.value;


async function opened(walk, who, person, purpose) {
  const page = await walk.be(who);
  await page.goto(person);
  await page.getByLabel(purpose).check();
  await page.getByRole("button", { name: "Open the record" }).click();
  await see(page, "Record of a person");
  return page;
}

/** A correction needs a reason, keeps what stood there, and is no second time the same. */
export async function corrected(walk, person) {
  const page = await opened(walk, "registrar", person, "Correcting your record");
  await page.getByRole("button", { name: "Correct the record" }).click();
  await page.getByLabel("Mother’s name").fill("Almaz Gebre Mariam");
  await page.getByLabel("Reason").fill(" ");
  await page.getByRole("button", { name: "Save the correction" }).click();
  walk.check(await page.locator(".faults").isVisible(), "a correction without a reason is shown again");
  walk.check((await page.getByLabel("Mother’s name").inputValue()) === "Almaz Gebre Mariam", "with what was typed");
  await page.getByLabel("Reason").fill("The birth notice gives her whole name.");
  await page.getByLabel("Paper or person that shows it is right").fill("Birth notice 118 of 1991");
  await page.getByRole("button", { name: "Save the correction" }).click();
  await see(page, "The record is corrected");

  const again = await opened(walk, "registrar", person, "Correcting your record");
  const shown = (await lines(again)).join("\n");
  for (const words of ["Almaz Gebre Mariam", "How this record has changed", "The birth notice gives her whole name."]) {
    walk.check(shown.includes(words), `the record shows “${words}”`);
  }
}

/** One look drawn for review, and one unusual reader, wait in a new country; the second walk finds the desk empty. */
export async function auditor(walk) {
  const page = await walk.be("auditor");
  await page.getByRole("link", { name: "Unusual readers", exact: true }).first().click();
  const alarms = page.getByRole("button", { name: "Close", exact: true });
  if (await alarms.count()) {
    walk.check((await lines(page)).join("\n").includes("Hewan Girma"), "the alarm names its reader");
    await page.getByLabel("Note").first().fill("A day of vaccination: asked her head of office.");
    await alarms.first().click();
    await see(page, "Nobody reads more than usual.");
  }
  await page.goto(`${walk.base}/desk/reviews`);
  const open = await page.getByRole("button", { name: "Decide" }).count();
  walk.check(open > 0 || walk.js, "a look waits for review");
  if (!open) return;
  await page.getByRole("button", { name: "Decide" }).first().click();
  if (await page.locator(".faults").count()) walk.check(true, "a review without a finding is shown again");
  await page.getByLabel("Justified", { exact: true }).first().check();
  await page.getByLabel("Note").first().fill("The emergency is in the hospital's book.");
  await page.getByRole("button", { name: "Decide" }).first().click();
  await page.waitForURL("**/desk/reviews");
  walk.check((await page.getByRole("button", { name: "Decide" }).count()) === open - 1, "the review has left the desk");
}

/** Asks for an erasure, agrees alone, is refused, and carries it out with a second official. */
export async function erased(walk, person) {
  const first = await opened(walk, "senior", person, "Correcting your record");
  await first.getByLabel("What law asks for the erasure?").fill("Data Protection Act, article 17");
  await first.getByRole("button", { name: "Ask for erasure" }).click();
  await see(first, "Exactly this will happen");
  const request = first.url();
  const digest = await first.locator("input[name=digest]").inputValue();
  await first.getByRole("button", { name: "Agree to exactly this" }).click();
  await see(first, "You have agreed. A second person must agree too.");
  walk.check((await first.getByRole("button", { name: "Carry it out" }).count()) === 0, "one alone has no button for it");
  // Past the buttons: the same person again, and carrying it out with one vote.
  const csrf = await first.locator("input[name=csrf]").first().inputValue();
  const sent = (action, form) =>
    first.context().request.post(`${request}/${action}`, { form: { csrf, ...form }, headers: { origin: walk.base }, maxRedirects: 0 });
  for (const [action, form] of [["approve", { digest }], ["execute", {}]]) {
    const answer = await sent(action, form);
    walk.check(answer.status() === 409, `${action} by one person alone is refused: ${answer.status()}`);
  }

  const second = await walk.be("second");
  await second.getByRole("link", { name: "Approvals", exact: true }).first().click();
  await second.goto(request);
  walk.check((await lines(second)).join("\n").includes("Tesfaye Bekele"), "the second person reads who has agreed");
  await second.getByRole("button", { name: "Agree to exactly this" }).click();
  await second.getByRole("button", { name: "Carry it out" }).click();
  await see(second, "The person’s data is erased");

  const clerk = await walk.be("registrar");
  await clerk.goto(person);
  await clerk.getByLabel("Correcting your record").check();
  await clerk.getByRole("button", { name: "Open the record" }).click();
  await see(clerk, "There is no such person in the register, or the data was erased.");
  walk.check(!(await lines(clerk)).join("\n").includes("Almaz"), "nothing of the person is left to see");
}
