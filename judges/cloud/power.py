#!/usr/bin/env python3
"""Judges that services rest by law when electricity is short, with Network UPS Tools' own programs.

Debian's `dummy-ups` plays a power supply, `upsd` serves it, `upsc` reads it beside us. A demo country runs as a process and watches it.
The battery drains, comes back, the room grows hot, the supply's server goes away, the program is killed: each time the pages of each
activity must answer or rest exactly as this program reckons from the pack's `power.toml`, checks of who somebody is last, and `/power`
must say what `upsc` says. In the end the public record holds an act for each change.
Ends with `N passed, N failed, N skipped`.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "identity"))
from country import BINARY, Browser, Tally  # noqa: E402

DRIVER, SERVER = "/lib/nut/dummy-ups", "/lib/nut/upsd"
# A page of each activity, and somebody who may open it.
PAGES = {
    "identity.statistics": ("/statistics", None),
    "identity.preregistration": ("/pre-registration", None),
    "identity.self-service": ("/me", "citizen"),
    "identity.enrolment": ("/people/register", "senior"),
    "identity.sign-in": ("/openid/keys.json", None),
    "identity.checks": ("/people/search", "senior"),
    "cloud.planner": ("/plan", None),
    "cloud.orders": ("/cloud", "cloud"),
    "cloud.bills": ("/cloud", "cloud"),
}
# What never rests.
ALWAYS = ["/", "/power", "/trust", "/log/acts/checkpoint"]
# The program reads the supply every 5 seconds, the driver its file every second.
SECONDS = 30
judged = Tally()


class Supply:
    """A power supply of Network UPS Tools."""

    def __init__(self, folder):
        self.folder = Path(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (self.folder / "ups.conf").write_text(
            f"[main]\n driver = dummy-ups\n port = {self.folder}/main.dev\n mode = dummy-once\n pollinterval = 1\n"
        )
        (self.folder / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {self.port}\nSTATEPATH {self.folder}\n")
        for file in ("upsd.users", "upsd.conf", "ups.conf"):
            (self.folder / file).touch()
            (self.folder / file).chmod(0o640)
        self.folder.chmod(0o750)
        self.environment = {**os.environ, **{name: str(self.folder) for name in ("NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH")}}
        self.says("OL", 100, 36000, 24)
        self.driver = self.start(DRIVER, "-a", "main")
        self.server = self.start(SERVER)
        self.arrived()

    def arrived(self):
        """Waits until the driver has read its file and the server has it."""
        ends = time.monotonic() + SECONDS
        while self.upsc("battery.charge") != str(self.state[1]) or self.upsc("ups.status") != self.state[0]:
            if time.monotonic() > ends:
                break
            time.sleep(0.2)

    def start(self, program, *more):
        with open(self.folder / "nut.log", "a") as log:
            return subprocess.Popen([program, *more, "-u", "root", "-F"], env=self.environment, stdout=log, stderr=log)

    def says(self, status, charge, runtime, celsius):
        text = f"ups.status: {status}\nbattery.charge: {charge}\nbattery.runtime: {runtime}\nambient.temperature: {celsius}\nups.load: 31\n"
        # The driver knows a new file by its whole second.
        time.sleep(1.1)
        whole = self.folder / "main.new"
        whole.write_text(text)
        whole.rename(self.folder / "main.dev")
        self.state = (status, charge, runtime, celsius)

    def address(self):
        return f"main@127.0.0.1:{self.port}"

    def upsc(self, variable):
        done = subprocess.run(["upsc", self.address(), variable], capture_output=True, text=True)
        return done.stdout.strip()

    def stop(self):
        for process in (self.server, self.driver):
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=10)


class Country:
    """A demo country that watches the supply."""

    def __init__(self, folder, supply):
        self.folder, self.environment = folder, {**os.environ, "DAFTAR_POWER_SUPPLY": supply.address()}
        self.environment["DAFTAR_OPENID_ISSUER"] = "http://localhost:1"
        self.start("127.0.0.1:0")

    def start(self, listen):
        command = [BINARY, "--data", self.folder + "/data", "demo", "--population", "20", "--listen", listen]
        log = open(self.folder + "/log.txt", "a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True, env=self.environment)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group(0)
                subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
                return
        sys.exit("the demo country did not start:\n" + Path(self.folder + "/log.txt").read_text())

    def kill_and_start(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.start(self.url.removeprefix("http://"))

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=30)


class Law:
    """The pack's order, and how far it is taken: reckoned here, apart from the program."""

    def __init__(self):
        law = tomllib.loads((ROOT / "country/demo/power.toml").read_text())
        self.margin, self.steps, self.level = law.get("margin_percent", 10), law["steps"], 0

    def take(self, status, charge, runtime, celsius):
        words = status.split()
        battery, empty = "OB" in words, "LB" in words
        rest = lambda step: (  # noqa: E731
            battery and (charge <= step["at_percent"] or runtime // 60 <= step.get("at_minutes", -1) or (empty and step["at_percent"] > 10))
        ) or celsius >= step.get("at_celsius", 999)
        held = lambda step: (  # noqa: E731
            battery or empty or charge < min(step["at_percent"] + self.margin, 100) or celsius > step.get("at_celsius", 999) - 3
        )
        last = lambda holds: max((n + 1 for n, step in enumerate(self.steps) if holds(step)), default=0)  # noqa: E731
        wanted = last(rest)
        self.level = wanted if wanted >= self.level else min(self.level, max(wanted, last(held)))
        return self.level

    def resting(self):
        return {activity for step in self.steps[: self.level] for activity in step["activities"]}

    def all(self):
        return [activity for step in self.steps for activity in step["activities"]]


def seen(country, browsers, activities):
    """Which activities rest, by their pages."""
    resting = set()
    for activity in activities:
        path, who = PAGES[activity]
        browser = browsers[who]
        browser.get(path)
        if browser.status == 503:
            resting.add(activity)
            if browser.headers.get("retry-after") != "600":
                judged.check(False, f"{path} rests without Retry-After: {browser.headers.get('retry-after')}")
        elif browser.status != 200:
            judged.check(False, f"{path} answers {browser.status}")
    return resting


def until(country, browsers, law, what):
    """The pages come to be as the law says."""
    expected, ends = law.resting(), time.monotonic() + SECONDS
    while True:
        resting = seen(country, browsers, law.all())
        if resting == expected or time.monotonic() > ends:
            break
        time.sleep(0.5)
    judged.check(resting == expected, f"{what}: {sorted(resting)} rest, by law {sorted(expected)}")
    for path in ALWAYS:
        browsers[None].get(path)
        judged.check(browsers[None].status == 200, f"{what}: {path} answers {browsers[None].status}")
    print(f"{what}: {len(resting)} of {len(law.all())} rest", flush=True)


def tiles(browser):
    """The figures on /power."""
    browser.get("/power?lang=en")
    return re.sub(r"[\u2066-\u2069]", "", re.sub(r"<[^>]+>", " ", browser.text))


def acts(country):
    """The acts about electricity in the public record."""
    fetch = lambda path: urllib.request.urlopen(country.url + "/log/acts/" + path, timeout=30).read()  # noqa: E731
    size = int(fetch("checkpoint").split(b"\n")[1])
    found = []
    for tile in range((size + 255) // 256):
        width = min(256, size - tile * 256)
        bundle = fetch(f"tile/entries/{tile:03}" + (f".p/{width}" if width < 256 else ""))
        while bundle:
            length = int.from_bytes(bundle[:2])
            entry, bundle = bundle[2 : 2 + length], bundle[2 + length :]
            if b'"cloud.power-changed"' in entry:
                found.append(json.loads(entry))
    return found


def stage(country, browsers, law, supply, state, what):
    supply.says(*state)
    supply.arrived()
    before = law.level
    law.take(*state)
    until(country, browsers, law, what)
    source, ends = "battery" if "OB" in state[0] else "mains", time.monotonic() + SECONDS
    while True:
        text = tiles(browsers[None])
        said = f"{state[1]} %" in text and f"{state[3]} °C" in text and re.search(rf"Electricity from\s+{source}\b", text)
        if said or time.monotonic() > ends:
            break
        time.sleep(0.5)
    charge, heat = supply.upsc("battery.charge"), supply.upsc("ambient.temperature")
    judged.check((charge, heat) == (str(state[1]), str(state[3])), f"upsc says {charge} % and {heat} degrees")
    judged.check(f"{charge} %" in text and f"{heat} °C" in text, f"{what}: /power does not say {charge} % and {heat} °C")
    judged.check(re.search(rf"Electricity from\s+{source}\b", text) is not None, f"{what}: /power does not say {source}")
    return law.level != before


def main():
    for program in (DRIVER, SERVER, shutil.which("upsc") or "upsc"):
        if not os.path.exists(program):
            sys.exit(f"{program} is not there. Next: cargo xtask setup")
    print(subprocess.run([SERVER, "-V"], capture_output=True, text=True).stdout.strip(), flush=True)
    with tempfile.TemporaryDirectory(prefix="daftar-judge-") as work, tempfile.TemporaryDirectory(prefix="daftar-nut-") as nut:
        supply, law = Supply(nut), Law()
        unknown = [activity for activity in law.all() if activity not in PAGES]
        judged.check(not unknown, f"this judge knows no page of {unknown}")
        vital = law.steps[-1]["activities"]
        judged.check(set(vital) >= {"identity.checks", "identity.sign-in"}, f"{vital} rest last")
        country = Country(work, supply)
        browsers = {who: Browser(country) for who in (None, *{who for _, who in PAGES.values() if who})}
        for who, browser in browsers.items():
            if who:
                browser.be(who)
        changes = 0
        drain = [100, *(step["at_percent"] for step in law.steps)]
        for charge in drain:
            changes += stage(country, browsers, law, supply, ("OB DISCHRG", charge, 36000, 24), f"on battery at {charge} %")
        country.kill_and_start()
        until(country, browsers, law, "killed and started on battery")
        for charge in [law.steps[-1]["at_percent"] + law.margin, 55, 100]:
            changes += stage(country, browsers, law, supply, ("OL CHRG", charge, 36000, 24), f"on mains at {charge} %")
        changes += stage(country, browsers, law, supply, ("OB", 99, 44 * 60, 24), "44 minutes left")
        changes += stage(country, browsers, law, supply, ("OL", 100, 36000, 24), "mains again")
        changes += stage(country, browsers, law, supply, ("OL", 100, 36000, 36), "36 degrees on mains")
        supply.server.kill()
        supply.server.wait()
        time.sleep(6)
        until(country, browsers, law, "the supply's server is gone")
        supply.server = supply.start(SERVER)
        changes += stage(country, browsers, law, supply, ("OB LB", 60, 36000, 24), "nearly empty, says the supply")
        changes += stage(country, browsers, law, supply, ("OL", 100, 36000, 20), "cool and full")
        judged.check(law.level == 0, "in the end nothing rests")
        ends = time.monotonic() + SECONDS
        while len(acts(country)) < changes and time.monotonic() < ends:
            time.sleep(1)
        found = acts(country)
        judged.check(len(found) == changes, f"{len(found)} acts for {changes} changes")
        judged.check(found[-1]["public"]["resting"] == [] and found[-1]["public"]["basis"] != "", f"the last act: {found[-1]}")
        country.stop()
        supply.stop()
        log = Path(work + "/log.txt").read_text()
        judged.check("panicked" not in log, "the program panicked:\n" + log)
    judged.close()
    sys.exit(1 if judged.failed else 0)


if __name__ == "__main__":
    main()
