#!/usr/bin/env python3
"""Judges the cloud that agencies share, over HTTP and from outside: a demo country runs as a process, its engine a simulator.

    share.py [--full]

* schemathesis over every route of the cloud's API, as a program with a token and as the official who makes tokens;
* 64 orders at once against a quota of 10: exactly 10 are acknowledged, and 10 computers run;
* the program is killed (-9) amid orders, starts and removals (5 seeds; --full: 20). Whatever was acknowledged is there once, whatever
  was not is sent again with its key, and in the end everything is as wanted and the quota counts exactly that;
* every route with another agency's identifiers, in each place: nothing opens;
* a member who reads only is refused every change, and a token that was revoked opens nothing.

Ends with `N passed, N failed, N skipped`.
"""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "identity"))
from country import BINARY, Browser, Tally  # noqa: E402

CACHE = Path(os.environ.get("DAFTAR_JUDGE_CACHE", Path.home() / ".cache/daftar/judges/cloud"))
PYTHON_PACKAGES = ["schemathesis==4.32.5"]
SEEDS, SEEDS_FULL = 5, 20
# How long a country may take until everything is as wanted: a round of the reconciler and some.
SETTLED_SECONDS = 120
ORDER = {"size": "small", "image": "busybox"}
judged = Tally()


class Country:
    """A demo country that can be killed and started again on what it left."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="daftar-judge-")
        self.log = open(Path(self.folder.name) / "log.txt", "a+")
        self.start("127.0.0.1:0")
        return self

    def start(self, listen):
        command = [BINARY, "--data", self.folder.name + "/data", "demo", "--population", "20", "--listen", listen]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self.url = found.group(0)
                subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
                return
        self.log.seek(0)
        sys.exit("the demo country did not start:\n" + self.log.read())

    def killed_and_started(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.start(urllib.parse.urlsplit(self.url).netloc)

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=30)
        self.folder.cleanup()


class Program:
    """A program of an official's, with a token."""

    def __init__(self, country, who, may_change=True):
        self.country, self.browser = country, Browser(country)
        self.browser.be(who, "/cloud/tokens")
        self.browser.get("/cloud/tokens")
        fields = {"key": self.browser.hidden("key"), "label": "judge", "hours": "12", **({"may_change": "yes"} if may_change else {})}
        self.browser.post("/cloud/tokens", fields)
        self.token = re.search(r'<code dir="ltr">([0-9a-f]{64})</code>', self.browser.text)[1]

    def ask(self, method, path, body=None, key=None):
        """The status and what was answered; None where the line broke."""
        headers = {"authorization": f"Bearer {self.token}"}
        if method != "GET":
            headers["idempotency-key"] = key or str(uuid.uuid4())
        if body is not None:
            headers["content-type"] = "application/json"
        line = http.client.HTTPConnection(urllib.parse.urlsplit(self.country.url).netloc, timeout=30)
        try:
            line.request(method, "/api/v1/cloud" + path, json.dumps(body) if body is not None else None, headers)
            answer = line.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text else None
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return None, None
        finally:
            line.close()

    def done(self, *asked, **more):
        status, answer = self.ask(*asked, **more)
        if status not in (200, 201):
            raise RuntimeError(f"{asked}: {status} {answer}")
        return answer

    def project(self, name):
        return self.done("POST", "/projects", {"name": name})["id"]

    def room(self, project):
        return self.done("GET", f"/projects/{project}")


def approved(country, program, project, quota):
    """Asks for a larger quota; two officials approve it on their pages, and one carries it out."""
    program.done("POST", f"/projects/{project}/quota", {"quota": quota, "reason": "A judge's orders"})
    for who in ("engineer", "second-engineer"):
        browser = Browser(country)
        browser.be(who, "/desk/approvals")
        browser.get("/desk/approvals")
        path = re.findall(r'href="(/desk/approvals/[0-9a-f-]+)"', browser.text)[-1]
        browser.get(path)
        browser.post(path + "/approve", {"digest": browser.hidden("digest")})
    browser.post(path + "/execute")


def reserved(room, measure):
    return next(one["reserved"] for one in room["quotas"] if one["measure"] == measure)


def unsettled(room):
    """What is not as wanted yet."""
    return [
        f"{one['name']}: wanted {one['wanted']}, observed {one['observed']}"
        for one in room["resources"]
        if one["settled"] < one["generation"] or one["observed"] != one["wanted"]
    ]


def until_settled(program, project):
    ends = time.monotonic() + SETTLED_SECONDS
    while True:
        room = program.room(project)
        if not unsettled(room) or time.monotonic() > ends:
            return room
        time.sleep(0.25)


def many_at_once(country):
    print("-- 64 orders at once against a quota of 10", flush=True)
    program = Program(country, "cloud")
    project = program.project("Sixty-four at once")
    approved(country, program, project, {"instances": 10, "vcpus": 256, "memory_mib": 524288, "disk_mib": 4194304})
    quota = next(one["quota"] for one in program.room(project)["quotas"] if one["measure"] == "instances")
    judged.check(quota == 10, f"the quota is {quota}")
    order = lambda n: program.ask("POST", f"/projects/{project}/instances", {"name": f"n{n}", **ORDER})  # noqa: E731
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(order, range(64)))
    good = sum(status == 201 for status, _ in answers)
    refused = sum(status == 422 and answer["code"] == "cloud-quota" for status, answer in answers)
    judged.check((good, refused) == (10, 54), f"{good} acknowledged, {refused} refused for the quota, of 64")
    room = until_settled(program, project)
    judged.check(not unsettled(room) and len(room["resources"]) == 10, f"{unsettled(room)} of {len(room['resources'])}")
    judged.check(reserved(room, "instances") == 10, f"{reserved(room, 'instances')} reserved")


class Ledger:
    """What this judge asked for, by the key it was sent with, and what was acknowledged."""

    def __init__(self, program, project):
        self.program, self.project, self.lock = program, project, threading.Lock()
        self.orders, self.changes, self.over = {}, {}, threading.Event()

    def work(self, dice, worker):
        """Orders, stops, starts and removes until told to stop; each answer is written down."""
        number = 0
        while not self.over.is_set():
            number += 1
            with self.lock:
                known = [name for name, answer in self.orders.items() if answer and name not in self.changes]
            if known and dice.random() < 0.4:
                name = dice.choice(known)
                with self.lock:
                    if name in self.changes:
                        continue
                    path = f"/projects/{self.project}"
                    verb = dice.choice(["stopped", "gone"])
                    self.changes[name] = {"wanted": verb, "key": str(uuid.uuid4()), "acknowledged": False}
                self.send_change(name)
            else:
                name = f"w{worker}n{number}"
                with self.lock:
                    self.orders[name] = None
                self.send_order(name)

    def send_order(self, name):
        path = f"/projects/{self.project}/instances"
        status, answer = self.program.ask("POST", path, {"name": name, **ORDER}, key=f"{self.project}-{name}")
        if status == 201:
            with self.lock:
                before = self.orders[name]
                judged.check(before in (None, answer["id"]), f"{name} was ordered twice under one key")
                self.orders[name] = answer["id"]
        return status

    def send_change(self, name):
        change, path = self.changes[name], f"/projects/{self.project}"
        if change["wanted"] == "gone":
            asked = ("DELETE", f"{path}/resources/{self.orders[name]}", None)
        else:
            asked = ("PUT", f"{path}/instances/{self.orders[name]}/running", {"running": False})
        status, _ = self.program.ask(*asked, key=change["key"])
        change["acknowledged"] = change["acknowledged"] or status == 201
        return status

    def send_again(self):
        """Everything that was not acknowledged, with the key it had."""
        statuses = [self.send_order(name) for name, answer in list(self.orders.items()) if answer is None]
        statuses += [self.send_change(name) for name, change in self.changes.items() if not change["acknowledged"]]
        return [status for status in statuses if status != 201]


def killed(country, seed):
    dice = random.Random(seed)
    program = Program(country, "cloud")
    project = program.project(f"Killed {seed}")
    approved(country, program, project, {"instances": 100, "vcpus": 256, "memory_mib": 524288, "disk_mib": 4194304})
    ledger = Ledger(program, project)
    workers = [threading.Thread(target=ledger.work, args=(random.Random(seed * 100 + n), n), daemon=True) for n in range(4)]
    for worker in workers:
        worker.start()
    # Some two dozen orders are enough: more would only fill the quota.
    ends = time.monotonic() + dice.uniform(0.05, 0.4)
    while time.monotonic() < ends and len(ledger.orders) < 60:
        time.sleep(0.005)
    os.killpg(country.process.pid, signal.SIGKILL)
    ledger.over.set()
    for worker in workers:
        worker.join()
    country.killed_and_started()
    acknowledged = sum(answer is not None for answer in ledger.orders.values())
    unsure = len(ledger.orders) - acknowledged
    judged.check(not ledger.send_again(), f"seed {seed}: not everything could be sent again")
    room = until_settled(program, project)
    judged.check(not unsettled(room), f"seed {seed}: {unsettled(room)}")
    there = {one["name"]: one for one in room["resources"]}
    judged.check(len(there) == len(room["resources"]), f"seed {seed}: a name is there twice")
    for name, answer in ledger.orders.items():
        change = ledger.changes.get(name, {"wanted": "running"})["wanted"]
        if change == "gone":
            judged.check(name not in there, f"seed {seed}: {name} was removed and is there")
        else:
            good = name in there and there[name]["id"] == answer and there[name]["observed"] == change
            judged.check(good, f"seed {seed}: {name} should be {change}: {there.get(name)}")
    count = sum(ledger.changes.get(name, {}).get("wanted") != "gone" for name in ledger.orders)
    judged.check(len(there) == count, f"seed {seed}: {len(there)} are there, {count} were ordered")
    judged.check(reserved(room, "instances") == count, f"seed {seed}: {reserved(room, 'instances')} reserved for {count}")
    print(f"seed {seed}: killed after {acknowledged} orders, {unsure} unsure, {len(ledger.changes)} changes", flush=True)


def paths(document):
    """Every route of the cloud that a program may use."""
    for path, methods in document["paths"].items():
        if path.startswith("/api/v1/cloud/projects"):
            for method in methods:
                yield method.upper(), path.removeprefix("/api/v1/cloud")


BODIES = {
    "instances": {"name": "mine", **ORDER}, "networks": {"name": "mine"}, "volumes": {"name": "mine", "size_mib": 1024},
    "members": {"login": "census", "part": "owner"}, "quota": {"quota": {"instances": 9}, "reason": "x"},
    "running": {"running": False}, "command": {"command": ["id"]}, "rules": {"rules": []},
}


def body(path, ids):
    last = path.rsplit("/", 1)[-1]
    if last == "size":
        return {"size_mib": 4096} if "volumes" in path else {"size": "medium"}
    if last == "snapshots":
        return {"name": "mine", "of": ids["volume"]}
    return BODIES.get(last)


def things(program, name):
    """A project with one of everything, by the names of the routes' parameters."""
    project = program.project(name)
    made = lambda kind, body: program.done("POST", f"/projects/{project}/{kind}", body)["id"]  # noqa: E731
    ids = {"project": project, "network": made("networks", {"name": "inside"})}
    ids["volume"] = made("volumes", {"name": "data", "size_mib": 1024})
    ids["instance"] = ids["resource"] = made("instances", {"name": "web", **ORDER})
    ids["snapshot"] = made("snapshots", {"name": "kept", "of": ids["volume"]})
    until_settled(program, project)
    ids["member"] = program.room(project)["members"][0]["member"]
    return ids


def fill(path, ids):
    return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)


def swapped(country, document):
    print("-- another agency's identifiers in each place", flush=True)
    hers, his = Program(country, "cloud"), Program(country, "census")
    ids = things(hers, "Secret of the hospital")
    own = his.project("Census")
    before, tried = hers.room(ids["project"]), 0
    for method, path in paths(document):
        if "{" not in path:
            continue
        for project in (ids["project"], own):
            # In his own room only the thing is somebody else's.
            if project == own and path.count("{") < 2:
                continue
            status, answer = his.ask(method, fill(path, {**ids, "project": project}), body(path, ids) if method in ("POST", "PUT") else None)
            tried += 1
            judged.check(status in (404, 422), f"{method} {path}: {status} {answer}")
            judged.check("Secret of the hospital" not in json.dumps(answer), f"{method} {path} tells her project's name")
    attached = his.ask("POST", f"/projects/{own}/instances", {"name": "x", **ORDER, "networks": [ids["network"]]})
    judged.check(attached[0] == 422, f"her network was attached: {attached}")
    judged.check(before == hers.room(ids["project"]), "something of hers has changed")
    judged.check(tried > 20, f"only {tried} were tried")


def reads_only(country, document):
    print("-- a member who reads only, and a token that was revoked", flush=True)
    owner, reader = Program(country, "cloud"), Program(country, "cloud-reader", may_change=False)
    ids = things(owner, "Read only")
    owner.done("PUT", f"/projects/{ids['project']}/members", {"login": "cloud-reader", "part": "owner"})
    before = owner.room(ids["project"])
    for method, path in paths(document):
        status, answer = reader.ask(method, fill(path, ids), body(path, ids) if method in ("POST", "PUT") else None)
        wanted = 200 if method == "GET" else 403
        judged.check(status == wanted, f"{method} {path} as a reader: {status} {answer}")
    judged.check(before == owner.room(ids["project"]), "a reader changed something")
    browser = owner.browser
    browser.get("/cloud/tokens")
    path = re.search(r'action="(/cloud/tokens/[0-9a-f-]+/revoke)"', browser.text)[1]
    others = owner.ask("GET", "/projects")[0]
    browser.post(path, {"key": browser.hidden("key")})
    judged.check(others == 200, "the token held before")
    judged.check(owner.ask("GET", "/projects")[0] == 401, "a revoked token opens nothing")


def install():
    CACHE.mkdir(parents=True, exist_ok=True)
    venv, listed = CACHE / "venv", "\n".join(PYTHON_PACKAGES)
    stamp = venv / "packages.txt"
    if not stamp.exists() or stamp.read_text() != listed:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PYTHON_PACKAGES], check=True)
        stamp.write_text(listed)
    return venv


def fuzz(country, venv, document):
    program = Program(country, "cloud")
    ids = things(program, "Fuzzed")
    session = json.loads(Browser(country).get("/demo/fixtures.json"))["cloud_session"]
    environment = {**os.environ, **{name.upper(): value for name, value in ids.items()}, "TOKEN": str(uuid.uuid4())}
    command = [str(venv / "bin/schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run", country.url + "/api/openapi.json"]
    asked = set()
    for who, token, chosen in (
        ("a program with a token", program.token, "^/api/v1/cloud/(projects|catalogue)"),
        ("an official who makes tokens", session, "^/api/v1/cloud/tokens"),
    ):
        print(f"-- schemathesis as {who}", flush=True)
        chosen_by = ["--header", f"Authorization: Bearer {token}", "--include-path-regex", chosen, "--seed", "1", "--no-color"]
        done = subprocess.run([*command, *chosen_by], cwd=CACHE, capture_output=True, text=True, env=environment)
        generated = re.search(r"(\d+) generated", done.stdout)
        print(done.stdout[-6000:] + done.stderr if done.returncode else f"ok {generated and generated.group(0)}", flush=True)
        judged.check(done.returncode == 0, f"schemathesis as {who}")
        judged.check(generated and int(generated.group(1)) > 30, f"schemathesis as {who} generated too little")
        asked.add(chosen)
    for path in document["paths"]:
        if path.startswith("/api/v1/cloud"):
            judged.check(any(re.match(chosen, path) for chosen in asked), f"{path} was left out of the fuzzing")


def main():
    venv = install()
    print(subprocess.run([str(venv / "bin/schemathesis"), "--version"], capture_output=True, text=True).stdout.strip(), flush=True)
    with Country() as country:
        document = json.loads(Browser(country).get("/api/openapi.json"))
        many_at_once(country)
        swapped(country, document)
        reads_only(country, document)
        fuzz(country, venv, document)
        print("-- killed amid sagas", flush=True)
        for seed in range(SEEDS_FULL if "--full" in sys.argv[1:] else SEEDS):
            killed(country, seed)
        country.log.seek(0)
        panics = [line for line in country.log if "panicked" in line]
        judged.check(not panics, f"the log speaks of panics: {panics[:3]}")
    judged.close()
    sys.exit(1 if judged.failed else 0)


if __name__ == "__main__":
    main()
