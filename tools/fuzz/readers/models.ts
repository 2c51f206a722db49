/** The readers of model files and stage archives. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOnnx } from "../../../converters/readers/onnx/checkpoint.ts";
import { openSafetensors } from "../../../converters/readers/safetensors.ts";
import { openTorch } from "../../../converters/readers/torch/checkpoint.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import type { StageReader } from "../../../src/diff/archives/index.ts";
import { openArchive } from "../../../src/diff/archives/index.ts";
import { npyDataBytes, npyValues, parseNpyHeader } from "../../../src/diff/archives/npy.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import { validGguf } from "../../../test/helpers/builders/raw-gguf.ts";
import { gguf, npy, pickle, safetensors } from "../formats/models.ts";
import { protobuf } from "../formats/nested.ts";
import { json } from "../formats/texts.ts";
import { zip } from "../formats/zip.ts";
import { block, data, text } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";
import { bytesOf, original, root } from "./reader.ts";
import type { Original, Readers } from "./reader.ts";

async function readTensors(tensors: ReadonlyMap<string, TensorEntry>): Promise<void> {
  for (const entry of tensors.values()) await entry.read(new Uint8Array(entry.byteLength));
}

async function readStages(archive: StageReader): Promise<void> {
  for (const name of archive.stages.keys()) await archive.read(name);
}

const torchEntry = (name: string, content: Buffer): Part => {
  if (name.endsWith(".pkl")) return pickle(content);
  return name.includes("/data/") ? data(content) : text(content);
};
const npzEntry = (name: string, content: Buffer): Part =>
  name.endsWith(".npy") ? npy(content) : json(content.toString());

const torch = async (name: string): Promise<Original> => ({
  name,
  tree: await zip(bytesOf(`fixtures/checkpoints/${name}`), torchEntry),
});
const npz = async (file: string): Promise<Original> => ({
  name: file,
  tree: await zip(bytesOf(`fixtures/archives/${file}`), npzEntry),
});

/** Archives are opened by a path. */
const place = join(mkdtempSync(join(tmpdir(), "fun-asr-fuzz-")), "mutant");
process.on("exit", () => rmSync(join(place, ".."), { recursive: true, force: true }));

async function readArchive(bytes: Buffer): Promise<void> {
  writeFileSync(place, bytes);
  await using archive = await openArchive(place);
  await readStages(archive);
}

export const modelReaders: Readers = {
  gguf: {
    originals: [
      { name: "a small GGUF", tree: gguf(validGguf().bytes()) },
      original("fixtures/archives/python/crispasr.gguf", gguf),
    ],
    async read(bytes) {
      await using file = await openGguf(bytes);
      await readTensors(file.tensors);
    },
  },
  safetensors: {
    originals: [original("test/checkpoints/safetensors/every-dtype.safetensors", safetensors)],
    async read(bytes) {
      await using file = await openSafetensors(openBytes(bytes, "mutant.safetensors"));
      await readTensors(file.tensors);
    },
  },
  torch: {
    originals: await Promise.all(["module.pt", "views.pt", "nested.pt", "training.pt"].map(torch)),
    async read(bytes) {
      await using file = await openTorch(openBytes(bytes, "mutant.pt"));
      await readTensors(file.tensors);
    },
  },
  onnx: {
    originals: ["linear", "quantized", "nibbles", "linear-external"].map((name) =>
      original(`fixtures/onnx/${name}.onnx`, protobuf),
    ),
    async read(bytes) {
      const folder = openFolder(join(root, "fixtures/onnx"));
      await using file = await openOnnx(openBytes(bytes, "mutant.onnx"), folder);
      await readTensors(file.tensors);
    },
  },
  npy: {
    originals: [
      original("fixtures/archives/ours/stages/lfr.npy", npy),
      original("fixtures/archives/python/types/float16.npy", npy),
      original("fixtures/archives/python/types/int64.npy", npy),
    ],
    read(bytes) {
      const header = parseNpyHeader("mutant.npy", bytes.subarray(0, 10_000), bytes.length);
      npyValues("mutant", header, bytes.subarray(header.dataStart, header.dataStart + npyDataBytes(header)));
    },
  },
  "stage archives": {
    originals: [
      ...(await Promise.all(["ours/stages.npz", "python/compressed.npz"].map(npz))),
      original("fixtures/archives/ours/stages.safetensors", safetensors),
      original("fixtures/archives/ours/stages.gguf", gguf),
      original("fixtures/archives/python/crispasr.gguf", gguf),
      original("fixtures/archives/ours/zip64.npz", (bytes) => block([data(bytes)])),
    ],
    read: readArchive,
  },
};
