/**
 * Exports by PyTorch and ONNX Runtime themselves, in every precision that is published: each weight has the bits that
 * Python computes for it. fixtures/onnx/make_exports.py wrote them all.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openOnnx } from "../../../../converters/readers/onnx/checkpoint.ts";
import { tensorValues } from "../../../../converters/writers/tensor-chunks.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { openFile } from "../../../../src/adapters/node/open-file.ts";

const folder = new URL("../../../../fixtures/onnx/", import.meta.url).pathname;
const hashes = JSON.parse(readFileSync(`${folder}exports.json`, "utf8")) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

test.each(Object.keys(hashes))("%s.onnx holds these weights", async (name) => {
  await using file = await openOnnx(await openFile(`${folder}${name}.onnx`), openFolder(folder));
  const found: Record<string, string> = {};
  for (const entry of file.tensors.values()) {
    const hash = createHash("sha256");
    for await (const piece of tensorValues(entry)) hash.update(piece);
    const own = entry.name.replace(/^(hybrid_model|funasr_nano)\./, "").replace("ctc_proj.", "ctc.");
    found[own] = hash.digest("hex");
  }
  expect(found).toEqual(hashes[name]);
});

test("notes describe an export", async () => {
  const notes = async (name: string) => {
    await using file = await openOnnx(await openFile(folder + name), openFolder(folder));
    return file.notes;
  };
  expect(await notes("encoder.fp16.onnx")).toEqual([]);
  expect(await notes("encoder.int8.onnx")).toEqual([expect.stringContaining("quantized")]);
  expect(await notes("encoder.int4.onnx")).toEqual([expect.stringContaining("quantized")]);
  expect(await notes("FunASR_Nano_Encoder.onnx")).toEqual([expect.stringContaining("undone")]);
});
