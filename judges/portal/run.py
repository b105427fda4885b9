#!/usr/bin/env python3
"""Judges the portal from outside: nothing here knows how Daftar is made, only what it serves.

Starts a small demo country on a free port and lets programs that nobody here wrote look at it:
axe-core and the Nu HTML checker on every page in English and Arabic, Playwright with Debian's Chromium on the
citizen's and the officer's tasks (JavaScript off and on), schemathesis over the OpenAPI document, and a QR reader with
openssl on the printed card. Ends with `N passed, N failed, N skipped`.
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
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("DAFTAR_JUDGE_CACHE", pathlib.Path.home() / ".cache/daftar/judges/portal"))
BINARY = os.environ.get("DAFTAR_BIN", "daftar")
PYTHON_PACKAGES = ["schemathesis==4.32.5", "zxing-cpp", "pillow", "cryptography"]
SUM = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped")

total = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, failed, skipped=0):
    total["passed"] += passed
    total["failed"] += failed
    total["skipped"] += skipped


def install():
    """Brings the judges into the cache, outside the tree."""
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
    for program in ("chromium", "java", "node", "pdftoppm", "openssl"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is missing: cargo xtask setup installs it")
    return venv


class Country:
    """A demo country on a free port, gone afterwards."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="daftar-judge-")
        log = open(pathlib.Path(self.folder.name) / "log.txt", "w+")
        self.log = log
        command = [BINARY, "demo", "--population", "600", "--listen", "127.0.0.1:0", "--data", self.folder.name + "/data"]
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


def run(title, command, **kwargs):
    """Runs a program that ends with the sum, and adds it up."""
    print(f"-- {title}", flush=True)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kwargs)
    print(done.stdout, end="", flush=True)
    found = SUM.findall(done.stdout)
    if not found:
        print(f"{title} did not say its sum (exit {done.returncode})")
        count(0, 1)
    else:
        count(*map(int, found[-1]))


def nu_checker(pages):
    """The W3C's Nu checker over the pages that the walk stored."""
    print("-- Nu HTML checker", flush=True)
    files = sorted(pages.glob("*.html"))
    jar = CACHE / "node_modules/vnu-jar/build/dist/vnu.jar"
    done = subprocess.run(
        ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", *map(str, files)], capture_output=True, text=True
    )
    messages = json.loads(done.stderr or '{"messages":[]}')["messages"]
    errors = [m for m in messages if m["type"] == "error"]
    for message in errors[:40]:
        print(f"FAIL {pathlib.Path(message.get('url', '?')).name}:{message.get('lastLine')}: {message['message']}")
    bad = {m.get("url") for m in errors}
    if not files:
        print("no pages were stored")
    count(len(files) - len(bad), len(bad) if files else 1)


def fuzz(country, venv):
    """schemathesis over the OpenAPI document, signed in as the demo's registrar."""
    print("-- schemathesis", flush=True)
    token = json.loads(country.get("/demo/fixtures.json"))["registrar_token"]
    done = subprocess.run(
        [
            str(venv / "bin/schemathesis"), "run", country.url + "/api/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--max-examples", "25", "--seed", "1",
            "--workers", "1", "--request-timeout", "20", "--no-color",
            "--exclude-checks", "positive_data_acceptance",
            "--exclude-operation-id", "delete_session",
        ],
        capture_output=True, text=True,
    )
    print(done.stdout[-6000:])
    count(1 if done.returncode == 0 else 0, 0 if done.returncode == 0 else 1)


def main():
    venv = install()
    versions = subprocess.run(["npm", "ls", "--depth=0"], cwd=CACHE, capture_output=True, text=True).stdout.strip()
    print(versions)
    print(subprocess.run(["chromium", "--version"], capture_output=True, text=True).stdout.strip())
    environment = {**os.environ, "NODE_PATH": str(CACHE / "node_modules")}
    with Country() as country, tempfile.TemporaryDirectory() as pages:
        pages = pathlib.Path(pages)
        for script in ("walk.mjs", "journeys.mjs", "browser.mjs"):
            shutil.copy(HERE / script, CACHE / script)
        run("axe on every page", ["node", str(CACHE / "walk.mjs"), country.url, str(pages)], env=environment)
        nu_checker(pages)
        run("journeys", ["node", str(CACHE / "journeys.mjs"), country.url], env=environment)
        fuzz(country, venv)
        card = pages / "card.pdf"
        keys = pages / "keys.pem"
        if (pages / "card.pdf").exists():
            keys.write_bytes(country.get("/trust/certificate-keys.pem"))
            run("QR code of the card", [str(venv / "bin/python"), str(HERE / "qr_check.py"), str(card), str(keys)])
        else:
            print("the walk stored no card")
            count(0, 1)
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    sys.exit(1 if total["failed"] else 0)


if __name__ == "__main__":
    main()
