"""The real program as processes: a country and its witness, made as an operator makes them, entered as people enter."""

import hashlib
import hmac
import html
import http.client
import json
import os
import re
import select
import signal
import struct
import subprocess
import time
import urllib.parse
from base64 import b32decode
from pathlib import Path

BINARY = os.environ.get("DAFTAR_BIN", "daftar")
ROOT = Path(os.environ.get("DAFTAR_ROOT") or Path(__file__).resolve().parents[2])
WITNESS = "witness.example/faults"
PASSWORD = "plough lantern 73 estuary"
# A start is measured until the first answer; a machine that stands still is given up on.
GIVE_UP_SECONDS = 60


def connect(address):
    """A new line to an address; a judge that reaches a country otherwise replaces it."""
    return http.client.HTTPConnection(address, timeout=GIVE_UP_SECONDS)


def totp(secret, step):
    """RFC 6238 with SHA-1, six digits."""
    digest = hmac.new(b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack_from('>I', digest, place)[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Process:
    """A child that can be killed in any state and started again at the same address."""

    def __init__(self, arguments, log_path):
        self.arguments, self.log_path, self.child, self.line = arguments, log_path, None, ""

    def start(self, listen):
        with open(self.log_path, "ab") as log:
            command = [BINARY, *map(str, self.arguments), "--listen", listen]
            self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        if not select.select([self.child.stdout], [], [], GIVE_UP_SECONDS)[0]:
            raise RuntimeError(f"no word from {command} in {GIVE_UP_SECONDS} s")
        self.line = self.child.stdout.readline().decode()
        found = re.search(r"http://(127\.0\.0\.1:\d+)", self.line)
        if not found:
            self.kill()
            raise RuntimeError(f"{' '.join(command)} did not start:\n" + Path(self.log_path).read_text()[-3000:])
        return found[1]

    def kill(self):
        if self.child:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
            self.child.stdout.close()
            self.child = None


class Browser:
    """One visitor with cookies, who fills in the forms that the pages show."""

    def __init__(self, address):
        self.address, self.cookies = address, {}

    def ask(self, method, path, fields=None):
        body = urllib.parse.urlencode(fields) if fields is not None else None
        headers = {"accept-language": "en", "cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        line = connect(self.address)
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}\n{re.sub('<[^>]+>', ' ', text)[:1500]}")
        return text, answer.headers.get("location")

    def hidden(self, text, name):
        return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', text)[1])

    def post(self, page, path, fields):
        """Posts a form of this page, given as its text, with the page's token."""
        return self.ask("POST", path, {"csrf": self.hidden(page, "csrf"), **fields})

    def enrol(self, path, fields):
        """Follows a one-time link: password, authenticator app, first code. Gives the app's secret and its next step."""
        page, _ = self.ask("GET", path)
        page, _ = self.post(page, path, {"password": PASSWORD, **fields})
        secret = re.sub(r"\s", "", re.search(r'<code dir="ltr">([A-Z2-7 ]{30,})</code>', page)[1])
        # A code counts once; codes of neighbouring steps are taken too, so nobody has to wait for the next.
        step = int(time.time()) // 30
        self.post(page, path + "/code", {"code": totp(secret, step - 1)})
        return secret, step


class Country:
    """An installation of its own on one engine, with a witness that stands apart."""

    def __init__(self, folder, engine, store_url):
        self.folder, self.engine = Path(folder), engine
        self.store = ["--store", store_url] if store_url else []
        self.data = self.folder / "data"
        self.place = ["--data", self.data, "--country", ROOT / "country/demo", *self.store]
        self.program = Process([*self.place, "serve"], self.folder / "program.log")
        logs = ["--name", WITNESS, "--logs", self.folder / "log-keys"]
        self.witness = Process(["--data", self.folder / "witness", "witness", *logs], self.folder / "witness.log")
        self.address, self.witness_address, self.token = "127.0.0.1:0", "127.0.0.1:0", ""

    def run(self, *arguments):
        """Runs a verb on this installation; gives the exit code and everything it said."""
        command = [BINARY, *map(str, self.place), *map(str, arguments)]
        quiet = {**os.environ, "DAFTAR_LOG_LEVEL": "warn"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
        return done.returncode, done.stdout + done.stderr

    def start(self):
        """Starts the program; gives the seconds until it answered."""
        begun = time.monotonic()
        self.address = self.program.start(self.address)
        self.get("/log/acts/checkpoint", any_status=True)
        return time.monotonic() - begun

    def get(self, path, any_status=False, address=None):
        line = connect(address or self.address)
        line.request("GET", path)
        answer = line.getresponse()
        body = answer.read()
        line.close()
        if answer.status != 200 and not any_status:
            raise RuntimeError(f"GET {path}: {answer.status}")
        return body

    def found(self):
        """Founds the country: the first administrator by the printed link, a witness, a registrar who signs in."""
        code, said = self.run("init")
        link = re.search(r"http://\S+?(/enrol/\S+)", said)
        if code or not link:
            raise RuntimeError(f"daftar init: {said}")
        self.start()
        keys = [line.split()[1] for line in self.policy().splitlines() if line.startswith("log ")]
        (self.folder / "log-keys").write_text("\n".join(keys) + "\n")
        self.witness_address = self.witness.start(self.witness_address)
        key = self.witness.line.split()[2]
        policy = f"witness one {key} http://{self.witness_address}\nquorum one\n"
        (self.data / "policy").write_text(policy)
        self.program.kill()
        self.start()
        self.token = self.registrar(link[1])

    def policy(self):
        return self.get("/trust/policy").decode()

    def registrar(self, link):
        admin = Browser(self.address)
        secret, step = admin.enrol(link, {"login": "first.admin", "name": "First Admin"})
        page, _ = admin.ask("GET", "/sign-in")
        page, _ = admin.post(page, "/sign-in", {"login": "first.admin", "password": PASSWORD, "next": ""})
        signed = {"challenge": admin.hidden(page, "challenge"), "code": totp(secret, step), "next": ""}
        admin.post(page, "/sign-in/code", signed)
        page, _ = admin.ask("GET", "/desk/officials/new")
        invited, _ = admin.post(page, "/desk/officials/new", {"name": "Clerk", "login": "clerk"})
        account = re.search(r"/desk/officials/([0-9a-f-]{32,36})", invited)[0]
        admin.post(page, account + "/assign", {"role": "registrar", "office": "civil-registry-north"})
        link = re.search(r"/enrol/[^<\s\"]+", invited)[0]
        secret, step = Browser(self.address).enrol(link, {})
        asked = {"login": "clerk", "password": PASSWORD, "code": totp(secret, step)}
        line = connect(self.address)
        line.request("POST", "/api/v1/session", json.dumps(asked), {"content-type": "application/json"})
        answer = line.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"the registrar cannot sign in: {answer.status} {said[:500]}")
        return json.loads(said)["token"]

    def end(self):
        self.program.kill()
        self.witness.kill()
