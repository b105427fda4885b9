#!/usr/bin/env python3
"""Judges signing in with Daftar from outside, with relying parties that nobody here wrote.

Starts a small demo country, registers each party on the page where officials do, and lets it complete a sign-in: Debian's
Apache with mod_auth_openidc, npm's openid-client, PyPI's Authlib. The person signs in with a password and a one-time code,
in Chromium and by plain HTTP, reads the question and consents. Then each is given a wrong state, nonce or audience and must
refuse it. People and officials do what the register is for: a child beside its guardian, a complaint by a refusal's paper, two
records decided by two officials, a paper from home, a partner's question allowed and taken back. In a second country the person adds a passkey in Chromium, whose own authenticator makes it, and signs in with it.
Ends with `N passed, N failed, N skipped`.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("DAFTAR_JUDGE_CACHE", pathlib.Path.home() / ".cache/daftar/judges/identity"))
PYTHON_PACKAGES = ["Authlib==1.9.9", "requests", "python-stdnum==2.2", "cryptography"]
SUM = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped")
total = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, failed, skipped=0):
    total["passed"] += passed
    total["failed"] += failed
    total["skipped"] += skipped


def install():
    """Brings the judges into the cache, outside the tree."""
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted, have = (HERE / "package.json").read_text(), CACHE / "package.json"
    if not have.exists() or have.read_text() != wanted or not (CACHE / "node_modules").exists():
        have.write_text(wanted)
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=CACHE, check=True)
    venv, listed = CACHE / "venv", "\n".join(PYTHON_PACKAGES)
    stamp = venv / "packages.txt"
    if not stamp.exists() or stamp.read_text() != listed:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PYTHON_PACKAGES], check=True)
        stamp.write_text(listed)
    return venv / "bin/python"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(title, command, **kwargs):
    """Runs a program that ends with the sum, and adds it up."""
    print(f"-- {title}", flush=True)
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, **kwargs)
    print(done.stdout, end="", flush=True)
    found = SUM.findall(done.stdout)
    if found:
        count(*map(int, found[-1]))
    else:
        print(f"{title} did not say its sum (exit {done.returncode})")
        count(0, 1)


def main():
    python = install()
    sys.path.insert(0, str(HERE))
    from country import Country, open_account, register

    print(subprocess.run(["npm", "ls", "--depth=0"], cwd=CACHE, capture_output=True, text=True).stdout.strip())
    print(subprocess.run(["chromium", "--version"], capture_output=True, text=True).stdout.strip())
    with Country() as country:
        account = open_account(country)
        environment = {**os.environ, "NODE_PATH": str(CACHE / "node_modules"), "PYTHONPATH": str(HERE)}
        given = {"issuer": country.url, "account": account}
        given["back"] = f"http://127.0.0.1:{free_port()}/back"
        given["client"] = register(country, "openid-client", given["back"], refresh="on")
        shutil.copy(HERE / "rp.mjs", CACHE / "rp.mjs")
        run("npm openid-client, with Chromium", ["node", str(CACHE / "rp.mjs"), json.dumps(given)], env=environment)
        run("PyPI Authlib", [str(python), str(HERE / "authlib_rp.py"), json.dumps(given)], env=environment)
        run("Debian Apache, mod_auth_openidc", [str(python), str(HERE / "apache.py"), json.dumps(given)], env=environment)
        tasks = {"issuer": country.url, "client": register(country, "Judges' Fund", f"http://127.0.0.1:{free_port()}/back", own="on")}
        shutil.copy(HERE / "tasks.mjs", CACHE / "tasks.mjs")
        run("Chromium without JavaScript, on what people and officials do", ["node", str(CACHE / "tasks.mjs"), json.dumps(tasks)], env=environment)
        run("PyPI python-stdnum", [str(python), str(HERE / "check_digits.py"), json.dumps(given)], env=environment)
    # Passkeys belong to a name, so their country has one.
    with Country(named=True) as country:
        given = {"issuer": country.url, "account": open_account(country), "back": f"http://127.0.0.1:{free_port()}/back"}
        given["client"] = register(country, "Passkey clinic", given["back"])
        shutil.copy(HERE / "passkey.mjs", CACHE / "passkey.mjs")
        run("Chromium's own authenticator, with npm openid-client", ["node", str(CACHE / "passkey.mjs"), json.dumps(given)], env=environment)
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    sys.exit(1 if total["failed"] else 0)


if __name__ == "__main__":
    main()
