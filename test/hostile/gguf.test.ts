import { beforeAll, describe, expect, test } from "vitest";
import { FunAsrError } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { openGguf } from "../../src/checkpoints/gguf/index.ts";
import { RawGguf, type, validGguf } from "../helpers/builders/raw-gguf.ts";

type Row = readonly [title: string, code: ErrorCode, file: () => RawGguf | Uint8Array];

const most64 = 2n ** 64n - 1n;
const oneKey = (): RawGguf => new RawGguf({ keys: 1n });
const oneTensor = (): RawGguf => new RawGguf({ tensors: 1n });
/** One key of the given type whose value is still to come. */
const value = (id: number): RawGguf => oneKey().key("a.key", id);
const array = (of: number, count: bigint): RawGguf => value(type.array).u32(of).u64(count);
const alignment = (id: number): RawGguf => new RawGguf({ keys: 1n }).key("general.alignment", id);
/** A file with one F32 tensor of eight values, with these fields of its table row changed. */
const tensor = (dimensions: readonly bigint[], id: number, offset = 0n, rank?: number): RawGguf =>
  oneTensor().tensor("t", dimensions, id, offset, rank).pad().zeros(32);

const preamble: readonly Row[] = [
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

const keys: readonly Row[] = [
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

const values: readonly Row[] = [
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

const arrays: readonly Row[] = [
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
  ["an array of 2,000,001 elements", "gguf_limit", () => array(type.u8, 2_000_001n).zeros(2_000_001)],
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

const alignments: readonly Row[] = [
  ["alignment 0", "gguf_malformed", () => alignment(type.u32).u32(0)],
  ["alignment 4", "gguf_malformed", () => alignment(type.u32).u32(4)],
  ["alignment 13", "gguf_malformed", () => alignment(type.u32).u32(13)],
  ["alignment 2^17", "gguf_malformed", () => alignment(type.u32).u32(2 ** 17)],
  ["alignment 2^31", "gguf_malformed", () => alignment(type.u32).u32(2 ** 31)],
  ["an alignment in text", "gguf_malformed", () => alignment(type.string).string("32")],
  ["an alignment of 64 bits", "gguf_malformed", () => alignment(type.u64).u64(32n)],
  ["an array of alignments", "gguf_malformed", () => alignment(type.array).u32(type.u32).u64(1n).u32(32)],
];

const named = (name: string | Uint8Array): RawGguf => oneTensor().tensor(name, [8n], 0, 0n).pad().zeros(32);
const twoTensors = (second: bigint): RawGguf =>
  new RawGguf({ tensors: 2n }).tensor("a", [8n], 0, 0n).tensor("b", [8n], 0, second).pad().zeros(96);

const table: readonly Row[] = [
  ["a tensor without a name", "gguf_malformed", () => named("")],
  ["a tensor name of 64 bytes", "gguf_limit", () => named("n".repeat(64))],
  [
    "a tensor name length of 2^62",
    "gguf_limit",
    () =>
      oneTensor()
        .string("t", 2n ** 62n)
        .zeros(64),
  ],
  ["a tensor name that is not UTF-8", "gguf_malformed", () => named(Uint8Array.of(0xfe))],
  ["a tensor name with an escape sequence", "gguf_malformed", () => named("\u001B]0;owned\u0007")],
  [
    "two tensors of one name",
    "gguf_malformed",
    () => new RawGguf({ tensors: 2n }).tensor("t", [8n], 0, 0n).tensor("t", [8n], 0, 32n).pad().zeros(64),
  ],
  ["no dimension", "gguf_malformed", () => tensor([], 0)],
  ["five dimensions", "gguf_malformed", () => tensor([1n, 1n, 1n, 1n, 1n], 0)],
  ["2^32 - 1 dimensions", "gguf_malformed", () => tensor([8n], 0, 0n, 2 ** 32 - 1)],
  ["a dimension of 0", "gguf_malformed", () => tensor([8n, 0n], 0)],
  ["a dimension of 2^32 + 1", "gguf_limit", () => tensor([2n ** 32n + 1n], 0)],
  ["a dimension of 2^64 - 1", "gguf_limit", () => tensor([most64], 0)],
  ["dimensions whose product wraps to 0", "gguf_truncated", () => tensor([2n ** 32n, 2n ** 32n], 0)],
  ["dimensions whose product wraps to 8", "gguf_truncated", () => tensor([2n ** 32n, 2n ** 31n, 2n, 8n], 0)],
  ["exabytes", "gguf_truncated", () => tensor([2n ** 32n, 2n ** 26n], 0)],
  ["a format without decoder, Q2_K", "unsupported_format", () => tensor([256n], 10)],
  ["a format that was removed, Q4_2", "unsupported_format", () => tensor([32n], 4)],
  ["a format of integers, I32", "unsupported_format", () => tensor([8n], 26)],
  ["format 9999", "unsupported_format", () => tensor([8n], 9_999)],
  ["format 2^32 - 1", "unsupported_format", () => tensor([8n], 2 ** 32 - 1)],
  ["rows of 33 in Q8_0", "gguf_malformed", () => tensor([33n], 8)],
  ["rows of 100 in Q4_K", "gguf_malformed", () => tensor([100n, 8n], 12)],
  ["rows of 8 in Q4_0 whose columns would do", "gguf_malformed", () => tensor([8n, 32n], 2)],
  ["an offset that is not aligned", "gguf_malformed", () => tensor([8n], 0, 1n)],
  ["an offset of 2^64 - 32", "gguf_malformed", () => tensor([8n], 0, 2n ** 64n - 32n)],
  ["a hole before the first tensor", "gguf_malformed", () => tensor([8n], 0, 32n)],
  ["a hole between two tensors", "gguf_malformed", () => twoTensors(64n)],
  ["two tensors in one place", "gguf_malformed", () => twoTensors(0n)],
  ["a tensor that ends after the file", "gguf_truncated", () => tensor([9n], 0)],
  ["a table without data", "gguf_truncated", () => oneTensor().tensor("t", [8n], 0, 0n)],
  [
    "half a row of the table",
    "gguf_truncated",
    () =>
      tensor([8n], 0)
        .bytes()
        .subarray(0, 24 + 9 + 4 + 5),
  ],
  [
    "less data than the second tensor needs",
    "gguf_truncated",
    () => twoTensors(32n).bytes().subarray(0, -40),
  ],
  ["data after the last tensor", "gguf_malformed", () => tensor([8n], 0).zeros(32)],
  ["another file after the last tensor", "gguf_malformed", () => tensor([8n], 0).raw(validGguf().bytes())],
  [
    "text in the last padding",
    "gguf_malformed",
    () => oneTensor().tensor("t", [2n], 0, 0n).pad().zeros(8).raw(Buffer.from("secret")),
  ],
  [
    "text in the padding of the header",
    "gguf_malformed",
    () => {
      const bytes = tensor([8n], 0).bytes();
      bytes.write("x", 24 + 9 + 4 + 8 + 4 + 8);
      return bytes;
    },
  ],
  ["data after a file without tensors", "gguf_malformed", () => new RawGguf().zeros(4_096)],
];

const rows: readonly Row[] = [...preamble, ...keys, ...values, ...arrays, ...alignments, ...table];

const bytesOf = (file: RawGguf | Uint8Array): Uint8Array => (file instanceof RawGguf ? file.bytes() : file);

async function outcome(bytes: Uint8Array): Promise<unknown> {
  try {
    await using file = await openGguf(bytes);
    return file.tensors.size;
  } catch (error) {
    return error;
  }
}

describe("hostile GGUF", () => {
  // loads and warms what the first row would otherwise pay for
  beforeAll(async () => void (await outcome(validGguf().bytes())));

  test("the original file is valid", async () => {
    expect(await outcome(validGguf().bytes())).toBe(3);
  });

  test("there are at least 70 kinds", () => {
    expect(rows.length).toBeGreaterThanOrEqual(70);
    expect(new Set(rows.map(([title]) => title)).size).toBe(rows.length);
  });

  test.for(rows)("%s: %s", async ([, code, file]) => {
    const bytes = bytesOf(file());
    const before = { cpu: process.cpuUsage(), memory: process.memoryUsage() };
    const error = await outcome(bytes);
    const cpu = process.cpuUsage(before.cpu);
    const memory = process.memoryUsage();

    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code, where: expect.stringMatching(/^buffer, byte \d+/) as string });
    // what a refusal may cost: a hostile file must not buy time or memory
    expect((cpu.user + cpu.system) / 1_000).toBeLessThan(250);
    const grown = memory.heapUsed + memory.external - before.memory.heapUsed - before.memory.external;
    expect(grown).toBeLessThan(32 * 2 ** 20 + bytes.length);
  });
});
