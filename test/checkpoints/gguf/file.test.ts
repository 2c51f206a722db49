import { spawnSync } from "node:child_process";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { openBytes } from "../../../src/platform/bytes.ts";
import { guard } from "../../../src/checkpoints/gguf/guard.ts";
import type { Header } from "../../../src/checkpoints/gguf/guard.ts";
import { writeGguf } from "../../../converters/writers/node.ts";
import { bytesOf, copyOf, float32, openGguf, strings, uint32 } from "../../../src/checkpoints/gguf/index.ts";
import type { GgufFile } from "../../../src/checkpoints/gguf/index.ts";
import type { Entry } from "../../../src/checkpoints/gguf/metadata.ts";
import { secondReader } from "../../../src/checkpoints/gguf/second-reader.ts";
import type { TensorInfo } from "../../../src/checkpoints/gguf/tensors.ts";
import { RawGguf, type, validGguf } from "../../helpers/builders/raw-gguf.ts";
import { shared } from "../../helpers/environment/shared.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

/** Written by gguf-py (fixtures/reference/nano_gguf.py). */
const fixture = join(import.meta.dirname, "../../../fixtures/tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");

const copy = (path: string, { typedMetadata, tensors }: GgufFile): Promise<void> =>
  writeGguf(path, { metadata: typedMetadata, tensors: [...tensors.values()].map((entry) => copyOf(entry)) });

describe("openGguf", () => {
  test("reads every kind of value", async () => {
    await using file = await openGguf(validGguf().bytes());
    expect(Object.fromEntries(file.metadata)).toStrictEqual({
      "general.architecture": "fun-asr-nano",
      "a.u8": 7,
      "a.bool": true,
      "a.i64": -5,
      "a.f32": 1,
      "a.texts": ["你好", "", "<|im_end|>"],
      "a.flags": [false, true],
      "a.numbers": [1, 2],
    });
    expect([...file.tensors.values()].map(({ name, shape, format }) => [name, shape, format])).toStrictEqual([
      ["encoder.weight", [3, 4], "F32"],
      ["encoder.bias", [3], "F16"],
      ["decoder.weight", [2, 32], "Q8_0"],
    ]);
  });

  test("takes a path, a file: address and bytes", async () => {
    const bytes = await readFile(fixture);
    for (const source of [fixture, pathToFileURL(fixture), bytes, new Uint8Array(bytes)]) {
      await using file = await openGguf(source);
      expect(file.tensors.size).toBe(167);
    }
  });

  test("tensors are read straight into the caller's buffer, whole or in part", async () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    const folder = await temporaryFolder();
    const path = join(folder, "m.gguf");
    await writeGguf(path, { metadata: new Map(), tensors: [bytesOf("t", [2, 8], "F32", bytes)] });
    await using file = await openGguf(path);
    const tensor = file.tensors.get("t")!;
    const target = new Uint8Array(66).fill(255);
    await tensor.read(target);
    expect([...target]).toStrictEqual([...bytes, 255, 255]);
    const part = new Uint8Array(3);
    await tensor.readRange(30, part);
    expect([...part]).toStrictEqual([30, 31, 32]);
    await expect(tensor.read(target, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  });

  test("refuses what is no file", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "folder.gguf"));
    await expect(openGguf(join(folder, "none.gguf"))).rejects.toMatchObject({ code: "file_not_found" });
    await expect(openGguf(join(folder, "folder.gguf"))).rejects.toMatchObject({ code: "file_unreadable" });
    await expect(openGguf(new URL("ftp://example.org/m.gguf"))).rejects.toMatchObject({ code: "bad_option" });
  });

  test("detects a file that shrinks after it was opened", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "m.gguf");
    await writeFile(path, validGguf().bytes());
    await using file = await openGguf(path);
    await truncate(path, validGguf().length - 96);
    const tensor = file.tensors.get("decoder.weight")!;
    await expect(tensor.read(new Uint8Array(tensor.byteLength))).rejects.toMatchObject({
      code: "file_unreadable",
    });
  });

  test("__proto__ and the library's own names are keys like any other", async () => {
    const file = new RawGguf({ keys: 4n });
    for (const key of ["__proto__", "tensor_count", "kv_count", "constructor"])
      file.key(key, type.string).string("x");
    await using opened = await openGguf(file.bytes());
    expect([...opened.metadata.keys()]).toStrictEqual([
      "__proto__",
      "tensor_count",
      "kv_count",
      "constructor",
    ]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test("a header of many megabytes is read in growing pieces, and all of it arrives", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "m.gguf");
    const words = Array.from({ length: 200_000 }, (_, i) => `字${"x".repeat(i % 23)}${i}`);
    const metadata = new Map([
      ["a.words", strings(words)],
      ["a.number", uint32(7)],
      ["b.words", strings(words.toReversed())],
      ["a.real", float32(0.5)],
    ]);
    await writeGguf(path, { metadata, tensors: [bytesOf("t", [8], "F32", new Uint8Array(32))] });
    await using file = await openGguf(path);
    expect(file.metadata.get("a.words")).toStrictEqual(words);
    expect(file.metadata.get("b.words")).toStrictEqual(words.toReversed());
    expect(file.metadata.get("a.real")).toBe(0.5);
  });
});

describe("files of gguf-py", () => {
  test("are read, and written again byte for byte", async () => {
    const folder = await temporaryFolder();
    const carveout = shared("golden/carveout.gguf");
    for (const path of carveout === undefined ? [fixture] : [fixture, carveout]) {
      await using file = await openGguf(path);
      await copy(join(folder, "copy.gguf"), file);
      const written = await readFile(join(folder, "copy.gguf"));
      expect(written.equals(await readFile(path))).toBe(true);
    }
  });

  test("gguf-py reads ours", async (context) => {
    const python = spawnSync("python3", ["-c", "import gguf"], { encoding: "utf8" });
    context.skip(python.status !== 0, "there is no python3 with the gguf package here");
    const folder = await temporaryFolder();
    const path = join(folder, "m.gguf");
    const metadata = new Map([
      ["general.architecture", { type: "string", array: false, value: "测试" } as const],
      ["a.words", strings(["一", "", "three"])],
      ["a.number", uint32(2 ** 32 - 1)],
      ["a.small", { type: "int64", array: false, value: -(2 ** 53 - 1) } as const],
    ]);
    const values = Float32Array.from({ length: 6 }, (_, i) => i / 4);
    await writeGguf(path, {
      metadata,
      tensors: [
        bytesOf("matrix", [2, 3], "F32", new Uint8Array(values.buffer)),
        bytesOf("blocks", [3, 32], "Q8_0", new Uint8Array(102)),
      ],
    });
    const script = `
import gguf, json, sys
reader = gguf.GGUFReader(sys.argv[1])
print(json.dumps({
  "keys": {k: f.contents() for k, f in reader.fields.items() if not k.startswith("GGUF.")},
  "tensors": [[t.name, t.tensor_type.name, [int(n) for n in t.shape], t.n_bytes] for t in reader.tensors],
  "matrix": reader.tensors[0].data.tolist(),
}))`;
    const run = spawnSync("python3", ["-c", script, path], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(JSON.parse(run.stdout)).toStrictEqual({
      keys: Object.fromEntries([...metadata].map(([key, { value }]) => [key, value])),
      tensors: [
        ["matrix", "F32", [3, 2], 24],
        ["blocks", "Q8_0", [32, 3], 102],
      ],
      matrix: [
        [0, 0.25, 0.5],
        [0.75, 1, 1.25],
      ],
    });
  });
});

describe("the second reader", () => {
  const entry =
    (key: string, change: Partial<Entry>) =>
    (header: Header): Header => {
      const entries = new Map(header.entries);
      entries.set(key, { ...header.entries.get(key)!, ...change });
      return { ...header, entries };
    };
  const secondTensor =
    (change: Partial<TensorInfo>) =>
    (header: Header): Header => ({
      ...header,
      tensors: header.tensors.with(1, { ...header.tensors[1]!, ...change }),
    });
  const changed: readonly (readonly [title: string, change: (header: Header) => Header])[] = [
    ["a value", entry("a.u8", { value: 8 })],
    ["a type", entry("a.u8", { type: "int8" })],
    ["an element", entry("a.numbers", { value: [1, 3] })],
    ["an array's length", entry("a.numbers", { value: [1] })],
    ["a name", secondTensor({ name: "other" })],
    ["a shape", secondTensor({ dimensions: [4] })],
    ["a format", secondTensor({ format: "BF16" })],
    ["an offset", secondTensor({ offset: 0 })],
    ["the first tensor as none", (header) => ({ ...header, tensors: header.tensors.slice(1) })],
    ["the last tensor as none", (header) => ({ ...header, tensors: header.tensors.slice(0, -1) })],
  ];
  test.for(changed)("detects that the guard has misread %s", async ([, change]) => {
    const header = await guard(openBytes(validGguf().bytes()));
    await expect(secondReader("m.gguf", header)).resolves.toBeUndefined();
    await expect(secondReader("m.gguf", change(header))).rejects.toMatchObject({ code: "gguf_malformed" });
  });
});
