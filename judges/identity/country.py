"""A demo country on a free port, and one of its people at a browser that speaks plain HTTP."""

import hashlib
import hmac
import html
import http.client
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
from base64 import b32decode
from pathlib import Path

BINARY = os.environ.get("DAFTAR_BIN", "daftar")
PASSWORD = "plough lantern 73 estuary"


def totp(secret, step):
    """RFC 6238 with SHA-1, six digits."""
    digest = hmac.new(b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack_from('>I', digest, place)[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Country:
    """A demo country, gone afterwards. With a name of its own it is `localhost`: a passkey belongs to a name, never to an address."""

    def __init__(self, named=False, store=None):
        self.named, self.store = named, ["--store", store] if store else []

    def __enter__(self):
        port, environment = 0, dict(os.environ)
        if self.named:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            environment["DAFTAR_OPENID_ISSUER"] = f"http://localhost:{port}"
        self.folder = tempfile.TemporaryDirectory(prefix="daftar-judge-")
        self.log = open(Path(self.folder.name) / "log.txt", "w+")
        command = [BINARY, *self.store, "demo", "--population", "200", "--listen", f"127.0.0.1:{port}", "--data", self.folder.name + "/data"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True, env=environment)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = f"http://localhost:{port}" if self.named else found.group(0)
                # Nobody reads the rest; a full pipe must not stop the country.
                subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
                return self
        self.log.seek(0)
        sys.exit("the demo country did not start:\n" + self.log.read())

    def __exit__(self, *_):
        # Some have ended it already.
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=20)
        self.folder.cleanup()


class There:
    """A country that somebody else has opened."""

    def __init__(self, url):
        self.url = url


class Tally:
    """What one program found; a failure is said at once."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {what}")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed, 0 skipped")


class Browser:
    """One visitor with cookies for each host, who follows redirects and fills in the forms that pages show."""

    def __init__(self, country):
        self.country, self.cookies, self.path, self.text, self.status = country, {}, "", "", 0

    def ask(self, method, url, fields=None, follow=True):
        url = urllib.parse.urljoin(self.country.url, url)
        for _ in range(12):
            parts = urllib.parse.urlsplit(url)
            jar = self.cookies.setdefault(parts.netloc, {})
            body = urllib.parse.urlencode(fields) if fields is not None else None
            headers = {"accept": "text/html", "accept-language": "en", "cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
            if body is not None:
                headers["content-type"] = "application/x-www-form-urlencoded"
            line = http.client.HTTPConnection(parts.netloc, timeout=30)
            line.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers)
            answer = line.getresponse()
            self.text, self.status, self.path = answer.read().decode(errors="replace"), answer.status, url
            for cookie in answer.headers.get_all("set-cookie") or []:
                name, _, value = cookie.split(";")[0].partition("=")
                if "max-age=0" in cookie.lower():
                    jar.pop(name, None)
                else:
                    jar[name] = value
            self.headers, self.location = answer.headers, answer.headers.get("location")
            line.close()
            if not (follow and self.status in (301, 302, 303) and self.location):
                return self.text
            target = urllib.parse.urljoin(url, self.location)
            # Somebody else's address is where the answer goes: the caller hands it over.
            if isinstance(follow, str) and target.startswith(follow):
                self.path = target
                return self.text
            method, url, fields = "GET", target, None
        raise RuntimeError(f"{url} leads round and round")

    def get(self, url, **more):
        return self.ask("GET", url, **more)

    def post(self, url, fields=(), **more):
        return self.ask("POST", url, {"csrf": self.hidden("csrf"), **dict(fields)}, **more)

    def hidden(self, name):
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        if not found:
            raise RuntimeError(f"{self.path} ({self.status}) has no field {name}:\n" + re.sub("<[^>]+>", " ", self.text)[:800])
        return html.unescape(found[1])

    def be(self, who, following="/"):
        self.get("/demo")
        self.post(f"/demo/be/{who}", {"next": following})

    def consent(self, back):
        """Reads the question and says yes; ends at the address of the service with the answer in it."""
        if "/openid/authorization/" not in self.path:
            raise RuntimeError(f"not a question: {self.path} ({self.status})")
        return self.post(self.path, follow=back)


def open_account(country):
    """Opens Amina's account with the code of her letter: a password and an authenticator app of her own."""
    browser = Browser(country)
    browser.get("/demo/outbox")
    browser.post("/demo/outbox")
    letter = re.sub(r"<[^>]+>", " ", browser.text)
    code = re.search(r"\b[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]\b", letter)[0]
    browser.get("/claim")
    browser.post("/claim", {"activation": code})
    link = urllib.parse.urlsplit(browser.path).path
    browser.post(link, {"login": "amina.judge", "password": PASSWORD})
    secret = re.sub(r"\s", "", re.search(r'<code dir="ltr">([A-Z2-7 ]{30,})</code>', browser.text)[1])
    # A code counts once, and those of neighbouring steps are taken too: the earlier one now leaves the present one for later.
    step = int(time.time()) // 30
    browser.post(link + "/code", {"code": totp(secret, step - 1)})
    return {"login": "amina.judge", "password": PASSWORD, "secret": secret}


def register(country, name, redirect, method="secret", keys="", scopes=("profile", "email", "phone", "address"), **more):
    """An official registers a service on its page; gives what the page shows once."""
    browser = Browser(country)
    browser.be("senior", "/desk/services/new")
    browser.get("/desk/services/new")
    fields = {
        "name": name, "organisation": "Judges of Daftar", "agency": "", "why-en": "To see whether it works.",
        "redirect_uris": "\n".join(redirect if isinstance(redirect, list) else [redirect]), "method": method, "keys": keys,
        **{scope: "on" for scope in scopes}, **more,
    }
    browser.post("/desk/services/new", fields)
    shown = re.findall(r"<code[^>]*>([^<]+)</code>", browser.text)
    if browser.status != 200 or not shown:
        raise RuntimeError(f"{name} was not registered ({browser.status}): " + re.sub("<[^>]+>", " ", browser.text)[:1500])
    return {"client_id": shown[0], "client_secret": shown[1] if method == "secret" else None}
