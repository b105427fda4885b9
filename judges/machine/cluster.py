"""Three machines on one: a network namespace, an own disk and an own clock each, and `daftar up --ha --node N` in each."""

import base64
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

BINARY = os.environ.get("DAFTAR_BIN", "daftar")
ROOT = Path(os.environ.get("DAFTAR_ROOT") or Path(__file__).resolve().parents[2])
NODES = (1, 2, 3)
DISK_BYTES = 3 << 30
UP_SECONDS = 120
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def sh(*words, check=True):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()[:500]}")
    return done.stdout


class Machine:
    """One of them: what a hand at the machine could do to it."""

    def __init__(self, bed, number):
        self.bed, self.number, self.up = bed, number, None
        self.space, self.host = f"{bed.mark}n{number}", f"{bed.network}.{number}"
        self.folder = bed.folder / f"node-{number}"
        self.clock = bed.folder / f"clock-{number}"

    def make(self):
        inner, outer = f"{self.space}i", f"{self.space}o"
        sh("ip", "netns", "add", self.space)
        sh("ip", "link", "add", outer, "type", "veth", "peer", "name", inner)
        sh("ip", "link", "set", inner, "netns", self.space)
        sh("ip", "link", "set", outer, "master", self.bed.bridge, "up")
        for words in (["addr", "add", f"{self.host}/24", "dev", inner], ["link", "set", inner, "up"], ["link", "set", "lo", "up"]):
            sh("ip", "netns", "exec", self.space, "ip", *words)
        image = self.bed.folder / f"disk-{self.number}"
        with open(image, "wb") as disk:
            disk.truncate(DISK_BYTES)
        sh("mkfs.ext4", "-q", "-m", "0", image)
        self.folder.mkdir()
        sh("mount", "-o", "loop", image, self.folder)
        self.set_clock(0)

    def set_clock(self, seconds):
        self.clock.write_text(f"{seconds:+d}\n")
        self.clock.chmod(0o644)

    def start(self):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DAFTAR_")}
        environment |= {
            "PATH": f"{self.bed.folder}/bin:{os.environ['PATH']}",
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        place = ["--data", self.bed.folder, "--country", ROOT / "country/demo"]
        words = ["ip", "netns", "exec", self.space, self.bed.program, *place, "up", "--ha", "--node", self.number, self.bed.file]
        with open(self.bed.folder / f"up-{self.number}.log", "ab") as log:
            self.up = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/")

    def said(self):
        return (self.bed.folder / f"up-{self.number}.log").read_text()

    def pids(self):
        return [int(pid) for pid in sh("ip", "netns", "pids", self.space, check=False).split()]

    def named(self, *marks):
        """Processes whose command line holds all of these."""
        found = []
        for pid in self.pids():
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if all(mark in line for mark in marks) and not line.startswith(("setpriv", "unshare")):
                found.append(pid)
        return found

    def postmaster(self):
        return [pid for pid in self.named("bin/postgres ", " -D ")]

    def send(self, number, pids):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def lose(self):
        """The machine is gone: one SIGKILL to the supervisor; that nothing outlives it is judged too."""
        if self.up:
            self.send(signal.SIGCONT, self.pids())
            self.up.kill()
            self.up.wait()
            self.up = None

    def survivors(self, seconds=5):
        until = time.monotonic() + seconds
        while self.pids() and time.monotonic() < until:
            time.sleep(0.05)
        return len(self.pids())

    def link(self, state):
        sh("ip", "link", "set", f"{self.space}o", state)

    def fill(self):
        sh("fallocate", "-l", os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize - 4096, self.folder / "filler", check=False)
        with open(self.folder / "filler-2", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass

    def drain(self):
        for name in ("filler", "filler-2"):
            (self.folder / name).unlink(missing_ok=True)

    def end(self):
        self.lose()
        self.survivors()
        self.send(signal.SIGKILL, self.pids())
        sh("umount", "-l", self.folder, check=False)
        sh("ip", "netns", "del", self.space, check=False)
        sh("ip", "link", "del", f"{self.space}o", check=False)


class Bed:
    """The cluster, and what can be asked of Patroni about it: never used to judge, only to aim."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.mark = f"dh{os.getpid() % 10000}"
        self.bridge, self.network = f"{self.mark}br", f"10.{200 + os.getpid() % 50}.77"
        self.file = self.folder / "cluster.toml"
        self.machines = {number: Machine(self, number) for number in NODES}
        self.made = False

    def make(self):
        self.made = True
        self.folder.chmod(0o755)
        sh("ip", "link", "add", self.bridge, "type", "bridge")
        sh("ip", "addr", "add", f"{self.network}.254/24", "dev", self.bridge)
        sh("ip", "link", "set", self.bridge, "up")
        for machine in self.machines.values():
            machine.make()
        self.make_clocks()
        nodes = "".join(f"[[node]]\nhost = '{machine.host}'\n" for machine in self.machines.values())
        self.file.write_text(f"blobs = '{self.folder}/blobs'\n{nodes}")
        sh(BINARY, "--data", self.folder, "--country", ROOT / "country/demo", "up", "--ha", "--prepare", self.file)
        self.tls = ssl.create_default_context(cafile=self.folder / "secrets/ca.pem")
        # It opens what it changes: Patroni asks for a certificate and the password.
        self.own = ssl.create_default_context(cafile=self.folder / "secrets/ca.pem")
        self.own.load_cert_chain(self.folder / "secrets/node-1.pem", self.folder / "secrets/node-1.key")
        self.password = re.search(r'patroni = "(\w+)"', (self.folder / "secrets/secrets.toml").read_text())[1]

    def make_clocks(self):
        """A clock of its own for the Daftar of each machine.

        PostgreSQL's clock decides nothing for Daftar, etcd counts by the monotonic clock, which no jump moves, and Patroni by
        etcd's claims; Python hangs under libfaketime."""
        self.program = self.folder / "bin/daftar"
        self.program.parent.mkdir()
        shutil.copy(shutil.which(BINARY) or BINARY, self.program)
        sh("patchelf", "--add-needed", FAKETIME[0], self.program)
        # What Daftar starts as another user must not find libfaketime's semaphore, which only its maker opens.
        for name in ("etcd", "patroni", "haproxy"):
            wrapper = self.folder / "bin" / name
            wrapper.write_text(f'#!/bin/sh\nunset FAKETIME_SHARED\nexec {shutil.which(name)} "$@"\n')
            wrapper.chmod(0o755)

    def start(self):
        """Starts all; gives the seconds until all three serve, and the link of the first administrator."""
        begun = time.monotonic()
        for machine in self.machines.values():
            machine.start()
        while not all("serving on" in machine.said() for machine in self.machines.values()):
            if time.monotonic() - begun > UP_SECONDS:
                raise RuntimeError("it does not serve:\n" + "\n".join(m.said()[-2000:] for m in self.machines.values()))
            time.sleep(0.1)
        link = re.search(r"https?://\S+?(/enrol/\S+)", self.machines[1].said())
        return time.monotonic() - begun, link[1]

    def patroni(self, number, path, body=None):
        request = urllib.request.Request(f"https://{self.machines[number].host}:7403{path}", body and json.dumps(body).encode())
        if body is not None:
            token = base64.b64encode(f"daftar:{self.password}".encode()).decode()
            request.add_header("authorization", f"Basic {token}")
            request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=30 if body else 2, context=self.own) as answer:
            return answer.read().decode()

    def members(self):
        for number in NODES:
            try:
                return {member["name"]: member for member in json.loads(self.patroni(number, "/cluster"))["members"]}
            except (OSError, ValueError):
                continue
        return {}

    def leader(self):
        found = [name for name, member in self.members().items() if member["role"] == "leader"]
        return int(found[0].removeprefix("node-")) if found else None

    def is_whole(self):
        """One leads, one has all that was acknowledged, one follows."""
        members = self.members().values()
        here = [member for member in members if member["state"] in ("running", "streaming")]
        follows = all(isinstance(member.get("lag"), int) for member in here if member["role"] != "leader")
        roles = sorted(member["role"] for member in here)
        return follows and len({m.get("timeline") for m in here}) == 1 and roles == ["leader", "replica", "sync_standby"]

    def wait_whole(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.is_whole():
                return True
            time.sleep(0.3)
        return False

    def fronts(self):
        return [f"{machine.host}:7407" for machine in self.machines.values()]

    def end(self):
        if not self.made:
            return
        for machine in self.machines.values():
            machine.end()
        sh("ip", "link", "del", self.bridge, check=False)

    def logs(self, lines=25):
        """The end of what every program said, for whoever looks for the cause."""
        for log in sorted(self.folder.glob("node-*/log/*.log")) + sorted(self.folder.glob("up-*.log")):
            tail = log.read_text(errors="replace").splitlines()[-lines:]
            print(f"-- {log.relative_to(self.folder)}\n" + "\n".join(line[:300] for line in tail), flush=True)


def missing():
    """What this machine lacks; nothing when the judge can run."""
    programs = ["ip", "mkfs.ext4", "mount", "patroni", "etcd", "haproxy", "openssl", "setpriv", "unshare", "patchelf"]
    lacking = [name for name in programs if not shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]
    if not FAKETIME:
        lacking.append("libfaketime")
    return lacking + ([] if os.geteuid() == 0 else ["root"])
