#!/usr/bin/env python3
"""Judges what makes the computers and what bills them, from outside.

Starts Debian's LXD on a folder of its own (platform/testing/src/lxd.sh), gives it orders through the program (`daftar cloud engine`)
and looks at the result with LXD's own client and raw API: limits as ordered, networks of two projects kept apart, snapshot and
restore, a disk filled to the last byte, and whether a certificate restricted to a project can leave it. Then bills: an invoice is made
again here with Python's `decimal` from the raw usage, and PyPI's focus-validator reads the CSV.
Ends with `N passed, N failed, N skipped`.
"""

import calendar
import csv
import decimal
import hashlib
import json
import os
import pathlib
import random
import ssl
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(os.environ.get("DAFTAR_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BIN = os.environ["DAFTAR_BIN"]
CACHE = pathlib.Path(os.environ.get("DAFTAR_JUDGE_CACHE", pathlib.Path.home() / ".cache/daftar/judges/cloud"))
PACKAGES = ["focus-validator==1.0.0", "multimethod<1.12"]
# The validator's rules for 1.0 ask for five columns by names that the specification 1.0 does not have: it is given both.
ALIASES = {"InvoiceIssuer": "InvoiceIssuerName", "Provider": "ProviderName", "Publisher": "PublisherName", "ResourceID": "ResourceId", "ChargeType": "ChargeCategory"}
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
tally = {"passed": 0, "failed": 0}


def check(what, good, seen=""):
    tally["passed" if good else "failed"] += 1
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else f': {seen}'}", flush=True)


def install():
    """Brings the validator into the cache, outside the tree."""
    venv, listed = CACHE / "focus-venv", "\n".join(PACKAGES)
    stamp = venv / "packages.txt"
    if not stamp.exists() or stamp.read_text() != listed:
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        stamp.write_text(listed)
    return venv / "bin/focus-validator"


def name(prefix, text):
    """How the driver calls something: Crockford's base 32 of the identifier."""
    number, digits = uuid.UUID(text).int, ""
    for _ in range(26):
        digits, number = DIGITS[number % 32] + digits, number // 32
    return prefix + digits


def bridge(text):
    return "d" + name("", text)[-14:]


def new_id(seed=random.Random(7)):
    raw = bytearray(seed.randbytes(16))
    raw[6], raw[8] = raw[6] & 15 | 0x70, raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


class Engine:
    """An LXD of our own, the program's way to it, and LXD's own client."""

    def __enter__(self):
        self.keeper = subprocess.Popen(["sh", str(ROOT / "platform/testing/src/lxd.sh"), "2GiB"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = self.keeper.stdout.readline().split()
        if said[:1] != ["ready"]:
            raise SystemExit(f"LXD does not start: {' '.join(said)}\n0 passed, 1 failed, 0 skipped")
        self.socket, self.image = said[1:]
        return self

    def __exit__(self, *_):
        self.keeper.stdin.close()
        self.keeper.wait(300)

    def order(self, *orders):
        """Gives the orders and returns the answers."""
        lines = "".join(json.dumps(order) + "\n" for order in orders)
        done = subprocess.run([BIN, "cloud", "engine", "--socket", self.socket, "--pool", "pool"], input=lines, capture_output=True, text=True, timeout=300)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def lxc(self, *words, data=None):
        """LXD's own client."""
        return subprocess.run(["lxc", *words], input=data, capture_output=True, text=True, timeout=120, env={**os.environ, "LXD_DIR": os.path.dirname(self.socket)})

    def raw(self, path):
        return json.loads(self.lxc("query", path).stdout or "null")


def fence(**change):
    return {"instances": 3, "vcpus": 4, "memory_mib": 600, "disk_mib": 1024, **change}


def instance(engine, ident, networks=(), **change):
    return {"id": ident, "image": engine.image, "vcpus": 1, "memory_mib": 100, "disk_mib": 64, "networks": list(networks), "volumes": [], "user_data": "", "running": True, **change}


def limits(engine, project, computer, network):
    print(subprocess.run(["lxd", "--version"], capture_output=True, text=True).stdout.strip(), "is LXD's version", flush=True)
    answers = engine.order(
        {"do": "about"},
        {"do": "project", "project": project, "fence": fence()},
        {"do": "network", "project": project, "network": {"id": network, "block": "10.166.1.1/24", "reaches_out": True, "rules": []}},
        {"do": "instance", "project": project, "instance": instance(engine, computer, [network])},
    )
    check("the engine names itself and what this machine lacks", answers[0].get("name") == "lxd" and not answers[0]["simulated"], answers[0])
    check("project, network and instance are made", answers[1:] == [{"done": True}] * 3, answers)
    room = name("d-", project)
    config = engine.raw(f"/1.0/projects/{room}")["config"]
    check("LXD holds the project's fence", (config["limits.instances"], config["limits.cpu"], config["limits.memory"], config["restricted"]) == ("3", "4", "600MiB", "true"), config)
    there = engine.raw(f"/1.0/instances/{name('i', computer)}?project={room}")
    check("LXD runs it with what was ordered", (there["status"], there["config"]["limits.cpu"], there["config"]["limits.memory"], there["devices"]["root"]["size"]) == ("Running", "1", "100MiB", "128MiB"), there)
    check("it is not privileged", there["config"].get("security.privileged", "false") == "false")
    over = engine.order({"do": "instance", "project": project, "instance": instance(engine, new_id(), memory_mib=501)})
    check("one above the fence is refused", over[0].get("kind") == "refused", over)
    again = engine.order({"do": "instance", "project": project, "instance": instance(engine, computer, [network], memory_mib=200)})
    memory = engine.raw(f"/1.0/instances/{name('i', computer)}?project={room}")["config"]["limits.memory"]
    check("asked again with more memory it has more", (again, memory) == ([{"done": True}], "200MiB"), (again, memory))
    usage = engine.order({"do": "usage"})[0]
    state = engine.raw(f"/1.0/instances/{name('i', computer)}/state?project={room}")
    check("its counters are LXD's", len(usage) == 1 and 0 < usage[0]["cpu_ns"] <= state["cpu"]["usage"], (usage, state["cpu"]))


def apart(engine, project, computer, other):
    """Two projects' networks: LXD's own client runs the probes."""
    far, net = new_id(), new_id()
    engine.order(
        {"do": "project", "project": other, "fence": fence()},
        {"do": "network", "project": other, "network": {"id": net, "block": "10.166.2.1/24", "reaches_out": True, "rules": []}},
        {"do": "instance", "project": other, "instance": instance(engine, far, [net])},
    )
    address = None
    for _ in range(100):
        found = {i[0]: i[2] for i in engine.order({"do": "inventory", "project": other})[0]["instances"]}
        address = (found.get(far) or [None])[0]
        if address:
            break
        time.sleep(0.1)
    check("it has been given an address", bool(address))
    inside = lambda *words: engine.lxc("exec", name("i", computer), "--project", name("d-", project), "--", *words)
    for target, what in [(address, "the other project's computer"), ("10.166.2.1", "the other project's gateway"), ("10.166.1.1", "the machine itself")]:
        check(f"{what} is not reached", inside("ping", "-c", "2", "-W", "1", target or "10.166.2.2").returncode != 0)
    check("the machine's own ports are not reached", inside("nc", "-w", "2", "10.166.1.1", "22").returncode != 0)
    foreign = engine.order({"do": "instance", "project": project, "instance": instance(engine, new_id(), [net])})
    check("a computer cannot be put into the other project's network", foreign[0].get("kind") == "refused", foreign)
    return net, far


def snapshot(engine, project, computer, network):
    room, inside = name("d-", project), name("i", computer)
    run = lambda line: engine.lxc("exec", inside, "--project", room, "--", "sh", "-c", line)
    run("echo first > /note; sync")
    kept = new_id()
    made = engine.order({"do": "snapshot", "project": project, "of": computer, "snapshot": kept}, {"do": "snapshot", "project": project, "of": computer, "snapshot": kept})
    listed = engine.raw(f"/1.0/instances/{inside}/snapshots?project={room}")
    check("a snapshot asked for twice is one", made == [{"done": True}] * 2 and len(listed) == 1, (made, listed))
    run("echo second > /note; sync")
    wanted = instance(engine, computer, [network], memory_mib=200)
    running = engine.order({"do": "restore", "project": project, "of": computer, "snapshot": kept})
    check("what runs is not restored", running[0].get("kind") == "refused", running)
    back = engine.order({"do": "instance", "project": project, "instance": {**wanted, "running": False}}, {"do": "restore", "project": project, "of": computer, "snapshot": kept}, {"do": "instance", "project": project, "instance": wanted})
    check("stopped, restored, started", back == [{"done": True}] * 3, back)
    check("it is as it was", run("cat /note").stdout == "first\n")
    gone = engine.order({"do": "remove-snapshot", "project": project, "of": computer, "snapshot": kept})
    check("the snapshot is gone", gone == [{"done": True}] and engine.raw(f"/1.0/instances/{inside}/snapshots?project={room}") == [], gone)


def full(engine, project, computer, network):
    room, inside = name("d-", project), name("i", computer)
    fill = "{ i=0; while :; do i=$((i+1)); dd if=/dev/zero of=/fill$i bs=64k count=9999; echo x > /s$i; done; } >/dev/null 2>&1 & sleep 5"
    engine.lxc("exec", inside, "--project", room, "--", "sh", "-c", fill)
    refused = engine.lxc("snapshot", inside, "raw", "--project", room)
    check("LXD by itself is locked out of a full disk (the trap is there)", refused.returncode != 0, refused.stdout)
    kept = new_id()
    done = engine.order(
        {"do": "snapshot", "project": project, "of": computer, "snapshot": kept},
        {"do": "instance", "project": project, "instance": instance(engine, computer, [network], memory_mib=150)},
        {"do": "instance", "project": project, "instance": instance(engine, computer, [network], memory_mib=150, running=False)},
        {"do": "restore", "project": project, "of": computer, "snapshot": kept},
    )
    check("the driver takes a snapshot, changes, stops and restores it", done == [{"done": True}] * 4, done)
    removed = engine.order({"do": "remove-instance", "project": project, "instance": computer})
    check("and removes it", removed == [{"done": True}] and engine.raw(f"/1.0/instances?project={room}") == [], removed)


def certificate(engine, project, other, networks):
    """A certificate restricted to the project, against the raw API over TLS."""
    with tempfile.TemporaryDirectory() as folder:
        crt, key = f"{folder}/a.crt", f"{folder}/a.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-nodes", "-keyout", key, "-out", crt, "-subj", "/CN=agency", "-days", "2"], check=True, capture_output=True)
        engine.lxc("config", "set", "core.https_address", "127.0.0.1:18843")
        room, theirs = name("d-", project), name("d-", other)
        engine.lxc("config", "trust", "add", crt, "--restricted", "--projects", room, "--name", "agency")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(crt, key)

        def ask(method, path, body=None):
            request = urllib.request.Request(f"https://127.0.0.1:18843{path}", method=method, data=None if body is None else json.dumps(body).encode())
            try:
                with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                return error.code, json.load(error)

        status, own = ask("GET", f"/1.0/instances?project={room}")
        check("its own project is open to it", status == 200, own)
        status, seen = ask("GET", "/1.0/projects")
        check("it sees no other project", seen.get("metadata") == [f"/1.0/projects/{room}"], seen)
        rules = name("n", networks[1])
        rules_before = engine.raw(f"/1.0/network-acls/{rules}")["ingress"]
        image = {"name": "evil", "source": {"type": "image", "fingerprint": engine.image}}
        root = {"type": "disk", "path": "/", "pool": "pool", "size": "32MiB"}
        nic = lambda **device: {**image, "config": {"limits.cpu": "1", "limits.memory": "50MiB"}, "devices": {"root": root, "eth0": {"type": "nic", "name": "eth0", **device}}}
        config = lambda **change: {**image, "config": {"limits.cpu": "1", "limits.memory": "50MiB", **change}, "devices": {"root": root}}
        for what, method, path, body in [
            ("instances of the other project", "GET", f"/1.0/instances?project={theirs}", None),
            ("instances of the default project", "GET", "/1.0/instances?project=default", None),
            ("instances of all projects", "GET", "/1.0/instances?all-projects=true", None),
            ("images of the default project", "GET", f"/1.0/images/{engine.image}?project=default", None),
            ("removing the shared image", "DELETE", f"/1.0/images/{engine.image}?project=default", None),
            ("its own limits", "PATCH", f"/1.0/projects/{room}", {"config": {"limits.cpu": "64"}}),
            ("lifting its restrictions", "PATCH", f"/1.0/projects/{room}", {"config": {"restricted": "false"}}),
            ("a new project", "POST", "/1.0/projects", {"name": "evil"}),
            ("a new storage pool", "POST", "/1.0/storage-pools", {"name": "evil", "driver": "dir"}),
            ("the machine's settings", "PATCH", "/1.0", {"config": {"core.https_address": ""}}),
            ("trusting another certificate", "POST", "/1.0/certificates", {"type": "client", "name": "evil", "certificate": "x"}),
            ("the other project's volumes", "GET", f"/1.0/storage-pools/pool/volumes?project={theirs}", None),
            ("metrics of all", "GET", "/1.0/metrics", None),
            ("its own network's settings", "PATCH", f"/1.0/networks/{bridge(networks[0])}?project={room}", {"config": {"ipv4.nat": "false"}}),
            ("removing the other's network", "DELETE", f"/1.0/networks/{bridge(networks[1])}?project={room}", None),
            ("the other's rules", "PUT", f"/1.0/network-acls/{rules}?project={room}", {"ingress": [{"action": "allow", "state": "enabled"}]}),
            ("the other's rules in the default project", "PUT", f"/1.0/network-acls/{rules}?project=default", {"ingress": []}),
            ("a network of its own making", "POST", f"/1.0/networks?project={room}", {"name": "evil", "type": "bridge"}),
            ("a computer in the other's network", "POST", f"/1.0/instances?project={room}", nic(nictype="bridged", parent=bridge(networks[1]))),
            ("a computer on the machine's own line", "POST", f"/1.0/instances?project={room}", nic(nictype="macvlan", parent="eth0")),
            ("a privileged computer", "POST", f"/1.0/instances?project={room}", config(**{"security.privileged": "true"})),
            ("a nested computer", "POST", f"/1.0/instances?project={room}", config(**{"security.nesting": "true"})),
            ("raw configuration", "POST", f"/1.0/instances?project={room}", config(**{"raw.lxc": "lxc.apparmor.profile=unconfined"})),
            ("more memory than the fence", "POST", f"/1.0/instances?project={room}", config(**{"limits.memory": "2GiB"})),
            ("the machine's own folder", "POST", f"/1.0/instances?project={room}", {**config(), "devices": {"root": root, "etc": {"type": "disk", "source": "/etc", "path": "/mnt"}}}),
        ]:
            status, said = ask(method, path, body)
            check(f"refused to it: {what}", status >= 400, (status, said))
        check("the shared image is still there", engine.image in str(engine.raw("/1.0/images?project=default")))
        check("the other's rules are as they were", engine.raw(f"/1.0/network-acls/{rules}")["ingress"] == rules_before)


def bills(validator):
    prices = ROOT / "judges/cloud/prices.toml"
    numbers = random.Random(11)
    from_minute = 1_793_487_600 // 60  # 2026-11-01T00:00 in Tunis
    minutes, project = 30 * 1440, new_id()
    lines = [{"format": "daftar-cloud-usage/1", "agency": "health", "month": "2026-11", "from": from_minute, "to": from_minute + minutes}]
    gaps = [(from_minute + 400, from_minute + 430), (from_minute + 20_000, from_minute + 20_001)]
    lines += [{"gap": gap} for gap in gaps]
    machines = sorted(new_id() for _ in range(3))
    samples = []
    for minute in sorted(numbers.sample(range(from_minute, from_minute + minutes), 6000)):
        if any(start <= minute < end for start, end in gaps):
            continue
        for machine in machines:
            state = numbers.choices(["running", "stopped", "broken"], [90, 8, 2])[0]
            samples.append({"minute": minute, "project": project, "instance": machine, "state": state, "vcpus": numbers.randint(1, 8), "memory_mib": numbers.randint(64, 9000), "disk_mib": numbers.randint(64, 90_000), "cpu_ns": numbers.randint(0, 10**11), "sent": numbers.randint(0, 10**10), "received": 1})
    lines += samples
    credits = [{"correction": new_id(), "minor": -1234, "reason": "an outage, \"long\""}]
    lines += credits
    with tempfile.TemporaryDirectory() as folder:
        usage, invoice, focus = (pathlib.Path(folder) / file for file in ["usage.jsonl", "invoice.json", "focus.csv"])
        usage.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        program = lambda *words: subprocess.run([BIN, "cloud", "bill", *map(str, words)], capture_output=True, text=True, timeout=120)
        made = program("make", usage, prices)
        check("an invoice is made", made.returncode == 0, made.stderr)
        invoice.write_text(made.stdout)
        said = json.loads(made.stdout)
        ours = independent(samples, credits, tomllib.loads(prices.read_text()))
        for what in ["net_minor", "tax_minor", "total_minor"]:
            check(f"{what} made here with decimal is equal", said[what] == ours[what], (said[what], ours[what]))
        check("each line is", {(line["instance"], line["measure"], line["from"]): line["minor"] for line in said["lines"]} == ours["lines"])
        check("it names its files", (said["usage_sha256"], said["prices_sha256"]) == tuple(hashlib.sha256(p.read_bytes()).hexdigest() for p in (usage, prices)))
        check("gaps are counted and not billed", said["gap_minutes"] == 31, said["gap_minutes"])
        check("the check says equal", program("check", usage, prices, invoice).returncode == 0)
        changed = json.loads(made.stdout)
        changed["lines"][2]["minor"] += 1
        invoice.write_text(json.dumps(changed))
        found = program("check", usage, prices, invoice)
        check("one unit too much is found, with its line", found.returncode == 1 and "line 3" in found.stdout, found.stdout)
        check("a file that is not there is wrong usage", program("check", usage, prices, f"{folder}/no").returncode == 2)
        usage.write_text(usage.read_text().replace('"vcpus":', '"vcpus": 1', 1))
        invoice.write_text(made.stdout)
        check("usage that was touched is found", program("check", usage, prices, invoice).returncode in (1, 2))
        usage.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        written = program("focus", usage, prices, "--provider", "Cloud of Zahrana", "--agency", "Ministry of Health")
        focus.write_text(written.stdout)
        rows = list(csv.DictReader(written.stdout.splitlines()))
        total = sum(decimal.Decimal(row["BilledCost"]) for row in rows)
        check("FOCUS rows add up to the invoice", total == decimal.Decimal(said["total_minor"]).scaleb(-said["minor_digits"]), total)
        check("the tax has a row of its own", [decimal.Decimal(row["BilledCost"]).scaleb(said["minor_digits"]) for row in rows if row["ChargeCategory"] == "Tax"] == [said["tax_minor"]])
        aliased = pathlib.Path(folder) / "aliased.csv"
        with aliased.open("w", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], *ALIASES])
            writer.writeheader()
            writer.writerows({**row, **{alias: row[column] for alias, column in ALIASES.items()}} for row in rows)
        # It finds its list of currencies only from the folder it is installed in.
        home = next((validator.parents[1] / "lib").glob("python3*/site-packages"))
        judge = lambda path: subprocess.run([str(validator), "--data-file", str(path), "--validate-version", "1.0"], cwd=home, capture_output=True, text=True, timeout=300).stdout
        judged = judge(aliased)
        check("focus-validator 1.0.0: 0 failures", "Validation succeeded" in judged and "failed" not in judged, [line for line in judged.splitlines() if "failed" in line])
        aliased.write_text(aliased.read_text().replace("Usage-Based", "Sometimes").replace("T23:00:00Z", " 23h"))
        spoilt = judge(aliased)
        check("and it does find what is wrong", "ChargeFrequency_Enum failed" in spoilt and "ChargePeriodStart_IsDateTime failed" in spoilt, spoilt[-400:])


def independent(samples, credits, prices):
    """The bill by other means: decimal arithmetic, its own rounding, its own periods."""
    decimal.getcontext().prec = 60
    # Tunis is an hour ahead of UTC all year.
    zone_minute = lambda day: calendar.timegm(day.timetuple()) // 60 - 60
    periods = [(zone_minute(p["from"]), p) for p in prices["prices"]]
    unit = decimal.Decimal(1).scaleb(-prices["minor_digits"])
    measures = {"vcpu": ("vcpu_hour", 60), "memory": ("memory_gib_hour", 60 * 1024), "disk": ("disk_gib_hour", 60 * 1024), "sent": ("sent_gib", 2**30)}
    sums, month = {}, 1_793_487_600 // 60
    for sample in samples:
        start, period = [pair for pair in periods if pair[0] <= sample["minute"]][-1]
        begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(max(start, month) * 60))
        runs, there = sample["state"] == "running", sample["state"] != "broken"
        for measure, amount in [("vcpu", runs * sample["vcpus"]), ("memory", runs * sample["memory_mib"]), ("disk", there * sample["disk_mib"]), ("sent", there * sample["sent"])]:
            key = (sample["instance"], measure, begin)
            sums[key] = (sums.get(key, (0,))[0] + amount, period)
    cents = lambda amount: int((amount / unit).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP))
    lines = {}
    for (machine, measure, begin), (amount, period) in sums.items():
        price, per = measures[measure]
        lines[(machine, measure, begin)] = cents(decimal.Decimal(amount) * decimal.Decimal(period[price]) / per)
    net = sum(lines.values()) + sum(credit["minor"] for credit in credits)
    tax = cents(decimal.Decimal(net) * unit * decimal.Decimal(prices["tax"]["percent"]) / 100)
    return {"lines": lines, "net_minor": net, "tax_minor": tax, "total_minor": net + tax}


def main():
    bills(install())
    with Engine() as engine:
        project, other, computer, network = new_id(), new_id(), new_id(), new_id()
        limits(engine, project, computer, network)
        net, far = apart(engine, project, computer, other)
        snapshot(engine, project, computer, network)
        full(engine, project, computer, network)
        certificate(engine, project, other, [network, net])
        gone = engine.order(
            {"do": "remove-instance", "project": other, "instance": far},
            {"do": "remove-network", "project": other, "network": net},
            {"do": "remove-network", "project": project, "network": network},
            {"do": "remove-project", "project": other},
            {"do": "remove-project", "project": project},
        )
        check("everything goes", gone == [{"done": True}] * 5 and engine.raw("/1.0/projects") == ["/1.0/projects/default"], gone)
    print(f"{tally['passed']} passed, {tally['failed']} failed, 0 skipped")
    sys.exit(1 if tally["failed"] else 0)


if __name__ == "__main__":
    main()
