// The registrar's main job without touching a mouse.
import { see, lines } from "./steps.mjs";

/** Tabs until what the selector says has the focus; 120 stops are more than any page has. */
async function tabTo(page, selector) {
  for (let stops = 0; stops < 120; stops += 1) {
    if (await page.locator(`:is(${selector}):focus`).count()) return stops;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way by keyboard to ${selector}`);
}

async function press(page, selector, key = "Enter") {
  await tabTo(page, selector);
  const from = page.url();
  const moved = page.waitForEvent("framenavigated", { timeout: 15_000 });
  await page.keyboard.press(key);
  await moved;
  await page.waitForLoadState();
  return from !== page.url();
}

/** Picks a radio button by the arrow keys. */
async function pick(page, name, value) {
  await tabTo(page, `[name="${name}"]`);
  await page.keyboard.press("Space");
  for (let moves = 0; moves < 10; moves += 1) {
    if (await page.locator(`[name="${name}"][value="${value}"]:checked`).count()) return;
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`${name} cannot be set to ${value} by keyboard`);
}

const TEXTS = {
  names: (who) => [["name", who], ["other_name", "ሙሉ ደስታ"]],
  birth: () => [["born-month", "7"], ["born-year", "1991"], ["birth_place_text", "behind the mill"]],
  parents: () => [["mother", "Almaz Gebre"]],
  // A list is chosen from by typing what stands in it.
  home: () => [["address", "Near the well, blue door"], ["address-place", "Harbour"]],
};
const PICKS = {
  person: [["sex", "female"], ["standing", "citizen"]],
  papers: [["documents", "other"]],
  statement: [["statement", "yes"]],
};

/** One page of the form: fills it in and goes on. */
async function fill(page, who) {
  const id = new URL(page.url()).pathname.split("/").at(-1);
  for (const [name, text] of TEXTS[id]?.(who) ?? []) {
    await tabTo(page, `[name="${name}"], [name="${name}_lines"], [name="${name}-lines"]`);
    await page.keyboard.type(text);
  }
  for (const [name, value] of PICKS[id] ?? []) await pick(page, name, value);
  await press(page, "main form button:not([name])");
  return id;
}

/** Goes through the form until all answers are shown; `until` leaves it after that page. */
async function through(page, who, until) {
  for (let pages = 0; pages < 20; pages += 1) {
    if (page.url().endsWith("/check")) return;
    if ((await fill(page, who)) === until) return;
  }
  throw new Error("the form has no end");
}

async function begin(page, base) {
  await page.goto(`${base}/people/register`);
  await press(page, "main form[action='/people/register'] button");
}

/** Registers a person; answers the address of the record. */
export async function registerByKeyboard(walk, base, who) {
  let page = await walk.be("registrar");
  const started = Date.now();
  await begin(page, base);
  await press(page, "main form button:not([name])");
  walk.check(await page.locator(".faults").isVisible(), "a page without the name is shown again with its fault");
  await through(page, who, "birth");
  const draft = new URL(page.url()).pathname.split("/")[3];

  // The line is lost, the machine goes off.
  await page.context().close();
  page = await walk.be("registrar");
  await page.goto(`${base}/people/register`);
  await press(page, `main a[href='/people/register/${draft}/check']`);
  walk.check(page.url().endsWith("/person"), "the draft goes on where it was left");
  await through(page, who);

  await see(page, "Check your answers");
  const answers = (await lines(page)).join("\n");
  for (const words of [who, "ሙሉ ደስታ", "July 1991", "behind the mill", "Almaz Gebre", "Near the well, blue door", "Harbour Quarter", "Female"]) {
    walk.check(answers.includes(words), `the answers show “${words}”`);
  }
  await press(page, "main form button");
  await see(page, "The person is registered");
  const seconds = Math.round((Date.now() - started) / 1000);
  walk.check(seconds < 180, `registering took ${seconds} seconds`);
  const person = await page.getByRole("link", { name: "Go to the person’s record" }).getAttribute("href");

  await begin(page, base);
  await through(page, who);
  await press(page, "main form button");
  await see(page, "Is this person registered already?");
  const alike = (await lines(page)).join("\n");
  walk.check(alike.includes(who) && /times likelier if it is one person[^]*the same day|the same day[^]*times likelier if it is one person/.test(alike.replace(/[\u2068\u2069]/g, "")), "the double is named, and why");
  await press(page, "main form[action$='/discard'] button");
  walk.check(page.url().endsWith("/people/register"), "the second registration is thrown away");
  return `${base}${person}`;
}
