#!/usr/bin/env python3
"""Judges a country that moves from its SQLite file to PostgreSQL while it is served.

    move.py [--full] [--people N] [--seed N]

Clients register people all the while, each act under an idempotency key that is sent until it is acknowledged. First
`daftar move` is killed at random moments (3, with --full 10): after each the country goes on, on whichever store the seal says.
Then one move is let through. Judged from outside: no promise lost, none doubled, the longest time without an acknowledged
act under 10 s, the tables of both stores read by sqlite3 and psql, the logs and the witness. `--people 100000` (with --full)
measures the pause at that size. Python's standard library only. Ends with `N passed, N failed, N skipped`.
"""

import argparse
import csv
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
from country import BINARY, Country  # noqa: E402
import ledger as ledgers  # noqa: E402
from ledger import Clients, Ledger, ask_all_again  # noqa: E402
from log import Checkpoint  # noqa: E402
from run import entries, psql  # noqa: E402

KILLS, KILLS_FULL = 3, 10
PEOPLE, PEOPLE_FULL = 2_000, 100_000
PAUSE_SECONDS = 10.0
ledgers.CLIENTS = 8
# Rows of these are never changed once they are there: each must be in the new store as it was in the old.
KEPT = {
    "identity_person": "select hex(id) from identity_person",
    "store_idempotency": "select key, hex(response) from store_idempotency where response is not null",
    "record_entry": "select hex(id), log, hex(body) from record_entry",
}

tally = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, line):
    tally["passed" if passed else "failed"] += 1
    print(("ok      " if passed else "FAILED  ") + line, flush=True)


def import_people(country, number, seed):
    """So many people, as an old register would bring them."""
    chance, file, mapping = random.Random(seed), country.folder / "old.csv", country.folder / "old.toml"
    syllables = "ba be bi do du fa ga ha ka ki la le lo ma mi na no ra ro sa".split()
    word = lambda n: "".join(chance.choice(syllables) for _ in range(n)).capitalize()  # noqa: E731
    with open(file, "w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["name", "born", "sex"])
        for _ in range(number):
            born = f"{chance.randint(1930, 2000)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            rows.writerow([f"{word(3)} {word(4)} {word(4)}", born, chance.choice(["female", "male"])])
    mapping.write_text(
        "format = 1\nsource = 'the old register'\nagency = 'civil-registry'\noffice = 'civil-registry-north'\n"
        "purpose = 'registration'\nbasis = 'the move of the register'\n[field.name]\ncolumns = ['name']\n"
        "[field.born]\ncolumns = ['born']\n[field.sex]\ncolumns = ['sex']\n"
    )
    report = ["--report", country.folder / "report.csv", "--duplicates", country.folder / "duplicates.csv"]
    code, said = country.run("identity", "import", file, "--mapping", mapping, "--commit", *report)
    print("        " + said.strip().replace("\n", " / ")[-200:], flush=True)
    return code == 0


class Databases:
    """A fresh one for each attempt, on the server that the run was given."""

    def __init__(self, server):
        self.server, self.number = server, 0

    def new(self, folder):
        self.number += 1
        name = f"move_{os.getpid()}_{self.number}"
        psql(self.server, f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'")
        url = urllib.parse.urlunsplit(urllib.parse.urlsplit(self.server)._replace(path=f"/{name}"))
        file = folder / f"to-{self.number}"
        file.write_text(url)
        file.chmod(0o600)
        return url, file


def begin_move(country, file):
    command = [BINARY, *map(str, country.place), "move", "--to-file", str(file)]
    quiet = {**os.environ, "DAFTAR_LOG_LEVEL": "warn"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=quiet)


class Watched(Clients):
    """Clients whose acknowledged acts are counted with their times."""

    def __init__(self, ledger, address, token):
        self.times = []
        super().__init__(ledger, address, token)

    def flows(self, seconds):
        """Whether acts are still acknowledged."""
        begun, until = len(self.ledger.acknowledged()), time.monotonic() + seconds
        while time.monotonic() < until:
            now = len(self.ledger.acknowledged())
            if now >= begun + 20:
                return True
            time.sleep(0.05)
        return False


def longest(moments):
    return max((b - a for a, b in zip(moments, moments[1:])), default=float("inf"))


def sampled(ledger, until):
    """The moments at which the number of acknowledged acts was seen to grow, until some time after something has ended."""
    moments, before, over = [time.monotonic()], len(ledger.acknowledged()), None
    while True:
        now = len(ledger.acknowledged())
        if now > before:
            before = now
            moments.append(time.monotonic())
        if over is None and until():
            over = len(moments)
        if over is not None and len(moments) > over + 20 or time.monotonic() > moments[-1] + 60:
            return moments
        time.sleep(0.02)


def killed_moves(country, ledger, databases, kills, chance, longest_seconds):
    """Kills the command at random moments. Gives the new store's address when one was sealed."""
    for number in range(kills):
        url, file = databases.new(country.folder)
        clients = Watched(ledger, country.address, country.token)
        move = begin_move(country, file)
        time.sleep(chance.uniform(0.05, longest_seconds))
        move.send_signal(signal.SIGKILL)
        move.wait()
        flows = clients.flows(30)
        clients.end()
        sealed = is_sealed(country)
        count(flows, f"kill {number + 1}: acts go on, on {'the new' if sealed else 'the old'} store")
        wrong = ask_all_again(ledger, country.address, country.token)
        count(not wrong, f"kill {number + 1}: every promise holds {wrong[:2]}")
        if sealed:
            return url
    return None


def is_sealed(country):
    with sqlite3.connect(f"file:{country.data}/daftar.db?mode=ro", uri=True) as database:
        return bool(database.execute("select 1 from sqlite_master where name = 'store_move_seal'").fetchall())


def judge_tables(country, url):
    """What the old file holds for good must be in the new store, read by others' programs."""
    with sqlite3.connect(f"file:{country.data}/daftar.db?mode=ro", uri=True) as database:
        for table, sql in KEPT.items():
            old = {"|".join("" if cell is None else str(cell) for cell in row) for row in database.execute(sql)}
            text = re.sub(r"hex\((\w+)\)", r"upper(encode(\1, 'hex'))", sql)
            new = set(psql(url, text).split("\n"))
            count(old and old <= new, f"{table}: {len(old)} rows of the old store are in the new one ({len(new)})")
        try:
            with sqlite3.connect(country.data / "daftar.db") as database:
                database.execute("delete from store_lease")
            count(False, "the old store takes no more writes")
        except sqlite3.DatabaseError as error:
            count("moved" in str(error), f"the old store takes no more writes: {error}")


def judge_record(country, ledger):
    until = time.monotonic() + 60
    while Checkpoint(country.get("/log/acts/checkpoint")).size < len(ledger.acts) and time.monotonic() < until:
        time.sleep(0.2)
    folder, policy = country.folder / "exported", country.folder / "policy"
    code, said = country.run("log", "export", folder, "--heads")
    count(code == 0, f"the logs are exported: {said.strip()[-200:]}")
    policy.write_text(country.policy())
    code, said = country.run("log", "verify", folder, "--policy", policy)
    count(code == 0, f"log verify: {' / '.join(said.split(chr(10)))[:200]}")
    acts = entries(folder / "acts", Checkpoint((folder / "acts" / "checkpoint").read_bytes()).size)
    found = sum(b"identity.person-registered" in entry for entry in acts)
    return found


def judge(people, kills, seed, server):
    with tempfile.TemporaryDirectory(prefix="daftar-move-") as folder:
        country, ledger, chance = Country(folder, "sqlite", None), Ledger(seed), random.Random(seed)
        databases = Databases(server)
        try:
            country.found()
            count(import_people(country, people, seed), f"{people} people are imported")
            url, file = databases.new(country.folder)
            url = killed_moves(country, ledger, databases, kills, chance, 3 + people / 5_000)
            if url is None:
                url, file = databases.new(country.folder)
                clients = Watched(ledger, country.address, country.token)
                begun, ends = time.monotonic(), []
                move = begin_move(country, file)
                moments = sampled(ledger, lambda: move.poll() is not None and not ends.append(time.monotonic()))
                took = ends[0] - begun if ends else float("inf")
                flows = clients.flows(30)
                clients.end()
                said = move.stdout.read()
                count(move.returncode == 0, f"the country moves in {took:.1f} s: {said.strip()[-700:]}")
                pause = re.search(r"paused for ([\d.]+) s", said)
                count(pause and float(pause[1]) < PAUSE_SECONDS, f"writes paused for {pause and pause[1]} s at {people} people")
                count(longest(moments) < PAUSE_SECONDS, f"clients saw no act acknowledged for {longest(moments):.2f} s (limit 10)")
                count(flows, "acts go on, on the new store")
            wrong = ask_all_again(ledger, country.address, country.token)
            count(not wrong, f"{len(ledger.acts)} keys asked again give what was promised {wrong[:3]}")
            count(not ledger.odd, f"only answers that a client expects {ledger.odd[:3]}")
            judge_tables(country, url)
            held = int(psql(url, "select count(*) from identity_person"))
            keys = int(psql(url, "select count(*) from store_idempotency where key like 'faults-%'"))
            count(keys == len(ledger.acts), f"the new store holds {held} people, and {keys} keys of {len(ledger.acts)}")
            found = judge_record(country, ledger)
            count(found == held, f"{found} registrations in the public record for {held} people")
            country.program.kill()
            country.start()
            count(country.get("/trust/policy") != b"", "it starts again, on the new store by its settings")
            country.program.kill()
            code, said = country.run("log", "audit")
            count(code == 0, f"log audit of the new store: {said.strip()[-200:]}")
        except (OSError, RuntimeError, ValueError, subprocess.CalledProcessError) as error:
            count(False, f"{type(error).__name__}: {error}")
            path = Path(folder) / "program.log"
            print(path.read_text()[-3000:] if path.exists() else "no program.log", flush=True)
        finally:
            country.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--people", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    people = asked.people or (PEOPLE_FULL if asked.full else PEOPLE)
    kills = asked.kills if asked.kills is not None else (KILLS_FULL if asked.full else KILLS)
    print(f"Python {sys.version.split()[0]}, seed {asked.seed}, {people} people, {kills} kills")
    server = os.environ.get("DAFTAR_TEST_PG")
    if server:
        judge(people, kills, asked.seed, server)
    else:
        count(False, "no server was given in DAFTAR_TEST_PG")
    print(", ".join(f"{number} {what}" for what, number in tally.items()))
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
