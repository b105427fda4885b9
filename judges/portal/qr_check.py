#!/usr/bin/env python3
"""Checks printed certificates with programs nobody here wrote.

    qr_check.py CERTIFICATE.pdf... KEYS.pem

Each PDF is drawn by poppler (pdftoppm), its QR code is read from the picture by ZXing (PyPI: zxing-cpp), taken
apart as platform/ports/src/certificate/payload.rs documents it, and its Ed25519 signature is verified by openssl
against the public key of KEYS.pem whose identifier the payload names. Then one bit of the payload is changed, and
openssl must refuse it. What the reader read is also given to `daftar certificate check` ($DAFTAR_BIN), as it is and with one
character changed. Last line: `N passed, N failed, N skipped`; exit code 1 when anything failed.
"""

import hashlib
import importlib.metadata
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
DAFTAR = os.environ.get("DAFTAR_BIN", "daftar")
# What paper is copied at, and what a phone sees of it.
RESOLUTIONS_DPI = (300, 150)


def base45(text):
    """RFC 9285."""
    out = bytearray()
    for start in range(0, len(text), 3):
        digits = [BASE45.index(c) for c in text[start : start + 3]]
        number = sum(d * 45**i for i, d in enumerate(digits))
        out += number.to_bytes(2 if len(digits) == 3 else 1, "big")
    return bytes(out)


def run(*command, given=None):
    return subprocess.run(command, input=given, capture_output=True, check=False)


def keys_of(pem_text, folder):
    """Key identifier (first eight bytes of the SHA-256 of the SubjectPublicKeyInfo) -> PEM file."""
    keys = {}
    blocks = re.findall(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", pem_text, re.S)
    for number, block in enumerate(blocks):
        pem = folder / f"key-{number}.pem"
        pem.write_text(block + "\n")
        der = run("openssl", "pkey", "-pubin", "-in", str(pem), "-outform", "DER")
        if der.returncode != 0:
            raise SystemExit(f"openssl does not read key {number + 1}: {der.stderr.decode()}")
        keys[hashlib.sha256(der.stdout).digest()[:8]] = pem
    return keys


def verifies(pem, payload, signature, folder):
    (folder / "payload").write_bytes(payload)
    (folder / "signature").write_bytes(signature)
    return run(
        "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(pem), "-rawin",
        "-in", str(folder / "payload"), "-sigfile", str(folder / "signature"),
    ).returncode == 0


def codes_in(pdf, dpi, folder, reader, image):
    for old in folder.glob("page*"):
        old.unlink()
    drawn = run("pdftoppm", "-r", str(dpi), "-png", str(pdf), str(folder / "page"))
    if drawn.returncode != 0:
        raise ValueError(f"pdftoppm: {drawn.stderr.decode().strip()}")
    texts = set()
    for page in sorted(folder.glob("page*.png")):
        texts.update(found.text for found in reader.read_barcodes(image.open(page)))
    return texts


def check(pdf, dpi, keys, folder, reader, image):
    """Raises ValueError with the reason when anything is not as it should be."""
    texts = codes_in(pdf, dpi, folder, reader, image)
    if len(texts) != 1:
        raise ValueError(f"{len(texts)} codes instead of one")
    text = texts.pop()
    if not text.startswith("DFT1:"):
        raise ValueError(f"not a certificate's code: {text[:20]!r}")
    envelope = base45(text[5:])
    signature, payload = envelope[:64], envelope[64:]
    # A CBOR map whose key 0 is the text DFT1 and whose key 1 is eight bytes: the key's identifier.
    if payload[1:7] != b"\x00\x64DFT1" or payload[7:9] != b"\x01\x48":
        raise ValueError("the payload does not begin as documented")
    pem = keys.get(payload[9:17])
    if pem is None:
        raise ValueError(f"signed by key {payload[9:17].hex()}, which is not in the file")
    if not verifies(pem, payload, signature, folder):
        raise ValueError("openssl refuses the signature")
    bent = bytearray(payload)
    bent[-1] ^= 1
    if verifies(pem, bytes(bent), signature, folder):
        raise ValueError("openssl accepts a changed payload")
    return text


def our_own(text, keys):
    """What anybody with our program would see of the same text."""
    at = len(text) // 2
    bent = text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]
    for given, good in ((text, 0), (bent, 1)):
        done = run(DAFTAR, "certificate", "check", "-", "--keys", keys, given=given.encode())
        if done.returncode != good:
            raise ValueError(f"daftar certificate check ends with {done.returncode} instead of {good}: {done.stdout.decode()}")


def main():
    pems = [name for name in sys.argv[1:] if name.endswith(".pem")]
    pdfs = [name for name in sys.argv[1:] if not name.endswith(".pem")]
    if len(pems) != 1 or not pdfs:
        print(__doc__.strip())
        return 2
    try:
        import zxingcpp
        from PIL import Image
    except ImportError as missing:
        print(f"{missing}: pip install zxing-cpp pillow")
        print(f"0 passed, {len(pdfs)} failed, 0 skipped")
        return 1
    version = run("openssl", "version").stdout.decode().strip()
    print(f"zxing-cpp {importlib.metadata.version('zxing-cpp')}; {version}")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        keys = keys_of(pathlib.Path(pems[0]).read_text(), folder)
        for pdf in pdfs:
            for dpi in RESOLUTIONS_DPI:
                try:
                    our_own(check(pdf, dpi, keys, folder, zxingcpp, Image), pems[0])
                    passed += 1
                except (ValueError, OSError) as reason:
                    failed += 1
                    print(f"FAILED {pathlib.Path(pdf).name} at {dpi} dpi: {reason}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
