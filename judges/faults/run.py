#!/usr/bin/env python3
"""Judges what remains of a promise when the power goes: kill -9 at random moments, against a ledger kept outside.

    run.py [--full] [--seed N] [--engine sqlite|postgres]

The real program runs as a process on each engine, with a witness as another; 32 connections register people through
`POST /api/v1/people`, each with an idempotency key. At 12 random moments (--full: 200) the program, and in every third
of them the witness too, gets SIGKILL and is started again. Then every key is sent once more, and what the logs, the
database, the witness and everyone who watched the checkpoints hold is compared. Python's standard library only.
Ends with `N passed, N failed, N skipped`.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from country import Country
from ledger import Clients, Ledger, ask_all_again
from log import Checkpoint, Prefixes, entries

POINTS, POINTS_FULL = 12, 200
RESTART_SECONDS = 2.0
# The sequencer's lease lasts 3 seconds after a kill: some stretches are shorter, some longer.
STRETCH_SECONDS = (0.1, 5.0)
LOGS = ["acts", "access"]

tally = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, line):
    tally["passed" if passed else "failed"] += 1
    print(("ok      " if passed else "FAILED  ") + line, flush=True)


class Watcher(threading.Thread):
    """Somebody outside who keeps every checkpoint they were ever shown."""

    def __init__(self, country):
        super().__init__(daemon=True)
        self.country, self.seen, self.stop = country, {}, threading.Event()

    def run(self):
        while not self.stop.wait(0.1):
            for log in LOGS:
                try:
                    self.note(log, self.country.get(f"/log/{log}/checkpoint"))
                except (OSError, RuntimeError, ValueError, IndexError):
                    continue  # Nobody there just now, or no checkpoint yet.

    def note(self, log, note):
        checkpoint = Checkpoint(note)
        self.seen.setdefault((log, checkpoint.size), set()).add(checkpoint.root)

    def end(self):
        self.stop.set()
        self.join()


def forks(seen, prefixes):
    """Which of the checkpoints that were seen are not beginnings of the log as it is now."""
    return [
        f"{log} at {size}"
        for (log, size), roots in sorted(seen.items())
        if roots != {prefixes[log].root(size)}
    ]


def torment(country, ledger, points, chance):
    """Kills and restarts; gives the seconds of each start."""
    starts = []
    for point in range(points):
        clients = Clients(ledger, country.address, country.token)
        time.sleep(chance.uniform(*STRETCH_SECONDS))
        if point % 3 == 1:
            country.witness.kill()
            time.sleep(chance.uniform(0, 0.3))
        country.program.kill()
        clients.end()
        if country.witness.child is None:
            country.witness.start(country.witness_address)
        starts.append(country.start())
    return starts


def settled(country, wanted, deadline):
    """Waits until all acts are in the log and the witness has signed it; gives whether that happened."""
    origin = Checkpoint(country.get("/log/acts/checkpoint")).origin
    path = f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
    while time.monotonic() < deadline:
        published = Checkpoint(country.get("/log/acts/checkpoint")).size
        witnessed = country.get(path, any_status=True, address=country.witness_address)
        if published >= wanted and witnessed.count(b"\n") > 3 and Checkpoint(witnessed).size >= wanted:
            return True
        time.sleep(0.2)
    return False


def rows(country, store_url):
    """How many people the database holds, and how many distinct keys were used, asked of the database itself."""
    people = "select count(*) from identity_person"
    keys = "select count(*) from store_idempotency where key like 'faults-%'"
    if country.engine == "sqlite":
        with sqlite3.connect(f"file:{country.data}/daftar.db?mode=ro", uri=True) as database:
            return [database.execute(sql).fetchone()[0] for sql in (people, keys)]
    return [int(psql(store_url, sql)) for sql in (people, keys)]


def psql(url, sql):
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), key=lambda p: int(p.parts[4]))
    program = newest[-1] if newest else "psql"
    command = [program, "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", url, "--command", sql]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def judge_log(country, watcher, ledger, name):
    """The exported logs against the ledger, the checkpoints seen, and the witness."""
    folder = country.folder / "exported"
    code, said = country.run("log", "export", folder, "--heads")
    count(code == 0, f"{name}: the logs are exported: {said.strip()[-300:]}")
    policy = country.folder / "policy"
    policy.write_text(country.policy())
    code, said = country.run("log", "verify", folder, "--policy", policy)
    count(code == 0, f"{name}: log verify: {' / '.join(said.split(chr(10)))[:300]}")
    logs = {log: entries(folder / log, Checkpoint((folder / log / "checkpoint").read_bytes()).size) for log in LOGS}
    registered = sum(json.loads(entry)["kind"] == "identity.person-registered" for entry in logs["acts"])
    count(
        registered == len(ledger.acts),
        f"{name}: {registered} registrations in the public record for {len(ledger.acts)} keys: none lost, none doubled",
    )
    prefixes = {log: Prefixes(found) for log, found in logs.items()}
    forked = forks(watcher.seen, prefixes)
    count(
        len(watcher.seen) > 2 and not forked,
        f"{name}: {len(watcher.seen)} checkpoints seen on the way are all beginnings of the logs {forked[:3]}",
    )
    for log in LOGS:
        origin = Checkpoint((folder / log / "checkpoint").read_bytes()).origin
        path = f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
        held = Checkpoint(country.get(path, address=country.witness_address))
        count(
            prefixes[log].root(held.size) == held.root,
            f"{name}: what the witness signed of {log} ({held.size}) is a beginning of it",
        )
    return prefixes


def judge_planted(country, watcher, ledger, prefixes, name):
    """The checks themselves must be able to fail."""
    lying = dict(watcher.seen)
    lying[("acts", 1)] = {bytes(32)}
    count(forks(lying, prefixes) != [], f"{name}, planted: a forked checkpoint is noticed")
    country.start()
    false = Ledger(ledger.seed)
    false.acts = [ledger.acts[0]]
    promised, ledger.acts[0].answer = ledger.acts[0].answer, {"person": "nobody"}
    count(
        ask_all_again(false, country.address, country.token) != [],
        f"{name}, planted: an answer other than the promised one is noticed",
    )
    ledger.acts[0].answer = promised
    country.program.kill()
    if country.engine == "sqlite":
        with sqlite3.connect(country.data / "daftar.db") as database:
            database.execute("delete from record_entry where log = 'acts' and idx = 7")
        code, said = country.run("log", "audit")
        count(code == 1, f"{name}, planted: the audit finds a deleted act: {said.strip()[:160]}")


def judge(engine, store_url, points, seed):
    name = engine
    with tempfile.TemporaryDirectory(prefix="daftar-faults-") as folder:
        country = Country(folder, engine, store_url)
        ledger, chance = Ledger(seed), random.Random(seed)
        try:
            country.found()
            before = rows(country, store_url)[0]
            watcher = Watcher(country)
            watcher.start()
            starts = torment(country, ledger, points, chance)
            promised = len(ledger.acknowledged())
            again = sum(act.tries > 1 for act in ledger.acts)
            print(f"{name}: {points} kills, {promised} acts acknowledged, {again} sent again after being cut off")
            count(promised > points, f"{name}: the clients were at work when it was killed")
            count(not ledger.odd, f"{name}: only answers that a client expects {ledger.odd[:3]}")
            slowest = max(starts)
            count(slowest < RESTART_SECONDS, f"{name}: slowest of {points} restarts {slowest:.2f} s, under {RESTART_SECONDS} s")
            wrong = ask_all_again(ledger, country.address, country.token)
            count(not wrong, f"{name}: every key asked again gives the answer that was promised {wrong[:3]}")
            people = {act.answer["person"] for act in ledger.acknowledged()}
            receipts = {act.answer["receipt"] for act in ledger.acknowledged()}
            whole = len(people) == len(receipts) == len(ledger.acts)
            count(whole, f"{name}: {len(ledger.acts)} keys, {len(people)} people, {len(receipts)} receipts, all distinct")
            held, keys = rows(country, store_url)
            count(
                held - before == keys == len(ledger.acts),
                f"{name}: the database itself holds {held - before} people under {keys} keys",
            )
            count(
                settled(country, len(ledger.acts), time.monotonic() + 60),
                f"{name}: program and witness find together again, and sign all of it",
            )
            prefixes = judge_log(country, watcher, ledger, name)
            watcher.end()
            country.program.kill()
            code, said = country.run("log", "audit")
            count(code == 0, f"{name}: log audit: {said.strip()[-300:]}")
            judge_planted(country, watcher, ledger, prefixes, name)
        except (OSError, RuntimeError, ValueError, subprocess.CalledProcessError) as error:
            count(False, f"{name}: {type(error).__name__}: {error}")
            for log in ("program.log", "witness.log"):
                path = Path(folder) / log
                print(path.read_text()[-2000:] if path.exists() else f"no {log}", flush=True)
        finally:
            country.end()


def own_database(server):
    """A database of its own on the server that the run was given."""
    psql(server, "create database faults")
    parts = urllib.parse.urlsplit(server)
    return urllib.parse.urlunsplit(parts._replace(path="/faults"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    asked = parser.parse_args()
    points = POINTS_FULL if asked.full else POINTS
    print(f"Python {sys.version.split()[0]}, seed {asked.seed}, {points} points an engine")
    if asked.engine in (None, "sqlite"):
        judge("sqlite", None, points, asked.seed)
    if asked.engine in (None, "postgres"):
        server = os.environ.get("DAFTAR_TEST_PG")
        if server and (shutil.which("psql") or Path("/usr/lib/postgresql").is_dir()):
            judge("postgres", own_database(server), points, asked.seed)
        else:
            tally["skipped"] += 1
            print("skipped postgres: no server was given in DAFTAR_TEST_PG")
    print(", ".join(f"{number} {what}" for what, number in tally.items()))
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
