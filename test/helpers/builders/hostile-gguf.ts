/** GGUF files that are hostile before their table of tensors: title, code of the error, and how each is built. */
import type { ErrorCode } from "../../../src/errors.ts";
import { RawGguf, type } from "./raw-gguf.ts";

export type HostileGguf = readonly [title: string, code: ErrorCode, file: () => RawGguf | Uint8Array];

export const most64 = 2n ** 64n - 1n;
const oneKey = (): RawGguf => new RawGguf({ keys: 1n });
export const oneTensor = (): RawGguf => new RawGguf({ tensors: 1n });
/** One key of the given type whose value is still to come. */
const value = (id: number): RawGguf => oneKey().key("a.key", id);
const array = (of: number, count: bigint): RawGguf => value(type.array).u32(of).u64(count);
const alignment = (id: number): RawGguf => new RawGguf({ keys: 1n }).key("general.alignment", id);
/** A file with one F32 tensor of eight values, with these fields of its table row changed. */
export const hostileTensor = (
  dimensions: readonly bigint[],
  id: number,
  offset = 0n,
  rank?: number,
): RawGguf => oneTensor().tensor("t", dimensions, id, offset, rank).pad().zeros(32);

const preamble: readonly HostileGguf[] = [
  ["an empty file", "not_gguf", () => new Uint8Array(0)],
  ["three bytes of the magic", "not_gguf", () => Buffer.from("GGU")],
  ["another magic", "not_gguf", () => Buffer.from("RIFF\0\0\0\0WAVEfmt ")],
  ["the magic of GGML's older format", "not_gguf", () => new RawGguf({ magic: "lmgg" })],
  ["the magic in lower case", "not_gguf", () => new RawGguf({ magic: "gguf" })],
  ["the magic and nothing else", "gguf_truncated", () => Buffer.from("GGUF")],
  ["no counts", "gguf_truncated", () => new RawGguf().bytes().subarray(0, 8)],
  ["half a count", "gguf_truncated", () => new RawGguf().bytes().subarray(0, 20)],
  ["version 0", "gguf_version", () => new RawGguf({ version: 0 })],
  ["version 1", "gguf_version", () => new RawGguf({ version: 1 })],
  ["version 4", "gguf_version", () => new RawGguf({ version: 4 })],
  ["version 2^32 - 1", "gguf_version", () => new RawGguf({ version: 2 ** 32 - 1 })],
  ["big-endian version 3", "gguf_version", () => new RawGguf({ version: 0x03_00_00_00 })],
  ["2^64 - 1 tensors", "gguf_limit", () => new RawGguf({ tensors: most64 })],
  ["2^63 tensors", "gguf_limit", () => new RawGguf({ tensors: 2n ** 63n })],
  ["65,537 tensors", "gguf_limit", () => new RawGguf({ tensors: 65_537n })],
  ["65,536 tensors in 24 bytes", "gguf_truncated", () => new RawGguf({ tensors: 65_536n })],
  ["2^64 - 1 keys", "gguf_limit", () => new RawGguf({ keys: most64 })],
  ["4,097 keys", "gguf_limit", () => new RawGguf({ keys: 4_097n })],
  ["4,096 keys in 24 bytes", "gguf_truncated", () => new RawGguf({ keys: 4_096n })],
  ["a count of keys that wraps when multiplied", "gguf_limit", () => new RawGguf({ keys: 2n ** 61n })],
];

const keys: readonly HostileGguf[] = [
  ["an empty key", "gguf_malformed", () => oneKey().key("", type.u32).zeros(40)],
  ["a key of 257 bytes", "gguf_limit", () => oneKey().key("k".repeat(257), type.u8).u8(0)],
  ["a key length of 2^64 - 1", "gguf_limit", () => oneKey().key("key", type.u8, most64).u8(0)],
  ["a key that ends after the file", "gguf_truncated", () => oneKey().key("key", type.u8, 200n).u8(0)],
  ["a key that is not UTF-8", "gguf_malformed", () => oneKey().key(Uint8Array.of(0x61, 0xff), type.u8).u8(0)],
  ["a key with a space", "gguf_malformed", () => oneKey().key("a key", type.u8).u8(0)],
  ["a key with a line break", "gguf_malformed", () => oneKey().key("a\nb", type.u8).u8(0)],
  ["a key with an escape sequence", "gguf_malformed", () => oneKey().key("\u001B[2J", type.u8).u8(0)],
  ["a key with a zero byte", "gguf_malformed", () => oneKey().key("a\0b", type.u8).u8(0)],
  ["a key in Chinese", "gguf_malformed", () => oneKey().key("键", type.u8).u8(0)],
  [
    "the same key twice",
    "gguf_malformed",
    () => new RawGguf({ keys: 2n }).key("key", type.u8).u8(0).key("key", type.u8).u8(0),
  ],
  [
    "__proto__ twice",
    "gguf_malformed",
    () => new RawGguf({ keys: 2n }).key("__proto__", type.u8).u8(0).key("__proto__", type.u8).u8(0),
  ],
  [
    "fewer keys than declared",
    "gguf_truncated",
    () => new RawGguf({ keys: 2n }).key("key", type.string).string("sixteen bytes..."),
  ],
];

const values: readonly HostileGguf[] = [
  ["value type 13", "gguf_malformed", () => value(13).zeros(8)],
  ["value type 2^32 - 1", "gguf_malformed", () => value(2 ** 32 - 1).zeros(8)],
  ["no value", "gguf_truncated", () => oneKey().string("a.key.").zeros(0)],
  ["half a uint64", "gguf_truncated", () => value(type.u64).u32(1)],
  ["a bool of 2", "gguf_malformed", () => value(type.bool).u8(2)],
  ["a bool of 255", "gguf_malformed", () => value(type.bool).u8(255)],
  ["a uint64 of 2^53", "gguf_limit", () => value(type.u64).u64(2n ** 53n)],
  ["a uint64 of 2^64 - 1", "gguf_limit", () => value(type.u64).u64(most64)],
  ["an int64 of -2^53", "gguf_limit", () => value(type.i64).u64(-(2n ** 53n))],
  ["an int64 of -2^63", "gguf_limit", () => value(type.i64).u64(-(2n ** 63n))],
  ["a string length of 2^64 - 1", "gguf_limit", () => value(type.string).string("text", most64)],
  ["a string length of 2^63 - 1", "gguf_limit", () => value(type.string).string("text", 2n ** 63n - 1n)],
  ["a string longer than the file", "gguf_truncated", () => value(type.string).string("text", 5n)],
  [
    "a string of 1 MiB and a byte",
    "gguf_limit",
    () => value(type.string).string(Buffer.alloc(2 ** 20 + 1, "x")),
  ],
  [
    "a string with a lone continuation byte",
    "gguf_malformed",
    () => value(type.string).string(Uint8Array.of(0x80)),
  ],
  [
    "a string with an overlong slash",
    "gguf_malformed",
    () => value(type.string).string(Uint8Array.of(0xc0, 0xaf)),
  ],
  [
    "a string with a surrogate",
    "gguf_malformed",
    () => value(type.string).string(Uint8Array.of(0xed, 0xa0, 0x80)),
  ],
  [
    "a string that ends inside a character",
    "gguf_malformed",
    () => value(type.string).string(Uint8Array.of(0xe4, 0xbd)),
  ],
];

const arrays: readonly HostileGguf[] = [
  ["an array of value type 13", "gguf_malformed", () => array(13, 1n).zeros(8)],
  ["an array of arrays", "gguf_malformed", () => array(type.array, 1n).u32(type.u8).u64(1n).u8(0)],
  [
    "arrays nested a thousand deep",
    "gguf_malformed",
    () => {
      const file = value(type.array);
      for (let depth = 0; depth < 1_000; depth++) file.u32(type.array).u64(1n);
      return file;
    },
  ],
  ["an array of 2^64 - 1 bytes", "gguf_limit", () => array(type.u8, most64).zeros(8)],
  ["an array whose size wraps", "gguf_limit", () => array(type.u64, 2n ** 61n).zeros(8)],
  ["an array of 2,000,001 elements", "gguf_limit", () => array(type.i8, 2_000_001n).zeros(2_000_001)],
  ["an array of more bytes than a header may have", "gguf_limit", () => array(type.u8, 2n ** 26n).zeros(8)],
  ["two million strings in 8 bytes", "gguf_truncated", () => array(type.string, 2_000_000n).zeros(8)],
  ["an array of numbers that ends after the file", "gguf_truncated", () => array(type.u32, 3n).zeros(11)],
  [
    "a string in an array that ends after the file",
    "gguf_truncated",
    () => array(type.string, 2n).string("a").string("b", 2n),
  ],
  [
    "a string in an array that is too long",
    "gguf_limit",
    () => array(type.string, 1n).string("a", 2n ** 40n),
  ],
  [
    "a string in an array that is not UTF-8",
    "gguf_malformed",
    () => array(type.string, 1n).string(Uint8Array.of(0xff)),
  ],
  ["a bool of 2 in an array", "gguf_malformed", () => array(type.bool, 2n).raw(Uint8Array.of(1, 2))],
];

const alignments: readonly HostileGguf[] = [
  ["alignment 0", "gguf_malformed", () => alignment(type.u32).u32(0)],
  ["alignment 4", "gguf_malformed", () => alignment(type.u32).u32(4)],
  ["alignment 13", "gguf_malformed", () => alignment(type.u32).u32(13)],
  ["alignment 2^17", "gguf_malformed", () => alignment(type.u32).u32(2 ** 17)],
  ["alignment 2^31", "gguf_malformed", () => alignment(type.u32).u32(2 ** 31)],
  ["an alignment in text", "gguf_malformed", () => alignment(type.string).string("32")],
  ["an alignment of 64 bits", "gguf_malformed", () => alignment(type.u64).u64(32n)],
  ["an array of alignments", "gguf_malformed", () => alignment(type.array).u32(type.u32).u64(1n).u32(32)],
];

export const hostileHeaders: readonly HostileGguf[] = [
  ...preamble,
  ...keys,
  ...values,
  ...arrays,
  ...alignments,
];
