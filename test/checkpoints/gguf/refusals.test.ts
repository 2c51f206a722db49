import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeGguf } from "../../../converters/writers/node.ts";
import { bytesOf, copyOf, openGguf, uint32 } from "../../../src/checkpoints/gguf/index.ts";
import type {
  GgufContent,
  TensorSource,
  TypedMetadata,
  TypedValue,
} from "../../../src/checkpoints/gguf/index.ts";
import type { ElementType } from "../../../src/checkpoints/gguf/values.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const weight = bytesOf("weight", [2, 4], "F32", new Uint8Array(32));
const content = (tensors: readonly TensorSource[], metadata: TypedMetadata = new Map()): GgufContent => ({
  metadata,
  tensors,
});
const value = (type: ElementType, given: number | string | boolean): TypedValue => ({
  type,
  array: false,
  value: given,
});

describe("writeGguf refuses what read would refuse, and then writes nothing", () => {
  const keys: readonly (readonly [title: string, code: string, key: string, value: TypedValue])[] = [
    ["a negative uint32", "bad_metadata", "key", value("uint32", -1)],
    ["a uint32 of 2^32", "bad_metadata", "key", value("uint32", 2 ** 32)],
    ["a fraction as uint32", "bad_metadata", "key", value("uint32", 1.5)],
    ["NaN as int64", "bad_metadata", "key", value("int64", Number.NaN)],
    ["a text as uint32", "bad_metadata", "key", value("uint32", "seven")],
    ["a number as text", "bad_metadata", "key", value("string", 7)],
    ["a uint8 of 256 in an array", "bad_metadata", "key", { type: "uint8", array: true, value: [1, 256] }],
    ["a lone surrogate", "bad_metadata", "key", value("string", "\uD800")],
    ["2^53 as uint64", "gguf_limit", "key", value("uint64", 2 ** 53)],
    ["an empty key", "gguf_malformed", "", value("uint32", 1)],
    ["a key with a space", "gguf_malformed", "a key", value("uint32", 1)],
    ["an alignment of 12", "gguf_malformed", "general.alignment", value("uint32", 12)],
    ["a string over 1 MiB", "gguf_limit", "key", value("string", "x".repeat(2 ** 20 + 1))],
  ];
  test.for(keys)("%s: %s", async ([, code, key, given]) => {
    const folder = await temporaryFolder();
    const writing = writeGguf(join(folder, "m.gguf"), content([weight], new Map([[key, given]])));
    await expect(writing).rejects.toMatchObject({ name: "ModelFormatError", code });
    expect(await readdir(folder)).toStrictEqual([]);
  });

  const tensors: readonly (readonly [title: string, code: string, tensors: readonly TensorSource[]])[] = [
    ["two tensors of one name", "gguf_malformed", [weight, weight]],
    ["a name of 64 bytes", "gguf_limit", [{ ...weight, name: "n".repeat(64) }]],
    ["no dimension", "gguf_malformed", [{ ...weight, shape: [] }]],
    ["five dimensions", "gguf_malformed", [{ ...weight, shape: [1, 1, 1, 2, 4] }]],
    ["a dimension of 0", "gguf_malformed", [{ ...weight, shape: [0, 4] }]],
    ["rows that are no whole blocks", "gguf_malformed", [{ ...weight, shape: [32, 8], format: "Q8_0" }]],
    ["too few bytes", "internal", [{ ...weight, chunks: () => [new Uint8Array(31)] }]],
    ["too many bytes", "internal", [{ ...weight, chunks: () => [new Uint8Array(16), new Uint8Array(17)] }]],
  ];
  test.for(tensors)("%s: %s", async ([, code, sources]) => {
    const folder = await temporaryFolder();
    await expect(writeGguf(join(folder, "m.gguf"), content(sources))).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toStrictEqual([]);
  });
});

describe("writeGguf is all or nothing", () => {
  test("a producer that fails leaves the old file as it was", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "m.gguf");
    await writeFile(path, "the old file");
    const failing: TensorSource = {
      ...weight,
      // oxlint-disable-next-line require-yield
      *chunks() {
        throw new RangeError("the disk it reads from is gone");
      },
    };
    await expect(writeGguf(path, content([failing]))).rejects.toThrow("the disk it reads from is gone");
    expect(await readdir(folder)).toStrictEqual(["m.gguf"]);
    expect(await readFile(path, "utf8")).toBe("the old file");
  });

  test("it replaces the old file", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "m.gguf");
    await writeFile(path, "the old file");
    const written: string[] = [];
    const metadata = new Map([["key", uint32(7)]]);
    await writeGguf(path, content([weight], metadata), { onTensor: ({ name }) => written.push(name) });
    await using file = await openGguf(path);
    expect([...file.metadata]).toStrictEqual([["key", 7]]);
    expect(await readdir(folder)).toStrictEqual(["m.gguf"]);
    expect(written).toStrictEqual(["weight"]);
  });

  test("it can be aborted", async () => {
    const folder = await temporaryFolder();
    const abort = new AbortController();
    const aborting: TensorSource = {
      ...weight,
      *chunks() {
        yield new Uint8Array(16);
        abort.abort(new Error("enough"));
        yield new Uint8Array(16);
      },
    };
    const writing = writeGguf(join(folder, "m.gguf"), content([aborting]), { signal: abort.signal });
    await expect(writing).rejects.toThrow("enough");
    expect(await readdir(folder)).toStrictEqual([]);
  });

  test("a folder that is not there, and a folder in the file's place", async () => {
    const folder = await temporaryFolder();
    const code = "file_unwritable";
    await expect(writeGguf(join(folder, "no", "m.gguf"), content([weight]))).rejects.toMatchObject({ code });
    await mkdir(join(folder, "taken", "inside"), { recursive: true });
    await expect(writeGguf(join(folder, "taken"), content([weight]))).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toStrictEqual(["taken"]);
  });

  test("small and large pieces arrive in order, and a large tensor is copied in pieces", async () => {
    const folder = await temporaryFolder();
    const bytes = Uint8Array.from({ length: 9 * 2 ** 20 }, (_, i) => (i * i) % 251);
    const pieces: TensorSource = {
      name: "t",
      shape: [bytes.length / 4],
      format: "F32",
      async *chunks() {
        const reused = new Uint8Array(2 ** 21);
        for (
          let start = 0, length = 1;
          start < bytes.length;
          start += length, length = Math.min(length * 3, 2 ** 21)
        ) {
          const piece = bytes.subarray(start, start + length);
          reused.set(piece);
          yield reused.subarray(0, piece.length);
        }
      },
    };
    await writeGguf(join(folder, "m.gguf"), content([pieces]));
    await using file = await openGguf(join(folder, "m.gguf"));
    const entry = file.tensors.get("t")!;
    const read = new Uint8Array(bytes.length);
    await entry.read(read);
    expect(Buffer.compare(read, bytes)).toBe(0);

    const { readRange, ...whole } = entry;
    for (const source of [{ ...whole, readRange }, whole]) {
      await writeGguf(join(folder, "copy.gguf"), content([copyOf(source)]));
      const written = await readFile(join(folder, "copy.gguf"));
      expect(written.equals(await readFile(join(folder, "m.gguf")))).toBe(true);
    }
  });
});
