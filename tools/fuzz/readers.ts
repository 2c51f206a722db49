/** The readers of untrusted files, each with valid files to damage. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openOnnx } from "../../converters/readers/onnx/checkpoint.ts";
import { openSafetensors } from "../../converters/readers/safetensors.ts";
import { openTorch } from "../../converters/readers/torch/checkpoint.ts";
import { openFolder } from "../../src/adapters/node/folder.ts";
import { nodePlatform } from "../../src/adapters/node/platform.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { installPlatform } from "../../src/platform/current.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import { openGguf } from "../../src/checkpoints/gguf/index.ts";
import type { Field } from "../../test/helpers/builders/mutate.ts";
import { validGguf } from "../../test/helpers/builders/raw-gguf.ts";
import { recorded } from "../../test/helpers/builders/webm.ts";

installPlatform(nodePlatform);

interface Original {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Where its counts, lengths and offsets are. */
  readonly fields: readonly Field[];
}

export interface Reader {
  readonly originals: readonly Original[];
  /** Opens a file and reads every tensor of it. */
  read(bytes: Uint8Array): Promise<void>;
}

const root = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!folder.endsWith("tools")) folder = dirname(folder);
  const above = dirname(folder);
  return above.endsWith("dist") ? dirname(above) : above;
};

function original(file: string, fieldsOf: (bytes: Buffer) => readonly Field[] = () => []): Original {
  const bytes = readFileSync(join(root(), file));
  return { file, bytes, fields: fieldsOf(bytes) };
}

/** Fields of a zip file's directory and of its entries' headers. */
function zipFields(bytes: Buffer): readonly Field[] {
  return ["PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006"].flatMap((magic) => {
    const fields: Field[] = [];
    for (let at = bytes.indexOf(magic, 0, "latin1"); at >= 0; at = bytes.indexOf(magic, at + 1, "latin1"))
      for (const offset of [12, 16, 18, 20, 22, 24, 26, 42]) fields.push({ offset: at + offset, bytes: 4 });
    return fields;
  });
}

async function readTensors({
  tensors,
}: {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}): Promise<void> {
  for (const entry of tensors.values()) await entry.read(new Uint8Array(entry.byteLength));
}

/** Where the lengths of boxes are, or 8 bytes behind the identifiers of clusters. */
function audioFields(marks: readonly string[], shift: number, bytes: 4 | 8) {
  return (file: Buffer): readonly Field[] =>
    marks.flatMap((mark) => {
      const fields: Field[] = [];
      for (let at = file.indexOf(mark, 0, "latin1"); at >= 0; at = file.indexOf(mark, at + 1, "latin1"))
        fields.push({ offset: at + shift, bytes });
      return fields;
    });
}

async function readAudio(bytes: Uint8Array): Promise<void> {
  await loadAudio(bytes, { ffmpeg: false, maxSeconds: 600 });
}

const gguf = validGguf();
const clusterSizes = audioFields(["\x1fC\xb6u"], 4, 8);
const webm = original("test/audio/compressed/opus.webm", clusterSizes);
const live = Buffer.from(recorded(webm.bytes));

export const readers = {
  gguf: {
    originals: [{ file: "a small GGUF", bytes: gguf.bytes(), fields: gguf.fields }],
    async read(bytes) {
      await using file = await openGguf(bytes);
      await readTensors(file);
    },
  },
  torch: {
    originals: ["module.pt", "views.pt"].map((name) => original(`fixtures/checkpoints/${name}`, zipFields)),
    async read(bytes) {
      await using state = await openTorch(openBytes(bytes, "mutant.pt"));
      await readTensors(state);
    },
  },
  safetensors: {
    originals: [
      original("test/checkpoints/safetensors/every-dtype.safetensors", () => [{ offset: 0, bytes: 8 }]),
    ],
    async read(bytes) {
      await using state = await openSafetensors(openBytes(bytes, "mutant.safetensors"));
      await readTensors(state);
    },
  },
  onnx: {
    originals: ["linear", "quantized", "nibbles"].map((name) => original(`fixtures/onnx/${name}.onnx`)),
    async read(bytes) {
      await using state = await openOnnx(
        openBytes(bytes, "mutant.onnx"),
        openFolder(join(root(), "fixtures/onnx")),
      );
      await readTensors(state);
    },
  },
  webm: {
    originals: [webm, { file: "a WebM of a recorder", bytes: live, fields: clusterSizes(live) }],
    read: readAudio,
  },
  mp4: {
    originals: [
      original(
        "test/audio/compressed/opus.m4a",
        audioFields(["moov", "stbl", "stsz", "stco", "mdat"], -4, 4),
      ),
    ],
    read: readAudio,
  },
} satisfies Readonly<Record<string, Reader>>;

export type ReaderName = keyof typeof readers;
