/**
 * Fun-ASR-GGUF's bundle as one checkpoint: encoder and adaptor in one ONNX export, the CTC branch in another, Qwen3 as
 * llama.cpp has it, and tokens.txt. What the exports do not say (heads, front end) are constants of Fun-ASR-Nano.
 *
 * These exports leave out the feed-forward of the entry layer. It is filled with zeros, which adds nothing to the
 * residual: the model computes what the exported graph computes.
 */
import { basename, dirname } from "node:path";
import type { MetadataValue, TensorEntry } from "../src/checkpoint.ts";
import { ModelFormatError, UsageError } from "../src/errors.ts";
import { openFile } from "../src/gguf/access.ts";
import { frontendConstants } from "../src/gguf/dialects/dialect.ts";
import type { DialectOptions } from "../src/gguf/dialects/dialect.ts";
import { qwen3 } from "../src/gguf/dialects/qwen3.ts";
import { openGguf } from "../src/gguf/file.ts";
import { canonicalShape } from "../src/gguf/shapes.ts";
import { dropTiedHead } from "../src/gguf/tied-head.ts";
import { parseTokensTxt } from "../src/text/ctc-token-files.ts";
import { Companions } from "./companions.ts";
import { openOnnx } from "./onnx/checkpoint.ts";
import type { OpenModel } from "./open.ts";

/** The files of a bundle, told apart by their first bytes. */
export interface Bundle {
  readonly onnx: readonly string[];
  readonly gguf: readonly string[];
  readonly text: readonly string[];
}

/** How the exports' modules are called, behind whatever the exporter wrapped them in, and the checkpoint's. */
const modules: readonly (readonly [RegExp, string])[] = [
  [/^(?:\w+\.)*?(?:audio_)?encoder\./, "audio_encoder."],
  [/^(?:\w+\.)*?(?:audio_)?adaptor\./, "audio_adaptor."],
  [/^(?:\w+\.)*?ctc_decoder\./, "ctc_decoder."],
  [/^(?:\w+\.)*?(?:(?:ctc|ctc_proj)\.)?(?:ctc_lo|ctc_proj)\./, "ctc.ctc_lo."],
];

const nano = "fun-asr-nano.";

export async function openBundle(
  bundle: Bundle,
  { useLowFrameRate = true }: DialectOptions,
): Promise<OpenModel> {
  const [llmPath] = bundle.gguf;
  if (llmPath === undefined || bundle.gguf.length > 1 || bundle.text.length > 1) {
    const found = `${bundle.gguf.length} GGUF files and ${bundle.text.length} token files beside the ONNX exports`;
    throw new UsageError("bad_option", "input", found, {
      wanted: "the language model's GGUF and, for CTC, tokens.txt",
    });
  }
  const open: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const part of open) await part[Symbol.asyncDispose]();
  };
  try {
    const tensors = new Map<string, TensorEntry>();
    for (const path of bundle.onnx) {
      const state = await openOnnx(await openFile(path), dirname(path));
      open.push(state);
      for (const entry of state.tensors.values()) addTensor(tensors, entry, state.source);
    }
    const filled = fillEntryLayer(tensors);
    const audio = audioKeys(tensors, useLowFrameRate, bundle.onnx.map((path) => basename(path)).join(" + "));
    const tokens = await ctcKeys(tensors, bundle.text[0]);

    const llm = await openGguf(llmPath);
    open.push(llm);
    const names = new Map(qwen3.names(llm));
    const decoder = new Map(
      [...llm.tensors].map(([foreign, entry]) => {
        const name = names.get(foreign) ?? foreign;
        return [name, { ...entry, name }];
      }),
    );
    const metadata = new Map<string, MetadataValue>([
      ["general.architecture", "fun-asr-nano"],
      ["general.name", "Fun-ASR-Nano"],
      ...audio,
      ...tokens,
      ...qwen3.metadata(llm, {}),
    ]);
    await dropTiedHead(metadata, decoder);
    const files = [...bundle.onnx, llmPath];
    return {
      source: files.map((path) => basename(path)).join(" + "),
      dialect: "Fun-ASR-GGUF (ONNX + GGUF)",
      metadata,
      tensors: new Map([...tensors, ...decoder]),
      notes: filled
        ? ["the exports lack the entry layer's feed-forward; it is filled with zeros, as they compute"]
        : [],
      files,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function addTensor(tensors: Map<string, TensorEntry>, entry: TensorEntry, source: string): void {
  const row = modules.find(([pattern]) => pattern.test(entry.name));
  if (row === undefined) return; // window and filter bank of exports that take samples
  const name = entry.name.replace(row[0], row[1]);
  if (tensors.has(name)) {
    throw new ModelFormatError("bad_tensors", source, `${name} for the second time`, {
      wanted: "every tensor once",
    });
  }
  tensors.set(name, canonicalShape({ ...entry, name }));
}

/** Whether the entry layer was without its feed-forward. */
function fillEntryLayer(tensors: Map<string, TensorEntry>): boolean {
  const entry = "audio_encoder.encoders0.0.";
  const like = "audio_encoder.encoders.0.";
  const parts = ["feed_forward.w_1", "feed_forward.w_2", "norm2"].flatMap((part) => [
    `${part}.weight`,
    `${part}.bias`,
  ]);
  if (parts.some((part) => tensors.has(entry + part))) return false;
  for (const part of parts) {
    const shape = tensors.get(like + part)?.shape;
    if (shape !== undefined) tensors.set(entry + part, zeros(entry + part, shape));
  }
  return true;
}

function zeros(name: string, shape: readonly number[]): TensorEntry {
  const byteLength = 4 * shape.reduce((product, size) => product * size, 1);
  const read: TensorEntry["read"] = async (target) => void target.fill(0, 0, byteLength);
  return { name, shape, format: "F32", byteLength, read };
}

/** Sizes follow from shapes. */
function audioKeys(
  tensors: ReadonlyMap<string, TensorEntry>,
  useLowFrameRate: boolean,
  source: string,
): readonly [string, MetadataValue][] {
  const size = (name: string, axis = 0): number => sizeOf(tensors, name, axis, source);
  const encoder = "audio_encoder.";
  return [
    ...frontendConstants(`${nano}frontend`),
    [`${nano}encoder.input_size`, size(`${encoder}encoders0.0.norm1.weight`)],
    [`${nano}encoder.output_size`, size(`${encoder}after_norm.weight`)],
    [`${nano}encoder.attention_heads`, 4],
    [`${nano}encoder.linear_units`, size(`${encoder}encoders.0.feed_forward.w_1.weight`)],
    [`${nano}encoder.num_blocks`, 1 + layers(tensors, `${encoder}encoders.`)],
    [`${nano}encoder.tp_blocks`, layers(tensors, `${encoder}tp_encoders.`)],
    [`${nano}encoder.kernel_size`, size(`${encoder}encoders0.0.self_attn.fsmn_block.weight`, 1)],
    ...transformerKeys(tensors, "audio_adaptor", "adaptor", source),
    [`${nano}adaptor.use_low_frame_rate`, useLowFrameRate],
  ];
}

function transformerKeys(
  tensors: ReadonlyMap<string, TensorEntry>,
  module: string,
  name: string,
  source: string,
): readonly [string, MetadataValue][] {
  return [
    [`${nano}${name}.encoder_dim`, sizeOf(tensors, `${module}.linear1.weight`, 1, source)],
    [`${nano}${name}.ffn_dim`, sizeOf(tensors, `${module}.linear1.weight`, 0, source)],
    [`${nano}${name}.llm_dim`, sizeOf(tensors, `${module}.linear2.weight`, 0, source)],
    [`${nano}${name}.n_layer`, layers(tensors, `${module}.blocks.`)],
    [`${nano}${name}.attention_heads`, 8],
  ];
}

async function ctcKeys(
  tensors: ReadonlyMap<string, TensorEntry>,
  tokensPath: string | undefined,
): Promise<readonly [string, MetadataValue][]> {
  const rows = tensors.get("ctc.ctc_lo.weight")?.shape[0];
  if (rows === undefined) return [];
  if (tokensPath === undefined) {
    throw new ModelFormatError("bad_tokenizer", "ctc", "there are CTC weights but no CTC tokens", {
      wanted: "tokens.txt",
    });
  }
  const text = await new Companions(dirname(tokensPath)).text(basename(tokensPath));
  return [
    ...transformerKeys(tensors, "ctc_decoder", "ctc_decoder", "the CTC export"),
    [`${nano}ctc.vocab_size`, rows],
    [`${nano}ctc.blank_id`, rows - 1],
    [`${nano}ctc.tokens`, parseTokensTxt(text, tokensPath)],
  ];
}

function sizeOf(
  tensors: ReadonlyMap<string, TensorEntry>,
  name: string,
  axis: number,
  source: string,
): number {
  const size = tensors.get(name)?.shape[axis];
  if (size !== undefined) return size;
  throw new ModelFormatError("bad_tensors", source, `${name} is missing`, {
    wanted: "an export of Fun-ASR-Nano",
  });
}

/** How many layers are numbered below `prefix`. */
function layers(tensors: ReadonlyMap<string, TensorEntry>, prefix: string): number {
  const numbers = [...tensors.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).split(".")[0]);
  return new Set(numbers).size;
}
