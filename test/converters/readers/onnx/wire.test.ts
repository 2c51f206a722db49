/** The wire format at its bounds: fields that end where their message ends, and the longest of each kind. */
import { describe, expect, test } from "vitest";
import { readEntry } from "../../../../converters/readers/onnx/fields.ts";
import { WireReader } from "../../../../converters/readers/onnx/wire.ts";
import type { Field, Span } from "../../../../converters/readers/onnx/wire.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import { bytes, integer, raw, varint } from "../../../helpers/builders/protobuf.ts";

const reader = (file: Uint8Array): WireReader => new WireReader(openBytes(file, "a.onnx"));

/** The fields of the first `end` bytes. */
async function fieldsOf(file: Buffer, end = file.length): Promise<Field[]> {
  const found: Field[] = [];
  for await (const field of reader(file).fields({ begin: 0, end })) found.push(field);
  return found;
}
const refusal = (message: string): object => ({
  code: "checkpoint_malformed",
  message: expect.stringContaining(message) as string,
});

describe("the last field of a message is read", () => {
  test.each<[string, Buffer, Field]>([
    ["64 bits", raw(1, 1, 1, 2, 3, 4, 5, 6, 7, 8), { number: 1, kind: "bytes", span: { begin: 1, end: 9 } }],
    ["32 bits", raw(1, 5, 1, 2, 3, 4), { number: 1, kind: "bytes", span: { begin: 1, end: 5 } }],
    ["bytes", bytes(1, "abc"), { number: 1, kind: "bytes", span: { begin: 2, end: 5 } }],
    [
      "an integer of ten bytes",
      integer(1, 2n ** 64n - 1n),
      { number: 1, kind: "integer", value: 2n ** 64n - 1n },
    ],
    ["the highest number", integer(2 ** 29 - 1, 1), { number: 2 ** 29 - 1, kind: "integer", value: 1n }],
  ])("%s", async (_, file, field) => {
    expect(await fieldsOf(file)).toEqual([field]);
    expect(await fieldsOf(Buffer.concat([file, Buffer.alloc(30, 1)]), file.length)).toEqual([field]);
  });
});

describe("a field that ends behind its message is refused", () => {
  test.each<[string, Buffer, string]>([
    ["64 bits", raw(1, 1, 1, 2, 3, 4, 5, 6, 7, 8), "the message ends in the middle of a field"],
    ["32 bits", raw(1, 5, 1, 2, 3, 4), "the message ends in the middle of a field"],
    ["bytes", bytes(1, "abc"), "a field of 3 bytes; wanted at most 2"],
    ["an integer", integer(1, 300), "the message ends in the middle of an integer"],
    ["an integer of one byte", integer(1, 1), "the message ends in the middle of an integer"],
  ])("%s", async (_, file, message) => {
    await expect(fieldsOf(Buffer.concat([file, Buffer.alloc(30, 1)]), file.length - 1)).rejects.toMatchObject(
      refusal(message),
    );
  });
});

test("a text of 65,536 bytes is read, one of more refused", async () => {
  const file = Buffer.from("a".repeat(65_540));
  const textOf = (span: Span): Promise<string> => reader(file).text(span);
  expect(await textOf({ begin: 3, end: 65_539 })).toHaveLength(65_536);
  await expect(textOf({ begin: 3, end: 65_540 })).rejects.toMatchObject(
    refusal("65537 bytes; wanted at most 65536"),
  );
});

test("as many integers are read as are wanted, and no more", async () => {
  const file = Buffer.concat([varint(1), varint(300), varint(2)]);
  const read = (most: number): Promise<bigint[]> => reader(file).integers({ begin: 0, end: 4 }, most);
  expect(await read(3)).toEqual([1n, 300n, 2n]);
  await expect(read(2)).rejects.toMatchObject(refusal("more than 2 integers"));
});

test("a map of 256 entries is read, one of more refused, and so is a key twice", async () => {
  const entries = new Map<string, string>();
  const add = (key: string, value = ""): Promise<void> => {
    const file = Buffer.concat([bytes(1, key), bytes(2, value)]);
    return readEntry(reader(file), { begin: 0, end: file.length }, "a.onnx", entries);
  };
  await add("0", "a".repeat(2 ** 20));
  await expect(add("1", "a".repeat(2 ** 20 + 1))).rejects.toMatchObject(refusal("1048577 bytes"));
  for (let i = 1; i < 256; i++) await add(String(i));
  expect(entries.size).toBe(256);
  await expect(add("256")).rejects.toMatchObject(refusal('"256" twice, or more than 256 entries'));
  entries.delete("7");
  await expect(add("8")).rejects.toMatchObject(refusal('"8" twice'));
});
