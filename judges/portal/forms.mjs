// Sends every form of the router's list empty, in English and Arabic, as somebody who may send it, and keeps the page that
// comes: what people see when they forget an answer must say so, and must be as good a page as any.
//
//   forms.mjs BASE FOLDER
import fs from "node:fs";
import { become, fileOf, launch, Tally } from "./browser.mjs";

const [base, folder] = process.argv.slice(2);
const tally = new Tally();
const browser = await launch();
// These end the sender's session, or make them somebody else.
const ENDS = ["/sign-out", "/sessions/{session}/end", "/demo/be/{who}", "/step-up"];

for (const lang of ["en", "ar"]) {
  const people = {};
  // Asked for anew: the examples of the first language have been used up.
  const routes = await (await fetch(`${base}/demo/routes.json`)).json();
  for (const route of routes.filter((route) => route.kind === "page" && route.method !== "GET")) {
    const { who, example, path } = route;
    const name = `${lang} ${who || "anybody"} POST ${example}`;
    people[who] ??= await become(browser, base, who, { lang });
    const { request } = people[who].context;
    const form = await (await request.get(`${base}/sign-in`)).text();
    const csrf = form.match(/name="csrf" value="([0-9a-f]+)"/)[1];
    const answer = await request.fetch(base + example, {
      method: route.method, form: { csrf }, headers: { origin: base }, maxRedirects: 0,
    });
    const [status, text] = [answer.status(), await answer.text()];
    const html = (answer.headers()["content-type"] ?? "").startsWith("text/html");
    tally.check(status < 500, `${name}: ${status}`);
    // Some forms hand out a file to keep, such as a document that waits at the desk: the look is the act.
    const file = status === 200 && (answer.headers()["content-disposition"] ?? "").startsWith("attachment");
    tally.check(status === 303 || html || file, `${name}: no page, nor on to one, nor a file (${status})`);
    if (html) {
      tally.check(text.includes(`<html lang="${lang}"`), `${name}: not in the reader's language`);
      fs.writeFileSync(fileOf(folder, lang, "POST", base + path, status), text);
    }
    if (ENDS.includes(path)) delete people[who];
  }
}
await browser.close();
tally.close();
