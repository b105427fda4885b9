"""One machine: made from nothing over HTTPS, watched, packaged, shipped to an archive under kill -9 and restored to past seconds,
and replaced by another version under load. Judged by openssl, curl, promtool, lintian, systemd-analyze, sqlite3 and a ledger
kept outside."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
from country import BINARY, ROOT, Country, Process  # noqa: E402
from ledger import Ledger  # noqa: E402

FULL = "--full" in sys.argv
START_SECONDS, MEMORY_MB = 30, 1024
passed = failed = skipped = 0


def check(what, good, found=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(("ok    " if good else "FAIL  ") + what + (f": {found}" if found and not good else ""), flush=True)
    return good


def said(*command, text="", env=None):
    done = subprocess.run(
        [str(part) for part in command], input=text, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, **(env or {})},
    )
    return done.returncode, done.stdout + done.stderr


def memory_mb(pid):
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def until(good, seconds=60):
    for _ in range(seconds * 10):
        if good():
            return True
        time.sleep(0.1)
    return False


class Up:
    """`daftar up` on an empty folder."""

    def __init__(self, folder, *more, env=None, program=BINARY):
        self.data, self.log = folder / "data", folder / "up.log"
        self.begun = time.monotonic()
        self.lines = []
        self.child = subprocess.Popen(
            [program, "--data", self.data, "up", "--listen", "127.0.0.1:0", *more],
            stdout=subprocess.PIPE, stderr=open(self.log, "ab"), stdin=subprocess.DEVNULL, text=True,
            env={**os.environ, **(env or {})},
        )
        first = self.child.stdout.readline()
        found = re.search(r"(https?)://[^\s:]+:(\d+)", first)
        if not found:
            raise RuntimeError(f"daftar up: {first}{self.log.read_text()[-2000:]}")
        self.port = int(found[2])
        threading.Thread(target=lambda: self.lines.extend(self.child.stdout), daemon=True).start()

    def end(self):
        self.child.terminate()
        return self.child.wait(timeout=60)


def fresh(folder):
    up = Up(folder)
    authority = up.data / "tls/authority.crt"
    place = f"127.0.0.1:{up.port}"
    code, page = said("curl", "-sS", "--cacert", authority, f"https://{place}/")
    seconds = time.monotonic() - up.begun
    check("curl trusts it by its own authority and is answered", code == 0 and "<html" in page, page[:300])
    check(f"served {seconds:.2f} s after the command, at most {START_SECONDS}", seconds <= START_SECONDS)
    used = memory_mb(up.child.pid)
    check(f"takes {used:.0f} MB, at most {MEMORY_MB}", used <= MEMORY_MB)
    check("curl refuses it without that authority", said("curl", "-sS", f"https://{place}/")[0] == 60)
    check("openssl verifies the certificate", said("openssl", "verify", "-CAfile", authority, up.data / "tls/server.crt")[0] == 0)
    for version, wanted in (("tls1_3", True), ("tls1_2", True), ("tls1_1", False), ("tls1", False)):
        ask = ("openssl", "s_client", "-connect", place, "-CAfile", authority, "-verify_return_error", f"-{version}")
        code, _ = said(*ask, "-cipher", "ALL:@SECLEVEL=0") if not wanted else said(*ask)
        check(f"openssl speaks {version}: {'yes' if wanted else 'refused'}", (code == 0) == wanted)
    weak = said("openssl", "s_client", "-connect", place, "-tls1_2", "-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0")[0]
    check("TLS 1.2 without forward secrecy is refused", weak != 0)
    code, public = said("curl", "-sSk", f"https://{place}/authority.crt")
    check("the authority's certificate is handed out", public == authority.read_text())
    constraints = said("openssl", "x509", "-in", authority, "-noout", "-ext", "nameConstraints,basicConstraints")[1]
    check("the authority signs for its own names only", "Permitted" in constraints and "pathlen:0" in constraints, constraints)
    for secret in ("tls/authority.key", "tls/server.key", "metrics.token", "keys/root.key"):
        check(f"{secret} is its owner's alone", (up.data / secret).stat().st_mode & 0o077 == 0)
    words = "".join(up.lines)
    check("it says what is next", all(word in words for word in ("/enrol/", "witness", "example country")), words)
    watched(up, authority, place)
    check("it ends when told to, with 0", up.end() == 0)
    again = Up(folder)
    check("a second start keeps authority and record", again.data.joinpath("tls/authority.crt").read_text() == public)
    again.end()


def watched(up, authority, place):
    curl = ("curl", "-sS", "--cacert", authority)
    token = (up.data / "metrics.token").read_text().strip()
    code = said(*curl, "-o", "/dev/null", "-w", "%{http_code}", f"https://{place}/metrics")[1]
    check("without the token there are no metrics", code == "404", code)
    shown = ("-H", f"Authorization: Bearer {token}", f"https://{place}/metrics")
    _, metrics = said(*curl, *shown)
    code, found = said("promtool", "check", "metrics", text=metrics)
    check("promtool finds nothing in the metrics", code == 0 and not found.strip(), found or metrics[:500])
    _, metrics = said(*curl, "-H", "Accept: application/openmetrics-text", *shown)
    check("OpenMetrics when asked for", metrics.endswith("# EOF\n"), metrics[-200:])
    for number in range(40):
        said(*curl, "-o", "/dev/null", f"https://{place}/nothing/{number}")
    _, metrics = said(*curl, *shown)
    lines = [line for line in metrics.splitlines() if not line.startswith("#")]
    check(f"labels stay few whatever is asked ({len(lines)} lines)", len(lines) < 80 and "/nothing" not in metrics)
    words = {"en": "Looking things up", "fr": "Consulter", "ar": "الاطلاع"}
    for language, word in words.items():
        _, page = said(*curl, "-H", f"Accept-Language: {language}", f"https://{place}/status")
        check(f"/status speaks {language}", word in page, page[:200])


def packaged(folder):
    """The package as Debian's and systemd's own tools see it."""
    command = ["cargo", "xtask", "package", "--program", BINARY, "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    packages = list(folder.glob("*.deb"))
    if not check("the package is built", done.returncode == 0 and packages, done.stdout + done.stderr):
        return
    code, found = said("lintian", "--allow-root", "--fail-on", "error,warning", packages[0])
    check("lintian finds neither error nor warning", code == 0, found)
    tree = folder / "tree"
    said("dpkg-deb", "-x", packages[0], tree)
    unit = tree / "lib/systemd/system/daftar.service"
    _, found = said("systemd-analyze", "security", "--offline=true", unit)
    level = re.search(r"exposure level for daftar.service: ([\d.]+)", found)
    check("systemd-analyze: exposure at most 2.0", level and float(level[1]) <= 2.0, found[-300:])
    if level:
        print(f"      exposure {level[1]}")
    check("the packaged program runs", said(tree / "usr/bin/daftar", "--version")[1].startswith("daftar "))
    check("manual pages and completions are there", (tree / "usr/share/man/man1/daftar.1.gz").is_file()
          and (tree / "usr/share/bash-completion/completions/daftar").is_file())
    medium(folder, packages[0])


def medium(folder, package):
    place, key = folder / "medium", folder / "signing"
    place.mkdir()
    shutil.copy(package, place)
    _, public = said(BINARY, "update", "key", "releases.example", key)
    (folder / "public").write_text(public)
    said(BINARY, "update", "sign", place, "--key", key, "--release", "9.9.9", "--number", "7")
    for number, good in ((6, True), (7, True), (8, False)):
        (folder / "installed").write_text(f"{number}\n")
        code, words = said(BINARY, "update", "check", place, "--key", folder / "public", "--installed", folder / "installed")
        check(f"a medium of number 7 over {number}: {'good' if good else 'refused'}", code == (0 if good else 1), words)
    (folder / "installed").write_text("1\n")
    with open(place / package.name, "ab") as file:
        file.write(b"x")
    code, words = said(BINARY, "update", "check", place, "--key", folder / "public", "--installed", folder / "installed")
    check("a changed package is named", code == 1 and "was changed" in words, words)


class Load:
    """Clients that register people, note when each was sent and acknowledged, and count what failed."""

    def __init__(self, country, clients, seed):
        self.country, self.ledger = country, Ledger(seed)
        self.sent, self.told, self.failures, self.stop = {}, {}, [], threading.Event()
        self.patient = True
        self.threads = [threading.Thread(target=self.client, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def client(self):
        line = None
        while not self.stop.is_set():
            act = self.ledger.next()
            self.sent.setdefault(act.key, time.time())
            try:
                fresh_line = line is None
                line = line or http.client.HTTPConnection(self.country.address, timeout=30)
                headers = {"content-type": "application/json", "authorization": f"Bearer {self.country.token}",
                           "idempotency-key": act.key}
                line.request("POST", "/api/v1/people", act.body, headers)
                answer = line.getresponse()
                answer.read()
                if answer.will_close:
                    line.close()
                    line = None
                if answer.status in (200, 201):
                    self.told[act.key] = time.time()
                else:
                    self.failures.append(f"status {answer.status}")
                    self.ledger.cut_off(act)
            except (OSError, http.client.HTTPException) as error:
                if line:
                    line.close()
                line = None
                # A line that rested may close under a request; HTTP has the client send it again on a new one.
                if fresh_line:
                    self.failures.append(repr(error))
                    time.sleep(0.05)
                self.ledger.cut_off(act)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def as_time(moment):
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shipped(folder):
    """kill -9 amid shipping, then past seconds against the outside ledger."""
    country = Country(folder, "sqlite", None)
    archive, keys = folder / "archive", folder / "keys.jsonl"
    os.environ.update(DAFTAR_BACKUP_ARCHIVE=str(archive), DAFTAR_BACKUP_KEYS=str(keys))
    country.program = Process([*country.place, "up", "--plain"], folder / "program.log")
    try:
        country.found()
        check("a snapshot and the key export are written", until(lambda: list(archive.glob("*/snapshot/*/whole")) and keys.is_file()))
        began = time.time()
        load = Load(country, 8, random.randrange(1 << 30))
        kills = 12 if FULL else 4
        for _ in range(kills):
            time.sleep(random.uniform(1.5, 3.5))
            country.program.kill()
            country.start()
        time.sleep(2)
        load.end()
        ended = time.time()
        until(lambda: drilled(country.data), 120)
        check("a drill restored it and found every table equal", drilled(country.data), said("tail", "-5", folder / "program.log")[1])
        country.program.child.terminate()
        country.program.child.wait(timeout=60)
        check(f"{len(load.told)} acts acknowledged over {kills} kills", len(load.told) > 50)
        moments = [random.uniform(began, ended) for _ in range(20 if FULL else 5)] + [ended]
        for number, moment in enumerate(sorted(moments)):
            compare(folder / f"past-{number}", country, archive, keys, moment, load)
    finally:
        country.end()
        for name in ("DAFTAR_BACKUP_ARCHIVE", "DAFTAR_BACKUP_KEYS"):
            os.environ.pop(name)


def drilled(data):
    try:
        return json.loads((data / "drill.json").read_text())["good"]
    except (OSError, ValueError):
        return False


def compare(place, country, archive, keys, moment, load):
    (place / "keys").mkdir(parents=True)
    shutil.copy(country.data / "keys/root.key", place / "keys")
    env = {"DAFTAR_BACKUP_ARCHIVE": "", "DAFTAR_LOG_LEVEL": "warn"}
    restore = [BINARY, "--data", place, "restore", archive, "--keys", keys, "--at", as_time(moment)]
    code, words = said(*restore, env=env)
    if not check(f"restored to {as_time(moment)}", code == 0, words):
        return
    database = place / "daftar.db"
    rows = said("sqlite3", database, "select key from store_idempotency")[1].split()
    there = {row for row in rows if row.startswith("faults-")}
    lost = [key for key, at in load.told.items() if at <= moment and key not in there]
    early = [key for key in there if load.sent.get(key, 0) > moment]
    check(f"of {len(there)} acts none acknowledged before is lost, none sent after is there", not lost and not early,
          f"{len(lost)} lost, {len(early)} from the future")
    check("sqlite3 finds it whole", said("sqlite3", database, "pragma integrity_check")[1].strip() == "ok")
    shutil.copy(country.data / "daftar.toml", place)
    code, words = said(BINARY, "--data", place, "--country", ROOT / "country/demo", "log", "audit", env=env)
    check("the record's own audit finds nothing", code == 0, words[-500:])
    shutil.rmtree(place)


def replaced(folder):
    """Another version takes over under load; an older one is refused."""
    country = Country(folder, "sqlite", None)
    program = folder / "daftar"
    shutil.copy(BINARY, program)
    country.program = Process([*country.place, "up", "--plain"], folder / "program.log")
    import country as module
    module.BINARY = str(program)
    try:
        country.found()
        load = Load(country, 16, random.randrange(1 << 30))
        pids = [country.program.child.pid]
        time.sleep(1)
        for _ in range(5 if FULL else 2):
            shutil.copy(BINARY, folder / "next")
            os.replace(folder / "next", program)
            os.kill(pids[-1], signal.SIGHUP)
            gone = until(lambda: not Path(f"/proc/{pids[-1]}/exe").exists() or defunct(pids[-1]))
            found = said("pgrep", "-f", f"^{program} .*--listen -")[1].split()
            check("the version before has ended, the next one serves", gone and len(found) == 1, found)
            pids.append(int(found[0]) if found else pids[-1])
            time.sleep(1.5)
        load.end()
        check(f"{len(load.told)} idempotent requests, none failed", load.told and not load.failures, load.failures[:5])
        os.kill(pids[-1], signal.SIGTERM)
        until(lambda: defunct(pids[-1]) or not Path(f"/proc/{pids[-1]}/exe").exists())
        rows = said("sqlite3", country.data / "daftar.db", "select count(*) from store_idempotency where key like 'faults-%'")[1]
        check("each is there once", int(rows) >= len(load.told), rows)
        newer = "update store_schema set schema = 9999, min_reader = 9999 where owner = 'identity'"
        code, words = said("sqlite3", country.data / "daftar.db", newer)
        check("the store is of a newer release now", code == 0, words)
        code, words = said(program, *country.place, "up", "--plain", "--listen", "127.0.0.1:0")
        check("a release too old for the store is refused, and says so", code == 1 and "newer" in words, words[-400:])
    finally:
        module.BINARY = BINARY
        country.end()


def defunct(pid):
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def main():
    for tool in ("curl", "openssl", "promtool", "lintian", "systemd-analyze", "sqlite3"):
        print(f"{tool}: {(shutil.which(tool) or 'not installed')}")
    for part in (fresh, packaged, shipped, replaced):
        with tempfile.TemporaryDirectory(prefix="daftar-one-") as folder:
            print(f"-- {part.__name__}", flush=True)
            try:
                part(Path(folder))
            except Exception as error:  # noqa: BLE001  a part that breaks off is a finding, the others still run
                check(f"{part.__name__} ran to its end", False, repr(error))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


main()
