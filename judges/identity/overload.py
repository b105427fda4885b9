#!/usr/bin/env python3
"""Judges what becomes of ten times the load that a country can carry: on the token endpoint, the verification API and a
citizen's page at once, from thousands of lines.

    overload.py [--full]

A demo country runs as a process. What it carries is measured first, one lane after the other; then ten times that falls due on
all lanes together, for ten seconds (--full: sixty, and then on PostgreSQL too). Every answer must be the right one, or 429 or
503 with a time to come back. Afterwards all that was acknowledged must be there, and everybody is served as before. How fast
the machine is gets printed, and is never judged. Python's standard library only.
Ends with `N passed, N failed, N skipped`.
"""

import argparse
import base64
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from functools import partial
from pathlib import Path

from country import BINARY, Browser, Country, register
from load import Lane, Seen, ask_each, drive, known, note, page, request, says, token

TIMES = 10
MEASURED_SECONDS = 2
LOAD_SECONDS, LOAD_SECONDS_FULL = 10, 60
FEW = 16
# Lines of each lane under load. An endpoint works on 256 requests at once; the program on 1,024, and takes 4,096 lines.
MANY = 1_200
# Somebody who comes anew and asks whether the country is there hears of it within this time, under load too.
PROBE_SECONDS = 10
# The whole program with every line open and every queue full; and how much of it may still come after the first third.
MEMORY_MB, GROWTH_MB = 400, 128
# The operator's log: whoever asks too much must not fill the disk.
LOG_KIB = 512
# In the first second after the load a median answer takes at most so many times as long as before, or this long.
SLOWER_TIMES, SLOWER_SECONDS = 4, 0.25

tally = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, line):
    tally["passed" if passed else "failed"] += 1
    print(("ok      " if passed else "FAILED  ") + line, flush=True)


class Watch(threading.Thread):
    """Comes anew every quarter second and asks whether the country is there; notes how much memory it takes."""

    def __init__(self, country):
        super().__init__(daemon=True)
        self.address, self.pid, self.over = country.address, country.process.pid, threading.Event()
        self.answered, self.slowest, self.odd, self.memory = 0, 0.0, [], [megabytes(country.process.pid)]

    def run(self):
        issuer = lambda body: json.loads(body)["issuer"]  # noqa: E731
        there = Lane("there", request("GET", "/.well-known/openid-configuration"), issuer)
        while not self.over.wait(0.25):
            self.memory.append(megabytes(self.pid))
            try:
                begun = time.monotonic()
                seen = ask_each(self.address, [there], 1)
                self.slowest = max(self.slowest, time.monotonic() - begun)
            except OSError as error:
                seen = Seen(broken=1, shown=[str(error)])
            self.answered += seen.right + seen.told
            self.odd += seen.shown

    def end(self):
        self.over.set()
        self.join()


def megabytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) // 1024


def beside(work):
    """Runs each of these in a process of its own: one alone cannot ask so fast. Gives what they give."""
    fork, ways = multiprocessing.get_context("fork"), []
    for one in work:
        out, into = fork.Pipe(duplex=False)
        child = fork.Process(target=lambda one, into: into.send(one()), args=(one, into), daemon=True)
        child.start()
        into.close()
        ways.append((child, out))
    found = [out.recv() for _, out in ways]
    for child, _ in ways:
        child.join()
    return found


class Scene:
    """A country with a service, a partner and a citizen, and what each asks."""

    def __init__(self, country):
        self.country, country.address = country, urllib.parse.urlsplit(country.url).netloc
        client = register(country, "Judges' Load", "https://load.example/back", own="on")
        pair = ":".join(urllib.parse.quote(client[name], safe="") for name in ("client_id", "client_secret"))
        self.service = [
            "authorization: Basic " + base64.b64encode(pair.encode()).decode(),
            "content-type: application/x-www-form-urlencoded",
        ]
        self.by_law(client["client_id"])
        self.citizen = Browser(country)
        self.citizen.be("citizen", "/me")
        self.citizen.get("/me/record?lang=en")
        shown = re.search(r"Card number\s*([\d ]{13,20}\d)", re.sub(r"<[^>]+>|[\u2066-\u2069]", "", self.citizen.text))
        self.card = shown[1]
        self.tokens = Lane("tokens", self.form("/openid/token", grant_type="client_credentials", scope="verify"), token)
        self.lanes = [self.tokens, self.question(), self.own_page()]

    def by_law(self, client):
        """Officials let the service ask about people, under the law alone and as often as can be granted."""
        desk = Browser(self.country)
        path = f"/desk/services/{client}/partner"
        desk.be("senior", path)
        desk.get(path)
        purpose = re.search(r'name="purpose" value="([^"]+)"', desk.text)[1]
        wish = {"purpose": purpose, "ground": "law", "name": "yes", "over_age": "yes", "sex": "yes"}
        desk.post(path, {**wish, "per_minute": "600000", "per_day": "20000000"})
        if not desk.path.endswith("/desk/services"):
            raise RuntimeError("the service may not ask: " + re.sub("<[^>]+>", " ", desk.text)[:1500])

    def form(self, path, **fields):
        return request("POST", path, self.service, urllib.parse.urlencode(fields).encode())

    def question(self):
        """What the partner asks: two claims that are so, and one that is not."""
        bearer = ask_each(self.country.address, [self.tokens], 1).given[0]
        claims = [("name", "Amina bint Salem al-Zahrani"), ("over_age", "18"), ("sex", "male")]
        claims = [{"attribute": attribute, "value": value} for attribute, value in claims]
        body = json.dumps({"card": self.card, "claims": claims}).encode()
        headers = [f"authorization: Bearer {bearer}", "content-type: application/json"]
        return Lane("verification", request("POST", "/api/v1/verify", headers, body), says("yes", "yes", "no"))

    def own_page(self):
        jar = next(iter(self.citizen.cookies.values()))
        headers = ["cookie: " + "; ".join(f"{k}={v}" for k, v in jar.items()), "accept-language: en"]
        return Lane("her page", request("GET", "/me/record", headers), page(self.card))

    def looks(self):
        """How many looks at her the citizen reads on her page."""
        self.citizen.get("/me?lang=en")
        words = re.sub(r"<[^>]+>|[\u2066-\u2069]", "", self.citizen.text)
        if "was looked at once" in words:
            return 1
        return int(re.search(r"was looked at ([\d,]+) times", words)[1].replace(",", ""))

    def introspection(self, token):
        return Lane("known", self.form("/openid/introspect", token=token), known)


def judge_usual(scene, name):
    """What the country carries, one lane after the other."""
    usual = []
    for lane in scene.lanes:
        seen = drive(scene.country.address, lane, FEW, MEASURED_SECONDS)
        count(seen.all_right(), f"{name}, {lane.name}: {seen.rate():.0f}/s, each right {seen.shown}")
        usual.append(seen)
    return usual


def judge_load(scene, usual, seconds, name):
    """Ten times that, on all lanes at once."""
    address, watch = scene.country.address, Watch(scene.country)
    watch.start()
    rates = [TIMES * before.rate() for before in usual]
    open_lines = multiprocessing.get_context("fork").Barrier(len(rates))
    load = lambda lane, rate: drive(address, lane, MANY, seconds, rate, open_lines.wait)  # noqa: E731
    found = beside([partial(load, lane, rate) for lane, rate in zip(scene.lanes, rates)])
    watch.end()
    for lane, seen, rate in zip(scene.lanes, found, rates):
        told = f"{seen.right} right, {seen.told} told when to come back"
        due = f"{int(rate * seconds)} were due, {seen.sent} were sent from {MANY} lines"
        count(not (seen.wrong or seen.broken), f"{name}, {lane.name}, {seconds} s: {due}: {told}, {seen.wrong} wrong, {seen.broken} broken {seen.shown}")
        count(seen.right > 0, f"{name}, {lane.name}: some are served")
    # Else nothing was judged. A page has no limit of its own: a quick machine may answer all that one client can ask.
    count(all(seen.told for seen in found[:2]), f"{name}: it was more than the endpoints work on at once")
    well = watch.answered > 2 and not watch.odd and watch.slowest < PROBE_SECONDS
    count(well, f"{name}: who comes anew is answered: {watch.answered} times, in {watch.slowest:.1f} s at most {watch.odd[:3]}")
    peak, third = max(watch.memory), watch.memory[len(watch.memory) // 3]
    bounded = peak < MEMORY_MB and peak - third < GROWTH_MB
    count(bounded, f"{name}: {watch.memory[0]} MB before, {third} MB a third into it, {peak} MB at most")
    return found


def judge_after(scene, usual, name):
    """The first quiet second of each lane."""
    found = []
    for lane, before in zip(scene.lanes, usual):
        seen = drive(scene.country.address, lane, FEW, 1)
        bound = max(SLOWER_TIMES * before.median(), SLOWER_SECONDS)
        quick = seen.all_right() and seen.median() <= bound
        count(quick, f"{name}, {lane.name} afterwards: {seen.rate():.0f}/s, {1000 * seen.median():.1f} ms in the middle, {1000 * before.median():.1f} before {seen.shown}")
        found.append(seen)
    return found


def judge_kept(scene, stretches, looks, name):
    """Whatever was acknowledged is there."""
    given = [one for seen in stretches for one in seen[0].given]
    count(len(given) == len(set(given)), f"{name}: {len(given)} tokens, no two alike")
    seen = ask_each(scene.country.address, [scene.introspection(one) for one in given], FEW)
    count(seen.right == len(given), f"{name}: {seen.right} of them are known {seen.shown}")
    false = ask_each(scene.country.address, [scene.introspection(given[0][:-8] + "AAAAAAAA")], 1)
    count(false.wrong == 1, f"{name}, planted: a token that was not given is not")
    answers = sum(seen[1].right for seen in stretches)
    held = scene.looks() - looks
    count(held == answers, f"{name}: {answers} answers about her, and {held} looks more on her page")


def judge(name, store, seconds):
    with Country(store=store) as country:
        try:
            scene = Scene(country)
            looks = scene.looks()
            usual = judge_usual(scene, name)
            load = judge_load(scene, usual, seconds, name)
            after = judge_after(scene, usual, name)
            judge_kept(scene, [usual, load, after], looks, name)
        except (OSError, EOFError, RuntimeError, ValueError, TypeError, IndexError) as error:
            count(False, f"{name}: {type(error).__name__}: {error}")
        judge_end(country, name)


def judge_end(country, name):
    """It stops when told, its log speaks of no accident, and what is on the disk is audited."""
    country.process.send_signal(signal.SIGTERM)
    code = country.process.wait(timeout=30)
    count(code == 0, f"{name}: it ends when told to: {code}")
    log = Path(country.log.name)
    plain = (re.sub(r"\x1b\[[0-9;]*m", "", line) for line in open(log, errors="replace"))
    odd = [line for line in plain if any(word in line for word in ("ERROR", "request failed", "panicked"))]
    size = log.stat().st_size // 1024
    count(not odd and size < LOG_KIB, f"{name}: {size} KiB of its log speak of no accident {odd[:3]}")
    command = [BINARY, "--data", country.folder.name + "/data", "log", "audit"]
    quiet = {**os.environ, "DAFTAR_LOG_LEVEL": "warn"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
    said = (done.stdout + done.stderr).strip().split("\n")
    count(done.returncode == 0, f"{name}: log audit: {' / '.join(said)[-300:]}")


def judge_planted():
    """What must not pass is noticed."""
    good = b'{"answers":[{"answer":"yes"}]}'
    for what, status, head, body in (
        ("an error", 500, b"", good),
        ("a refusal without a time", 503, b"\r\nserver: x\r\n", good),
        ("a refusal for a day", 429, b"\r\nretry-after: 86400\r\n", good),
        ("another answer", 200, b"", good.replace(b"yes", b"no")),
        ("half an answer", 200, b"", good[:-4]),
    ):
        seen = Seen()
        note(seen, says("yes"), status, head, body, 0)
        count(seen.wrong == 1 and not seen.right + seen.told, f"planted: {what} is wrong")
    seen = Seen()
    note(seen, page("1 2345"), 200, b"", b"<p>1 2345</p>", 0)
    count(seen.wrong == 1, "planted: half a page is wrong")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args()
    seconds = LOAD_SECONDS_FULL if asked.full else LOAD_SECONDS
    print(f"Python {sys.version.split()[0]}, {TIMES} times what it carries for {seconds} s")
    judge_planted()
    judge("SQLite", None, seconds)
    if asked.full and os.environ.get("DAFTAR_TEST_PG"):
        judge("PostgreSQL", os.environ["DAFTAR_TEST_PG"], seconds)
    elif asked.full:
        tally["skipped"] += 1
        print("skipped PostgreSQL: no server was given in DAFTAR_TEST_PG")
    print(", ".join(f"{number} {what}" for what, number in tally.items()))
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
