/** Headers of NumPy's arrays and metadata of archives at their bounds. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeMetadata } from "../../../src/diff/archives/metadata.ts";
import { parseNpyHeader } from "../../../src/diff/archives/npy.ts";
import { asDeflated, npy, zipOf } from "../../helpers/builders/hostile-archives.ts";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const dictionary = (shape: string, descr = "<f4"): string =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }\n`;
const parse = (file: Buffer) => parseNpyHeader("a.npy", file, file.length);
const refusal = (message: string): Error =>
  expect.objectContaining({
    code: "archive_malformed",
    message: expect.stringContaining(message) as string,
  }) as Error;

/** With a length of the header in four bytes, as NumPy writes it from version 2 on. */
function long(version: number): Buffer {
  const text = dictionary("1,");
  const head = Buffer.alloc(12);
  head.write("\u0093NUMPY", "latin1");
  head.writeUInt8(version, 6);
  head.writeUInt32LE(text.length, 8);
  return Buffer.concat([head, Buffer.from(text), Buffer.alloc(4)]);
}

describe("an array is read", () => {
  test.each<[string, Buffer, readonly number[]]>([
    ["of version 1", npy(dictionary("1,")), [1]],
    ["of version 2", long(2), [1]],
    ["of version 3", long(3), [1]],
    ["of 32 dimensions", npy(dictionary("1,".repeat(32))), Array<number>(32).fill(1)],
    ["without values, whose header is all", npy(dictionary("0,"), 0), [0]],
  ])("%s", (_, file, shape) => {
    expect(parse(file)).toMatchObject({ dtype: "F32", shape });
  });
});

describe("an array is refused", () => {
  test.each<[string, Buffer, string]>([
    ["of version 0", npy(dictionary("1,"), 4, 0), "version 0; wanted 1 to 3"],
    ["of 33 dimensions", npy(dictionary("1,".repeat(33))), "33 dimensions"],
    ["of 11 bytes", npy("{", 0), "no NumPy array"],
    ["of 12 bytes", npy("{}", 0), '"{}"; wanted a dictionary of descr'],
  ])("%s", (_, file, message) => {
    expect(() => parse(file)).toThrow(refusal(message));
  });
});

describe("metadata", () => {
  const decode = (text: string) => decodeMetadata("metadata.json", Buffer.from(text));

  test("are texts, with the stages or without", () => {
    expect(decode('{"metadata":{"a":"b"}}')).toEqual({ metadata: new Map([["a", "b"]]), order: undefined });
    expect(decode('{"stages":["b","a"]}')).toEqual({ metadata: new Map(), order: ["b", "a"] });
  });

  test.each([
    ['{"metadata":[]}', "metadata that is not text"],
    ['{"metadata":{"a":"b","c":1}}', "metadata that is not text"],
    ['{"stages":{}}', "stages that are not names"],
    ['{"stages":["a",1]}', "stages that are not names"],
  ])("%s are refused", (text, message) => {
    expect(() => decode(text)).toThrow(refusal(message));
  });
});

/** An array deflated to `stored` bytes that state to inflate to `size`; they hold its header alone. */
async function deflated(size: number, stored: number): Promise<Promise<unknown>> {
  const digits = String(size).length;
  const shape = (count: number): string => dictionary(`${String(count).padStart(digits, "0")},`, "|i1");
  const { length } = npy(shape(0), 0);
  const content = deflateRawSync(npy(shape(size - length), 0));
  const padded = Buffer.concat([content, Buffer.alloc(stored - content.length)]);
  const path = join(await temporaryFolder(), "a.npz");
  await writeFile(path, asDeflated(await zipOf([["a.npy", padded]]), size));
  return readArchive(path).catch((error: unknown) => error);
}

describe("a deflated array", () => {
  const large = 64 * 2 ** 20;
  const least = Math.ceil((large + 200) / 200);

  test.each([
    ["of 64 MiB may be deflated to nothing", large, 200],
    ["of more may be deflated to a 200th", 200 * least, least],
  ])("%s", async (_, size, stored) => {
    expect(await deflated(size, stored)).toMatchObject({
      code: "archive_malformed",
      message: expect.stringContaining(`bytes inflated; wanted ${size}`) as string, // it was inflated
    });
  });

  test.each([
    ["of a byte more than 64 MiB may not", large + 1, 200],
    ["of more may not be deflated further", 200 * least, least - 1],
  ])("%s", async (_, size, stored) => {
    expect(await deflated(size, stored)).toMatchObject({ code: "archive_limit" });
  });
});
