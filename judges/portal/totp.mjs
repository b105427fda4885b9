// RFC 6238, as every authenticator app does it: SHA-1, six digits, thirty seconds.
import { createHmac } from "node:crypto";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytes(secret) {
  let bits = "";
  for (const letter of secret.replace(/[\s=]/g, "").toUpperCase()) {
    bits += BASE32.indexOf(letter).toString(2).padStart(5, "0");
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** The code `ahead` steps from now: an account takes each step once, so that a walk would wait half a minute a code. */
export function code(secret, ahead = 0, now = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000) + ahead));
  const mac = createHmac("sha1", bytes(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// RFC 6238, appendix B: seconds and the last six of its eight digits. A wrong judge must not judge.
for (const [seconds, digits] of [[59, "287082"], [1_111_111_109, "081804"], [20_000_000_000, "353130"]]) {
  if (code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0, seconds * 1000) !== digits) throw new Error("TOTP is wrong");
}
