"""A whole C2SP tiled log from its files, without Daftar's code: entries, and the root of every beginning of it."""

import base64
import hashlib
import struct

WIDTH = 256


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def bundle_path(index, width):
    """Path of an entry bundle: groups of three digits, all but the last with an x."""
    groups, high = [f"{index % 1000:03}"], index
    while high >= 1000:
        high //= 1000
        groups.insert(0, f"x{high % 1000:03}")
    return "tile/entries/" + "/".join(groups) + (f".p/{width}" if width < WIDTH else "")


def entries(folder, size):
    """The first `size` entries of an exported log."""
    found = []
    for index in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - index * WIDTH)
        data, place = (folder / bundle_path(index, width)).read_bytes(), 0
        while place < len(data):
            (length,) = struct.unpack_from(">H", data, place)
            found.append(data[place + 2 : place + 2 + length])
            place += 2 + length
    if len(found) != size:
        raise ValueError(f"{folder}: {len(found)} entries, its checkpoint says {size}")
    return found


class Checkpoint:
    """What the text of a checkpoint says; `daftar log verify` judges the signatures."""

    def __init__(self, note):
        lines = note.decode().split("\n")
        self.origin, self.size, self.root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)


class Prefixes:
    """Roots of all beginnings of a log (RFC 6962): whole subtrees are kept, so that each root costs a logarithm."""

    def __init__(self, log_entries):
        self.levels = [[leaf_hash(entry) for entry in log_entries]]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            pairs = range(0, len(below) - 1, 2)
            self.levels.append([sha256(b"\x01" + below[i] + below[i + 1]) for i in pairs])

    def root(self, size):
        """The root of the first `size` entries; None when there are not so many."""
        if size > len(self.levels[0]):
            return None
        right = None
        for level, hashes in enumerate(self.levels):
            if size >> level & 1:
                left = hashes[(size >> level) - 1]
                right = left if right is None else sha256(b"\x01" + left + right)
        return right or sha256(b"")
