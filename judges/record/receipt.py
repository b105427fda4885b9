"""A second implementation of daftar-receipt/1, from its description in libs/transparency-log/README.md alone: Python's
standard library and `cryptography`, none of Daftar's code.

    receipt.py RECEIPT.json POLICY

Exit code 0 genuine, 1 not genuine (the reason is printed), 2 usage.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

import audit
from audit import Bad, decimal, leaf_hash, node_hash, sha256, unbase64

MAX_RECEIPT_BYTES = 4 << 20
MAX_INTEGER = (1 << 53) - 1
MAX_DEPTH = 64


def refuse(text):
    raise Bad(f"{text} is not JSON")


def read_json(data, what):
    try:
        text = data.decode("utf-8")
        text.encode("utf-8")
        value = json.loads(text, parse_constant=refuse)
        # A lone surrogate in an escape has no UTF-8 form.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (UnicodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        raise Bad(f"{what} is not JSON") from error
    return value


def canonical(value, depth=0):
    """RFC 8785, integers only."""
    if depth > MAX_DEPTH:
        raise Bad("nested too deep")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise Bad("an integer is too large")
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(n)}:{canonical(value[n], depth + 1)}" for n in names) + "}"
    raise Bad("a number is not an integer")


def read_canonical(data, what):
    value = read_json(data, what)
    if canonical(value).encode() != data:
        raise Bad(f"{what} is not canonical JSON")
    return value


def members(value, what, known):
    if not isinstance(value, dict) or set(value) - set(known):
        raise Bad(f"{what} is not an object of the right members")
    return {name: value.get(name) for name in known}


def text(value, what):
    if not isinstance(value, str):
        raise Bad(f"{what} is not a text")
    return value


def number(value, what):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 64:
        raise Bad(f"{what} is not a whole number")
    return value


def hash_of(value, what):
    data = unbase64(text(value, what), what)
    if len(data) != 32:
        raise Bad(f"{what} is not 32 bytes")
    return data


def hash_list(value, what, most):
    if not isinstance(value, list) or len(value) > most:
        raise Bad(f"{what} is not a list of hashes")
    return [hash_of(item, what) for item in value]


def root_from_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        raise Bad("the index is outside the tree")
    node, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Bad("the proof is too long")
        if node % 2 or node == last:
            current = node_hash(sibling, current)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Bad("the proof is too short")
    return current


def read_proof(proof):
    """Index, path and checkpoint of a tlog-proof."""
    top, separator, checkpoint = proof.partition("\n\n")
    lines = top.split("\n")
    if not separator or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Bad("the proof is not a tlog-proof")
    if len(lines) > 1 and lines[1].startswith("extra "):
        unbase64(lines.pop(1)[len("extra ") :], "the extra data")
    if len(lines) < 2 or not lines[1].startswith("index ") or len(lines) > 2 + 64:
        raise Bad("the proof has no index, or too many hashes")
    index = decimal(lines[1][len("index ") :], "the index")
    return index, [hash_of(line, "a proof line") for line in lines[2:]], audit.Checkpoint(checkpoint.encode())


def map_value(key, siblings, leaf, root):
    """The key's value under the map's root, None when the proof shows that it has none."""

    def bit(depth):
        return key[depth // 8] >> (7 - depth % 8) & 1

    value, current = None, sha256(b"daftar-map/1 empty")
    if leaf:
        found, stored = leaf
        current = sha256(b"daftar-map/1 leaf" + found + stored)
        if found == key:
            value = stored
        elif any(found[d // 8] >> (7 - d % 8) & 1 != bit(d) for d in range(len(siblings))):
            raise Bad("the other key is not on the path")
    for depth in reversed(range(len(siblings))):
        pair = siblings[depth] + current if bit(depth) else current + siblings[depth]
        current = sha256(b"daftar-map/1 branch" + pair)
    if current != root:
        raise Bad("the map proof leads to another root")
    return value


def read_entry(data):
    entry = read_canonical(data, "the entry")
    if not isinstance(entry, dict):
        raise Bad("the entry is not an object")
    claims = {n: hash_of(entry[n], n) for n in ("commitment", "batch_root", "map_root") if n in entry}
    if ("batch_root" in entry) != ("batch_size" in entry):
        raise Bad("batch_root and batch_size go together")
    if "batch_size" in entry:
        claims["batch_size"] = number(entry["batch_size"], "batch_size")
        if claims["batch_size"] == 0:
            raise Bad("batch_size is 0")
    return claims


def subject_of(claims, batch, map_part):
    """The commitment that an opening must fit."""
    if batch is not None:
        if "batch_root" not in claims:
            raise Bad("the entry has no batch")
        if batch["size"] != claims["batch_size"]:
            raise Bad("the batch has another size")
        found = root_from_path(batch["index"], batch["size"], leaf_hash(batch["commitment"]), batch["hashes"])
        if found != claims["batch_root"]:
            raise Bad("the record is not in the batch")
        return batch["commitment"]
    if map_part is not None:
        if "map_root" not in claims:
            raise Bad("the entry has no map")
        return map_value(map_part["key"], map_part["siblings"], map_part["leaf"], claims["map_root"])
    return claims.get("commitment")


def read_receipt(data):
    if len(data) > MAX_RECEIPT_BYTES:
        raise Bad("the receipt is too long")
    value = read_json(data, "the receipt")
    file = members(value, "the receipt", ["format", "log_entry", "proof", "opening", "batch", "map"])
    if file["format"] != "daftar-receipt/1":
        raise Bad("it is of another format")
    batch, map_part, opening = file["batch"], file["map"], file["opening"]
    if batch is not None:
        batch = members(batch, "batch", ["commitment", "hashes", "index", "size"])
        batch["commitment"] = hash_of(batch["commitment"], "commitment")
        batch["hashes"] = hash_list(batch["hashes"], "hashes", 64)
        number(batch["index"], "index"), number(batch["size"], "size")
    if map_part is not None:
        map_part = members(map_part, "map", ["key", "leaf", "siblings"])
        map_part["key"] = hash_of(map_part["key"], "key")
        map_part["siblings"] = hash_list(map_part["siblings"], "siblings", 256)
        if map_part["leaf"] is not None:
            leaf = members(map_part["leaf"], "leaf", ["key", "value"])
            map_part["leaf"] = (hash_of(leaf["key"], "key"), hash_of(leaf["value"], "value"))
    if opening is not None:
        opening = members(opening, "opening", ["record", "salt"])
        opening = (text(opening["record"], "record").encode(), hash_of(opening["salt"], "salt"))
    if batch is not None and map_part is not None:
        raise Bad("it has both a batch and a map part")
    entry = unbase64(text(file["log_entry"], "log_entry"), "log_entry")
    return entry, read_proof(text(file["proof"], "proof")), opening, batch, map_part


def verify(data, policy):
    """Raises Bad unless the receipt is genuine under the policy."""
    entry, (index, path, checkpoint), opening, batch, map_part = read_receipt(data)
    problems, _ = checkpoint.verify(policy)
    if problems:
        raise Bad("; ".join(problems))
    if root_from_path(index, checkpoint.size, leaf_hash(entry), path) != checkpoint.root:
        raise Bad("the entry is not in the signed tree")
    subject = subject_of(read_entry(entry), batch, map_part)
    if opening is not None:
        record, salt = opening
        read_canonical(record, "the record")
        if subject is None:
            raise Bad("there is no commitment to open")
        if hmac.new(salt, record, hashlib.sha256).digest() != subject:
            raise Bad("the record does not fit the commitment")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        verify(Path(arguments[0]).read_bytes(), audit.Policy(Path(arguments[1]).read_text(encoding="utf-8")))
    except Bad as bad:
        print(f"not genuine: {bad}")
        return 1
    print("genuine")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
