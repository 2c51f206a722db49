/** Damage to a value: to a text, or to numbers such as samples and weights. */
import { damageBytes } from "./damage-bytes.ts";
import type { Below } from "./mutate.ts";
import type { DataPart } from "./part.ts";

/** What texts are replaced by, or get in one place. */
const words = [
  "",
  "0",
  "-1",
  "1e999",
  "NaN",
  "Infinity",
  "9007199254740993",
  "18446744073709551616",
  "0x10",
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "__proto__",
  "constructor",
  "toString",
  "../../etc/passwd",
  "/dev/zero",
  "\0",
  "\n",
  "\u2028",
  "\uFEFF",
  "\u{1F44D}",
  "\\",
  '"',
  "'",
  "<|im_end|>",
  "$&",
  "(a+)+$",
  "a".repeat(5000),
  "[".repeat(2000),
  "9".repeat(400),
];

const floats = [NaN, Infinity, -Infinity, -0, 3.4e38, 1e-45, -3.4e38];

export function damageData({ text, bytes }: DataPart, below: Below): Buffer {
  if (below(4) === 0) return damageBytes(bytes, below);
  return text ? damageText(bytes.toString(), below) : damageFloats(Buffer.from(bytes), below);
}

function damageText(text: string, below: Below): Buffer {
  const word = words[below(words.length)]!;
  const at = below(text.length + 1);
  switch (below(4)) {
    case 0:
      return Buffer.from(word);
    case 1:
      return Buffer.from(text.slice(0, at) + word + text.slice(at));
    case 2:
      return Buffer.from(text.repeat(Math.min(below(100), Math.ceil(5000 / (text.length + 1)))));
    default: // bytes that are no UTF-8
      return Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.of(0xff, 0xfe, 0x80 + below(64))]);
  }
}

/** Floats of either size that are none, from a place on. */
function damageFloats(bytes: Buffer, below: Below): Buffer {
  const width = below(2) === 0 ? 4 : 8;
  const places = Math.floor(bytes.length / width);
  if (places === 0) return damageBytes(bytes, below);
  const value = floats[below(floats.length)]!;
  const first = below(places);
  for (let place = first; place < Math.min(places, first + 1 + below(8)); place++)
    if (width === 4) bytes.writeFloatLE(value, place * 4);
    else bytes.writeDoubleLE(value, place * 8);
  return bytes;
}
