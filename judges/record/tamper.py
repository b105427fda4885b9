"""What a dishonest operator can do to a log of 70,000 entries, one way at a time. Each must be found and named.

Every tampering is a function over a copy of the log's folder; beside it stands a text that some line of the auditor's
output must contain. The operator holds the log's key; where it says so, also the witnesses' keys.
"""

import base64
import os
import shutil
import struct

import audit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "daftar.example/acts"
SIZE = 70_000


class Signer:
    """Signs as the log or as a witness; the seeds are those of the log that make_log writes."""

    def __init__(self, name, seed, kind):
        self.name, self.kind = name, kind
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = audit.sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]

    def line(self, text, time=1_795_440_000):
        message, head = text.encode(), b""
        if self.kind == audit.WITNESS_KEY:
            head = struct.pack(">Q", time)
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        return signature_line(self.name, self.id + head + self.key.sign(message))


def signature_line(name, blob):
    return f"\u2014 {name} {base64.b64encode(blob).decode()}"


LOG = Signer(ORIGIN, 1, audit.LOG_KEY)
THIEF = Signer(ORIGIN, 77, audit.LOG_KEY)
UNIVERSITY = Signer("university.example/witness", 2, audit.WITNESS_KEY)
PRESS = Signer("press.example/witness", 3, audit.WITNESS_KEY)
STRANGER = Signer("university.example/witness", 78, audit.WITNESS_KEY)


class Log:
    """A folder whose files are hard links to the honest log: a file is replaced, never written into."""

    def __init__(self, honest, folder):
        self.folder = folder
        shutil.copytree(honest, folder, copy_function=os.link, ignore=shutil.ignore_patterns("proofs", "consistency"))

    def read(self, path):
        return (self.folder / path).read_bytes()

    def write(self, path, data):
        target = self.folder / path
        target.unlink(missing_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def remove(self, path):
        (self.folder / path).unlink()

    def flip(self, path, place):
        data = bytearray(self.read(path))
        data[place] ^= 1
        self.write(path, bytes(data))

    def swap(self, left, right):
        a, b = self.read(left), self.read(right)
        self.write(left, b)
        self.write(right, a)

    def note(self):
        text, _, lines = self.read("checkpoint").decode().rpartition("\n\n")
        return text + "\n", lines.strip().split("\n")

    def write_note(self, text, lines):
        self.write("checkpoint", (text + "\n" + "".join(line + "\n" for line in lines)).encode())

    def edit(self, old, new):
        text = self.read("checkpoint").decode()
        assert old in text
        self.write("checkpoint", text.replace(old, new, 1).encode())

    def entries(self):
        return [
            entry
            for index in range((SIZE + 255) // 256)
            for entry in audit.parse_bundle(self.read(audit.bundle_path(index, min(256, SIZE - index * 256))))
        ]

    def rewrite(self, entries, *signers):
        """Builds the whole log anew over other entries; signs a new checkpoint if there are signers."""
        shutil.rmtree(self.folder / "tile")
        leaves = [audit.leaf_hash(entry) for entry in entries]
        for path, data in audit.tree_files(leaves, len(leaves)):
            self.write(path, data)
        for start in range(0, len(entries), 256):
            part = entries[start : start + 256]
            data = b"".join(struct.pack(">H", len(entry)) + entry for entry in part)
            self.write(audit.bundle_path(start // 256, len(part)), data)
        if signers:
            root = audit.root_at(len(leaves), audit.levels_of(leaves))
            text = f"{ORIGIN}\n{len(leaves)}\n{base64.b64encode(root).decode()}\n"
            self.write_note(text, [signer.line(text) for signer in signers])


LAST_BUNDLE, LAST_TILE = "tile/entries/273.p/112", "tile/0/273.p/112"


def reorder(log):
    data = log.read("tile/entries/007")
    entries = audit.parse_bundle(data)
    entries[10], entries[11] = entries[11], entries[10]
    log.write("tile/entries/007", b"".join(struct.pack(">H", len(entry)) + entry for entry in entries))


def drop_last_of_bundle(log):
    entries = audit.parse_bundle(log.read("tile/entries/007"))[:-1]
    log.write("tile/entries/007", b"".join(struct.pack(">H", len(entry)) + entry for entry in entries))


def changed(log, number, to):
    entries = log.entries()
    entries[number] = to
    return entries


def without(log, number):
    entries = log.entries()
    del entries[number]
    return entries


def cut_to_half(log):
    log.rewrite(log.entries()[: SIZE // 2])
    log.write("checkpoint", log.read("checkpoint.half"))


def resign(log, *signers):
    text, _ = log.note()
    log.write_note(text, [signer.line(text) for signer in signers])


def keep_lines(log, keep):
    text, lines = log.note()
    log.write_note(text, [line for line in lines if keep(line)])


def forge_cosignature(log):
    text, lines = log.note()
    forged = signature_line(UNIVERSITY.name, UNIVERSITY.id + struct.pack(">Q", 1_795_440_000) + bytes(64))
    log.write_note(text, [lines[0], forged, lines[2]])


def redate_cosignature(log):
    text, lines = log.note()
    name, blob = lines[1].split(" ")[1], bytearray(base64.b64decode(lines[1].split(" ")[2]))
    blob[11] ^= 0x40
    log.write_note(text, [lines[0], signature_line(name, bytes(blob)), lines[2]])


def other_root(log):
    text, lines = log.note()
    root = base64.b64encode(bytes(32)).decode()
    text = "\n".join([*text.split("\n")[:2], root]) + "\n"
    log.write_note(text, [LOG.line(text), UNIVERSITY.line(text), PRESS.line(text)])


def cosignature_of_another_tree(log):
    half_text, _, half_lines = log.read("checkpoint.half").decode().rpartition("\n\n")
    text, lines = log.note()
    log.write_note(text, [lines[0], *half_lines.strip().split("\n")[1:]])


FULL = "checkpoint: forked: the first 70000 entries are not those seen earlier"
NO_ROOT = "checkpoint: the entries do not have the root that was signed"

# Name, what is done, and what must be said. An outsider holds the newest honest checkpoint (`seen`).
TAMPERINGS = [
    ("a byte of an entry", lambda log: log.flip("tile/entries/003", 40), "tile/entries/003: entry 768 does not have"),
    ("a byte of the newest bundle", lambda log: log.flip(LAST_BUNDLE, 40), f"{LAST_BUNDLE}: entry 69888 does not have"),
    ("two entries exchanged", reorder, "tile/entries/007: entry 1802 does not have"),
    ("a byte of a level 0 tile", lambda log: log.flip("tile/0/009", 32 * 7), "tile/entries/009: entry 2311 does not have its hash in tile/0/009"),
    ("a byte of the partial level 0 tile", lambda log: log.flip(LAST_TILE, 0), f"entry 69888 does not have its hash in {LAST_TILE}"),
    ("a byte of the full level 1 tile", lambda log: log.flip("tile/1/000", 32 * 200), "tile/1/000: does not have"),
    ("a byte of the partial level 1 tile", lambda log: log.flip("tile/1/001.p/17", 3), "tile/1/001.p/17: does not have"),
    ("a byte of the level 2 tile", lambda log: log.flip("tile/2/000.p/1", 31), "tile/2/000.p/1: does not have"),
    ("two tiles exchanged", lambda log: log.swap("tile/0/004", "tile/0/005"), "entry 1024 does not have its hash in tile/0/004"),
    ("two bundles exchanged", lambda log: log.swap("tile/entries/004", "tile/entries/005"), "tile/entries/004: entry 1024"),
    ("tiles of two levels exchanged", lambda log: log.swap("tile/1/000", "tile/0/005"), "tile/1/000: does not have"),
    ("a bundle cut off", lambda log: log.write("tile/entries/002", log.read("tile/entries/002")[:100]), "tile/entries/002: cut off"),
    ("the last entry of a bundle dropped", drop_last_of_bundle, "tile/entries/007: has 255 entries, expected 256"),
    ("an entry added to a bundle", lambda log: log.write(LAST_BUNDLE, log.read(LAST_BUNDLE) + b"\0\1x"), f"{LAST_BUNDLE}: has 113 entries"),
    ("a bundle missing", lambda log: log.remove("tile/entries/100"), "tile/entries/100: missing"),
    ("a tile missing", lambda log: log.remove("tile/0/100"), "tile/0/100: missing"),
    ("an upper tile missing", lambda log: log.remove("tile/2/000.p/1"), "tile/2/000.p/1: missing"),
    ("a tile cut off", lambda log: log.write("tile/0/010", log.read("tile/0/010")[:-32]), "tile/0/010: has 8160 bytes"),
    ("a hash too many in a partial tile", lambda log: log.write(LAST_TILE, log.read(LAST_TILE) + bytes(32)), f"{LAST_TILE}: has 3616 bytes"),
    ("a wider partial tile beside the right one", lambda log: log.write("tile/0/273.p/113", log.read(LAST_TILE) + bytes(32)), "tile/0/273.p/113: is not part of the tree"),
    ("a false narrower partial tile left behind", lambda log: log.write("tile/0/273.p/2", bytes(64)), "tile/0/273.p/2: does not agree"),
    ("a bundle past the end", lambda log: log.write("tile/entries/274.p/1", b"\0\1x"), "tile/entries/274.p/1: is not part of the tree"),
    ("an entry rewritten with all tiles", lambda log: log.rewrite(changed(log, 5, b"forged")), NO_ROOT),
    ("an entry dropped, the rest moved up, one added", lambda log: log.rewrite([*without(log, 40_000), b"filler"]), NO_ROOT),
    ("history rewritten and signed, witnesses left out", lambda log: log.rewrite(changed(log, 5, b"forged"), LOG), "checkpoint: the quorum is not reached"),
    ("history rewritten, signed and cosigned by all", lambda log: log.rewrite(changed(log, 5, b"forged"), LOG, UNIVERSITY, PRESS), FULL),
    ("history rewritten and grown, signed and cosigned by all", lambda log: log.rewrite([*changed(log, 5, b"forged"), b"more"], LOG, UNIVERSITY, PRESS), FULL),
    ("an old backup restored with its own checkpoint", cut_to_half, "checkpoint: rolled back: 35000 entries, but 70000 were seen"),
    ("an old checkpoint replayed over the new files", lambda log: log.write("checkpoint", log.read("checkpoint.half")), "checkpoint: rolled back"),
    ("another root, signed and cosigned by all", other_root, NO_ROOT),
    ("another root, not signed anew", lambda log: log.edit(log.note()[0].split("\n")[2][:4], "AAAA"), "checkpoint: the signature of daftar.example/acts does not verify"),
    ("a smaller size", lambda log: log.edit("\n70000\n", "\n69999\n"), "checkpoint: the signature of daftar.example/acts does not verify"),
    ("an absurd size", lambda log: log.edit("\n70000\n", "\n18446744073709551615\n"), "checkpoint: the signature of daftar.example/acts does not verify"),
    ("another origin", lambda log: log.edit("daftar.example/acts\n", "daftar.example/cats\n"), "is not a log of the policy"),
    ("an extension line added", lambda log: log.edit("\n\n", "\nsurprise\n\n"), "checkpoint: the signature of daftar.example/acts does not verify"),
    ("a size with a leading zero", lambda log: log.edit("\n70000\n", "\n070000\n"), "checkpoint: the size is not a plain decimal"),
    ("no checkpoint", lambda log: log.remove("checkpoint"), "checkpoint: missing"),
    ("no log signature", lambda log: keep_lines(log, lambda line: ORIGIN not in line), "checkpoint: the log's signature is missing"),
    ("signed by another key of the same name", lambda log: resign(log, THIEF, UNIVERSITY, PRESS), "checkpoint: the log's signature is missing"),
    ("a cosignature left out", lambda log: keep_lines(log, lambda line: "press" not in line), "checkpoint: the quorum is not reached"),
    ("a cosignature forged", forge_cosignature, "checkpoint: the signature of university.example/witness does not verify"),
    ("a cosignature by a stranger of the same name", lambda log: resign(log, LOG, STRANGER, PRESS), "checkpoint: the quorum is not reached; cosigned by ['press']"),
    ("a cosignature re-dated", redate_cosignature, "checkpoint: the signature of university.example/witness does not verify"),
    ("cosignatures of another tree", cosignature_of_another_tree, "checkpoint: the signature of university.example/witness does not verify"),
]
