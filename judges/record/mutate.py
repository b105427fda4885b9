"""Damages receipts in ways that keep most of their form, so that two implementations have something to disagree about.

Every mutation is drawn from a seeded generator: the same seed damages in the same way.
"""

import base64
import json


def flip(data, random):
    data = bytearray(data)
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def flip_base64(text, random):
    return base64.b64encode(flip(base64.b64decode(text), random)).decode()


def proof_line(receipt, random):
    lines = receipt["proof"].split("\n")
    place = random.randrange(len(lines))
    choice = random.randrange(4)
    if choice == 0:
        del lines[place]
    elif choice == 1:
        lines.insert(place, lines[random.randrange(len(lines))])
    elif choice == 2:
        words = lines[place].split(" ")
        if len(words[-1]) % 4 == 0 and words[-1].isascii():
            words[-1] = flip_base64(words[-1], random) if words[-1].endswith("=") else words[-1]
        lines[place] = " ".join(words)
    else:
        other = random.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    receipt["proof"] = "\n".join(lines)


def index_line(receipt, random):
    lines = receipt["proof"].split("\n")
    index = int(lines[1].split(" ")[1])
    lines[1] = random.choice([f"index {index ^ 1}", f"index {index + 1}", f"index 0{index}", "index -1", f"index {1 << 64}"])
    receipt["proof"] = "\n".join(lines)


def leave_out(receipt, random):
    receipt[random.choice(sorted(receipt))] = None


def drop_member(receipt, random):
    del receipt[random.choice(sorted(receipt))]


def unknown_member(receipt, random):
    place = random.choice([part for part in (receipt, receipt["opening"], receipt["batch"], receipt["map"]) if part])
    place["unknown"] = random.choice([None, 1, "x"])


def entry_bit(receipt, random):
    receipt["log_entry"] = flip_base64(receipt["log_entry"], random)


def record_text(receipt, random):
    if opening := receipt["opening"]:
        text = opening["record"]
        place = random.randrange(len(text))
        opening["record"] = random.choice(
            [text[:place] + "x" + text[place:], text.replace(":", ": ", 1), text[:place] + text[place + 1 :], "{}", "1.5", ""]
        )


def salt_bit(receipt, random):
    if opening := receipt["opening"]:
        opening["salt"] = flip_base64(opening["salt"], random)


def batch_part(receipt, random):
    if batch := receipt["batch"]:
        choice = random.randrange(5)
        if choice == 0:
            batch["index"] = random.choice([batch["index"] + 1, -1, 1.0, "0", True, 1 << 64])
        elif choice == 1:
            batch["size"] = random.choice([batch["size"] + 1, 0, batch["size"] * 2])
        elif choice == 2:
            batch["commitment"] = flip_base64(batch["commitment"], random)
        elif choice == 3 and batch["hashes"]:
            batch["hashes"].pop(random.randrange(len(batch["hashes"])))
        else:
            batch["hashes"].append(batch["commitment"])


def map_part(receipt, random):
    if part := receipt["map"]:
        choice = random.randrange(6)
        if choice == 0:
            part["key"] = flip_base64(part["key"], random)
        elif choice == 1:
            part["leaf"] = None
        elif choice == 2 and part["leaf"]:
            name = random.choice(["key", "value"])
            part["leaf"][name] = flip_base64(part["leaf"][name], random)
        elif choice == 3 and part["siblings"]:
            part["siblings"].pop(random.randrange(len(part["siblings"])))
        elif choice == 4:
            part["leaf"] = {"key": part["key"], "value": part["key"]}
        else:
            part["siblings"].append(part["key"])


def foreign_part(receipt, random, other):
    name = random.choice(["log_entry", "proof", "opening", "batch", "map"])
    receipt[name] = other[name]


def harmless(receipt, random):
    """Changes that must not matter: extra data, order of signature lines, one cosignature of two."""
    top, checkpoint = receipt["proof"].split("\n\n", 1)
    header, rest = top.split("\n", 1)
    choice = random.randrange(3)
    if choice == 0:
        receipt["proof"] = f"{header}\nextra {base64.b64encode(b'anything').decode()}\n{rest}\n\n{checkpoint}"
    else:
        text, lines = checkpoint.split("\n\n")
        lines = lines.strip().split("\n")
        if choice == 1:
            lines.reverse()
        else:
            del lines[random.choice([1, 2])]
        receipt["proof"] = f"{top}\n\n{text}\n\n" + "\n".join(lines) + "\n"


STRUCTURED = [
    proof_line, proof_line, index_line, leave_out, drop_member, unknown_member, entry_bit, record_text, salt_bit,
    batch_part, batch_part, map_part, map_part, harmless,
]  # fmt: skip


def mutated(data, other, random):
    """A damaged copy of a receipt's bytes; `other` is another receipt to take parts from."""
    if random.random() < 0.2:
        for _ in range(random.randrange(1, 3)):
            data = flip(data, random)
        return data
    receipt = json.loads(data)
    # Not every mutation has something to change in every receipt: try until one has.
    while receipt == json.loads(data):
        if random.random() < 0.15:
            foreign_part(receipt, random, json.loads(other))
        else:
            random.choice(STRUCTURED)(receipt, random)
    return json.dumps(receipt, ensure_ascii=random.random() < 0.5).encode()
