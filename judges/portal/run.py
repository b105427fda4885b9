#!/usr/bin/env python3
"""Judges the portal from outside: nothing here knows how Daftar is made, only what it serves.

Starts a small demo country on a free port and lets programs that nobody here wrote look at it:
axe-core and the Nu HTML checker on every page in English and Arabic, Playwright with Debian's Chromium on the
citizen's and the officer's tasks (JavaScript off and on), schemathesis over the OpenAPI document, and a QR reader with
openssl on the printed papers. Before that, axe and Nu are shown a bad page: a checker that finds nothing judges nothing.
Ends with `N passed, N failed, N skipped`.

    run.py [--picture]

With --picture it also writes docs/portal.png, the picture in the README.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get("DAFTAR_ROOT") or HERE.parent.parent)
CACHE = pathlib.Path(os.environ.get("DAFTAR_JUDGE_CACHE", pathlib.Path.home() / ".cache/daftar/judges/portal"))
BINARY = os.environ.get("DAFTAR_BIN", "daftar")
PYTHON_PACKAGES = ["schemathesis==4.32.5", "zxing-cpp==3.1.1", "pillow==13.0.0"]
PROGRAMS = ("chromium", "java", "node", "npm", "pdftoppm", "openssl")
SUM = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
BAD_PAGE = "<!DOCTYPE html><html lang=en><title>Bad</title><h1>Bad</h1><img src=/crest.svg><p><div></p></html>"

total = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, failed, skipped=0):
    total["passed"] += passed
    total["failed"] += failed
    total["skipped"] += skipped


def check(good, what):
    count(1 if good else 0, 0 if good else 1)
    if not good:
        print(f"FAIL {what}", flush=True)


def install():
    """Brings the judges into the cache, outside the tree."""
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        sys.exit(f"{', '.join(missing)} missing: cargo xtask setup installs it")
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text()
    have = CACHE / "package.json"
    if not have.exists() or have.read_text() != wanted or not (CACHE / "node_modules").exists():
        have.write_text(wanted)
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=CACHE, check=True)
    venv = CACHE / "venv"
    stamp = venv / "packages.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(PYTHON_PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PYTHON_PACKAGES], check=True)
        stamp.write_text("\n".join(PYTHON_PACKAGES))
    # The scripts find their packages beside themselves.
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, CACHE / script.name)
    return venv


def versions(venv):
    packages = json.loads(subprocess.run(["npm", "ls", "--json", "--depth=0"], cwd=CACHE, capture_output=True, text=True).stdout)
    print("npm: " + ", ".join(f"{name} {about['version']}" for name, about in packages["dependencies"].items()))
    print("PyPI: " + ", ".join(PYTHON_PACKAGES))
    for command in (["chromium", "--version"], ["node", "--version"], ["openssl", "version"], ["pdftoppm", "-v"], ["java", "-version"]):
        done = subprocess.run(command, capture_output=True, text=True)
        print((done.stdout or done.stderr).strip().splitlines()[0], flush=True)


class Country:
    """A demo country on a free port, gone afterwards."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="daftar-judge-")
        log = open(pathlib.Path(self.folder.name) / "log.txt", "w+")
        self.log = log
        command = [BINARY, "--data", self.folder.name + "/data", "demo", "--population", "600", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group(0)
                # Nobody reads the rest; a full pipe must not stop the country.
                subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
                return self
        log.seek(0)
        sys.exit("the demo country did not start:\n" + log.read())

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)
        self.folder.cleanup()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read()

    def accidents(self):
        """What the program's log says of requests that failed by its own fault; "not yet" (503) is none."""
        self.log.seek(0)
        plain = (re.sub(r"\x1b\[[0-9;]*m", "", line) for line in self.log)
        return [line for line in plain if "request failed" in line and "status=503" not in line]


def run(title, command, **kwargs):
    """Runs a program that ends with the sum, and adds it up."""
    print(f"-- {title}", flush=True)
    started = time.monotonic()
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kwargs)
    print(done.stdout, end="")
    print(f"   {time.monotonic() - started:.0f} s", flush=True)
    found = SUM.findall(done.stdout)
    if not found:
        print(f"{title} did not say its sum (exit {done.returncode})")
        count(0, 1)
    else:
        count(*map(int, found[-1]))


def nu_errors(files):
    """Errors of the W3C's Nu checker, by file."""
    jar = CACHE / "node_modules/vnu-jar/build/dist/vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True)
    return [message for message in json.loads(done.stderr)["messages"] if message["type"] != "info"]


def nu_checker(pages):
    print("-- Nu HTML checker", flush=True)
    files = sorted(pages.glob("*.html"))
    errors = nu_errors(files)
    for message in errors[:40]:
        name = pathlib.Path(urllib.request.url2pathname(message.get("url", "?"))).name
        print(f"FAIL {name}:{message.get('lastLine')}: {message['message']}")
    bad = {message.get("url") for message in errors}
    print(f"{len(files)} pages")
    check(len(files) > 100, f"only {len(files)} pages were kept")
    count(len(files) - len(bad), len(bad))


def can_fail(country, environment):
    """Both checkers of pages must find a bad page bad."""
    print("-- a bad page is found", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "en-bad.html").write_text(BAD_PAGE)
        check(len(nu_errors([folder / "en-bad.html"])) > 1, "Nu finds nothing wrong with a bad page")
        command = ["node", str(CACHE / "kept.mjs"), country.url, name]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        check("image-alt" in done.stdout, f"axe finds nothing wrong with a bad page: {done.stdout}")


def fuzz(country, venv):
    """schemathesis over the whole OpenAPI document: as a registrar, a citizen, a partner, and what ends the own session last."""
    fixtures = json.loads(country.get("/demo/fixtures.json"))
    # Somebody whom no other judge needs: corrections are part of it.
    environment = {**os.environ, "PERSON": fixtures["stranger"], "RECEIPT": fixtures["receipt"], "CONSENT": fixtures["consent"]}
    program = [str(venv / "bin/schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run"]
    asked = set()
    for who, token, chosen in (
        ("registrar", "registrar_token", "^/api/v1/(people|receipts)"),
        ("citizen", "citizen_token", "^/api/v1/(me|receipts)"),
        ("partner", "partner_token", "^/api/v1/(verify|consents|kyc|card-status)"),
        ("somebody signing in and out", "ending_token", "^/api/v1/session"),
    ):
        print(f"-- schemathesis as {who}", flush=True)
        command = [*program, country.url + "/api/openapi.json", "--header", f"Authorization: Bearer {fixtures[token]}",
            "--include-path-regex", chosen, "--seed", "1", "--no-color"]
        # What it remembers of its examples belongs to the cache, not to the tree.
        done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, env=environment)
        generated = re.search(r"(\d+) generated", done.stdout)
        print(done.stdout[-6000:] + done.stderr if done.returncode else f"ok {generated and generated.group(0)}", flush=True)
        check(done.returncode == 0, f"schemathesis as {who}")
        check(generated and int(generated.group(1)) > 30, f"schemathesis as {who} generated too little")
        asked.add(chosen)
    # The cloud's own judge fuzzes its routes.
    asked.add("^/api/v1/cloud/")
    document = json.loads(country.get("/api/openapi.json"))
    for path in document["paths"]:
        check(any(re.match(chosen, path) for chosen in asked), f"{path} was left out of the fuzzing")


def papers(country, venv, folder):
    """The QR codes of everything that was printed on the way, in both languages."""
    keys = folder / "keys.pem"
    keys.write_bytes(country.get("/trust/certificate-keys.pem"))
    printed = sorted(folder.glob("*.pdf"))
    check(len(printed) >= 4, f"only {len(printed)} papers were printed")
    run("QR codes of cards and certificates", [str(venv / "bin/python"), str(HERE / "qr_check.py"), *map(str, printed), str(keys)])


def main():
    venv = install()
    versions(venv)
    environment = {**os.environ, "NODE_PATH": str(CACHE / "node_modules")}
    picture = [str(ROOT / "docs/portal.png")] if "--picture" in sys.argv[1:] else []
    with Country() as country, tempfile.TemporaryDirectory() as walked, tempfile.TemporaryDirectory() as kept:
        can_fail(country, environment)
        node = lambda script, folder: ["node", str(CACHE / script), country.url, folder]
        # First, while every example of the list is still there.
        run("axe on every page", node("walk.mjs", walked), env=environment)
        run("journeys", [*node("journeys.mjs", kept), *picture], env=environment)
        run("every form, sent empty", node("forms.mjs", kept), env=environment)
        run("axe on the answers to forms", node("kept.mjs", kept), env=environment)
        papers(country, venv, pathlib.Path(kept))
        for page in pathlib.Path(walked).glob("*.html"):
            shutil.copy(page, kept)
        nu_checker(pathlib.Path(kept))
        fuzz(country, venv)
        accidents = country.accidents()
        check(not accidents, "the program's log speaks of accidents:\n" + "".join(accidents[:10]))
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    sys.exit(1 if total["failed"] else 0)


if __name__ == "__main__":
    main()
