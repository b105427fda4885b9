"""An outside audit of a whole C2SP tiled log: Python's standard library and `cryptography`, none of Daftar's code.

    audit.py LOGDIR POLICY [SEEN_CHECKPOINT...]

Verifies every entry, every tile of every level, the root, all signatures, the quorum, and that the log still contains
the checkpoints seen earlier. Prints one line a finding, `path: what is wrong`; exit code 0 whole, 1 finding, 2 usage.
Written from the C2SP texts (signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-policy).
"""

import base64
import binascii
import hashlib
import re
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256
LOG_KEY, WITNESS_KEY = 1, 4


class Bad(Exception):
    """Why something is not what it claims to be."""


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def root_of(hashes):
    """Root over equally high subtrees; the last may be smaller, an odd one is carried up."""
    if not hashes:
        return sha256(b"")
    row = list(hashes)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + ([row[-1]] if len(row) % 2 else [])
    return row[0]


def unbase64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Bad(f"{what} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Bad(f"{what} is not canonical base64")
    return data


def decimal(text, what):
    if not re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII) or int(text) >= 1 << 64:
        raise Bad(f"{what} is not a plain decimal")
    return int(text)


class Key:
    def __init__(self, vkey):
        name, key_id, encoded = vkey.split("+", 2)
        data = unbase64(encoded, "a key")
        self.name, self.kind, self.raw = name, data[0], data[1:]
        self.id = bytes.fromhex(key_id)
        if sha256(name.encode() + b"\n" + data)[:4] != self.id:
            raise Bad(f"the key id of {name} is wrong")

    def verify(self, text, signature):
        """The time of a cosignature, or None; raises Bad."""
        message, time = text.encode(), None
        if self.kind == WITNESS_KEY:
            if len(signature) != 72:
                raise Bad(f"the cosignature of {self.name} has a wrong length")
            time = struct.unpack(">Q", signature[:8])[0]
            message, signature = f"cosignature/v1\ntime {time}\n".encode() + message, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature as error:
            raise Bad(f"the signature of {self.name} does not verify") from error
        return time


class Policy:
    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        for line in text.split("\n"):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log":
                self.logs.append(Key(words[1]))
            elif words[0] == "witness":
                self.witnesses[words[1]] = Key(words[2])
            elif words[0] == "group":
                members = words[3:]
                needed = {"all": len(members), "any": 1}.get(words[2]) or int(words[2])
                self.groups[words[1]] = (needed, members)
            elif words[0] == "quorum":
                self.quorum = words[1]
        if self.quorum is None:
            raise Bad("the policy has no quorum")

    def satisfied(self, name, cosigned):
        if name == "none":
            return True
        if name in self.witnesses:
            return name in cosigned
        needed, members = self.groups[name]
        return sum(self.satisfied(member, cosigned) for member in members) >= needed


class Checkpoint:
    """A parsed checkpoint; `verify` says what is wrong with its signatures."""

    def __init__(self, data):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Bad("it is not UTF-8") from error
        if any(ord(c) < 0x20 and c != "\n" for c in text):
            raise Bad("it holds control characters")
        split = text.rfind("\n\n")
        if split < 0 or not text.endswith("\n"):
            raise Bad("it is not a signed note")
        self.text, self.lines = text[: split + 1], text[split + 2 : -1].split("\n")
        parts = self.text[:-1].split("\n")
        if len(parts) < 3 or "" in parts:
            raise Bad("it lacks origin, size or root")
        self.origin, self.size, self.root = parts[0], decimal(parts[1], "the size"), unbase64(parts[2], "the root")
        if len(self.root) != 32:
            raise Bad("the root is not 32 bytes")

    def verify(self, policy, needs_quorum=True):
        problems, by_log, cosigned = [], False, {}
        known = [(None, key) for key in policy.logs] + list(policy.witnesses.items())
        if all(key.name != self.origin for key in policy.logs):
            problems.append(f"the origin {self.origin!r} is not a log of the policy")
        for line in self.lines:
            match = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line)
            if not match:
                problems.append("a signature line is malformed")
                continue
            try:
                blob = unbase64(match[2], "a signature")
                for witness, key in known:
                    if (key.name, key.id) == (match[1], blob[:4]):
                        time = key.verify(self.text, blob[4:])
                        by_log |= witness is None and key.name == self.origin
                        if witness is not None:
                            cosigned[witness] = time
            except Bad as bad:
                problems.append(str(bad))
        if not by_log:
            problems.append("the log's signature is missing")
        if needs_quorum and not policy.satisfied(policy.quorum, cosigned):
            problems.append(f"the quorum is not reached; cosigned by {sorted(cosigned) or 'nobody'}")
        return problems, cosigned


def numbered(prefix, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return prefix + "/".join(groups) + (f".p/{width}" if width < WIDTH else "")


def tile_path(level, index, width):
    return numbered(f"tile/{level}/", index, width)


def bundle_path(index, width):
    return numbered("tile/entries/", index, width)


def parse_bundle(data):
    entries, place = [], 0
    while place < len(data):
        if place + 2 > len(data):
            raise Bad("cut off within a length")
        length = struct.unpack_from(">H", data, place)[0]
        place += 2
        if place + length > len(data):
            raise Bad(f"cut off within its entry {len(entries)}")
        entries.append(data[place : place + length])
        place += length
    return entries


def levels_of(leaves):
    """All hashes of all tile levels: level n + 1 holds the roots of the full tiles of level n."""
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([root_of(below[i : i + WIDTH]) for i in range(0, len(below) // WIDTH * WIDTH, WIDTH)])
    return levels


def root_at(size, levels):
    """Root of the first `size` leaves."""
    right = None
    for level, hashes in enumerate(levels):
        count = size >> (8 * level)
        row = hashes[count // WIDTH * WIDTH : count] + ([right] if right else [])
        right = root_of(row) if row else None
    return right or sha256(b"")


def tree_files(leaves, size):
    """Every tile of the tree, and its bytes."""
    for level, hashes in enumerate(levels_of(leaves[:size])):
        for start in range(0, len(hashes), WIDTH):
            part = hashes[start : start + WIDTH]
            yield tile_path(level, start // WIDTH, len(part)), b"".join(part)


class Audit:
    def __init__(self, folder, policy, seen):
        self.folder, self.policy, self.seen = Path(folder), policy, seen
        self.findings, self.expected = [], set()

    def find(self, path, text):
        self.findings.append(f"{path}: {text}")

    def read(self, path):
        """A file of the tree. A bundle or tile that was partial may have been replaced by the full one since."""
        self.expected.add(path)
        file, whole = self.folder / path, path.partition(".p/")[0]
        if file.is_file():
            return file.read_bytes()
        if whole != path and (self.folder / whole).is_file():
            self.expected.add(whole)
            return self.beginning(whole, int(path.partition(".p/")[2]))
        self.find(path, "missing")
        return None

    def beginning(self, path, width):
        """The first hashes of a full tile, or the first entries of a full bundle."""
        data = (self.folder / path).read_bytes()
        if not path.startswith("tile/entries/"):
            return data[: width * 32]
        try:
            return b"".join(struct.pack(">H", len(entry)) + entry for entry in parse_bundle(data)[:width])
        except Bad:
            return data

    def run(self):
        data = self.read("checkpoint")
        if data is None:
            return None
        try:
            checkpoint = Checkpoint(data)
        except Bad as bad:
            self.find("checkpoint", str(bad))
            return None
        problems, cosigned = checkpoint.verify(self.policy)
        for problem in problems:
            self.find("checkpoint", problem)
        if not (self.folder / "tile").is_dir() and checkpoint.size:
            self.find("tile", "missing")
            return None
        earlier = self.trusted_earlier(checkpoint)
        leaves = self.leaves(checkpoint.size)
        if leaves is not None:
            levels = levels_of(leaves)
            self.compare_tiles(levels, checkpoint)
            self.compare_earlier(levels, earlier)
        self.compare_extra()
        return checkpoint, cosigned

    def leaves(self, size):
        """Leaf hashes from the entries; where a bundle is unusable, from its tile."""
        leaves, present = [], len(list((self.folder / "tile").rglob("*"))) * WIDTH
        for index in range((min(size, present) + WIDTH - 1) // WIDTH):
            width = min(WIDTH, size - index * WIDTH)
            path, tile = bundle_path(index, width), tile_path(0, index, width)
            data, hashes = self.read(path), self.read(tile)
            if hashes is not None and len(hashes) != width * 32:
                self.find(tile, f"has {len(hashes)} bytes, expected {width * 32}")
                hashes = None
            stored = [hashes[i : i + 32] for i in range(0, len(hashes), 32)] if hashes is not None else None
            computed = None
            if data is not None:
                try:
                    entries = parse_bundle(data)
                    if len(entries) != width:
                        raise Bad(f"has {len(entries)} entries, expected {width}")
                    computed = [leaf_hash(entry) for entry in entries]
                except Bad as bad:
                    self.find(path, str(bad))
            if computed is None and stored is None:
                self.find(path, "neither entries nor their hashes are there")
                return None
            if computed and stored and computed != stored:
                first = next(i for i in range(width) if computed[i] != stored[i])
                self.find(path, f"entry {index * WIDTH + first} does not have its hash in {tile}")
            leaves.extend(computed or stored)
        if len(leaves) != size:
            self.find("checkpoint", f"says {size} entries, {len(leaves)} are there")
            return None
        return leaves

    def compare_tiles(self, levels, checkpoint):
        for level, hashes in enumerate(levels[1:], start=1):
            for start in range(0, len(hashes), WIDTH):
                part = hashes[start : start + WIDTH]
                path = tile_path(level, start // WIDTH, len(part))
                stored = self.read(path)
                if stored is not None and stored != b"".join(part):
                    self.find(path, "does not have the hashes of the tiles below")
        if root_at(checkpoint.size, levels) != checkpoint.root:
            self.find("checkpoint", "the entries do not have the root that was signed")

    def trusted_earlier(self, checkpoint):
        """The checkpoints seen earlier that the log must contain; a larger one shows that entries were dropped."""
        earlier = []
        for seen in self.seen:
            problems, _ = seen.verify(self.policy, needs_quorum=False)
            for problem in problems:
                self.find("seen checkpoint", problem)
            if not problems and seen.size > checkpoint.size:
                self.find("checkpoint", f"rolled back: {checkpoint.size} entries, but {seen.size} were seen earlier")
            elif not problems:
                earlier.append(seen)
        return earlier

    def compare_earlier(self, levels, earlier):
        for seen in earlier:
            if root_at(seen.size, levels) != seen.root:
                self.find("checkpoint", f"forked: the first {seen.size} entries are not those seen earlier")

    def compare_extra(self):
        """Files the tree does not have: only older, narrower forms of partial tiles may be left, and must agree."""
        for file in sorted((self.folder / "tile").rglob("*")):
            path = file.relative_to(self.folder).as_posix()
            if not file.is_file() or path in self.expected:
                continue
            whole, _, width = path.partition(".p/")
            wider = [p for p in self.expected if p.partition(".p/")[0] == whole and (self.folder / p).is_file()]
            is_narrower = wider and width.isdigit() and int(width) < int(wider[0].partition(".p/")[2] or WIDTH)
            if not is_narrower:
                self.find(path, "is not part of the tree")
            elif not (self.folder / wider[0]).read_bytes().startswith(file.read_bytes()):
                self.find(path, f"does not agree with {wider[0]}")


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, policy_path, *seen_paths = arguments
    policy = Policy(Path(policy_path).read_text(encoding="utf-8"))
    audit = Audit(folder, policy, [Checkpoint(Path(path).read_bytes()) for path in seen_paths])
    result = audit.run()
    for finding in audit.findings:
        print(finding)
    if audit.findings:
        return 1
    checkpoint, cosigned = result
    print(f"whole: {checkpoint.size} entries of {checkpoint.origin}, cosigned by {', '.join(sorted(cosigned))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
