// What a reader sees, and what a program answers.
import { spawnSync } from "node:child_process";

/** The lines of the page's main part, as they are seen. */
export const lines = async (page) => (await page.locator("main").innerText()).split("\n").map((line) => line.trim()).filter(Boolean);

/** Waits for words on the page. */
export const see = (page, words) => page.getByText(words, { exact: false }).first().waitFor();

/** Exit code of a program. */
export function run(program, ...args) {
  const done = spawnSync(program, args, { encoding: "utf8", timeout: 30_000 });
  if (done.error) throw done.error;
  return done.status;
}
