/**
 * An ONNX export of Fun-ASR-Nano as a part of a model: Fun-ASR-GGUF's encoder with adaptor, its CTC branch, the older
 * guide's encoder and embedding, sherpa-onnx's encoder with adaptor, CTC model and language model. Sizes follow from shapes; what no export states (heads, front end) are constants of
 * Fun-ASR-Nano.
 *
 * Fun-ASR-GGUF and sherpa-onnx leave out the feed-forward of the entry layer. It is filled with zeros, which adds nothing to the
 * residual: the model computes what the exported graph computes.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";
import { platform } from "../../../src/platform/current.ts";
import { frontendConstants } from "../../../src/checkpoints/gguf/namings/keys.ts";
import type { OpenOptions } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { canonicalShape } from "../../../src/checkpoints/gguf/shapes.ts";
import { parseTokensTxt } from "../../../src/text/ctc-token-files.ts";
import { Companions } from "../companions.ts";
import type { OpenModel } from "../open-model.ts";
import { publishedFrontend } from "../families/family.ts";
import { expectNotes } from "./exports/notes.ts";
import { isBareEmbedding, isLanguageModel, readLanguageModel } from "./language-model.ts";
import { openOnnx } from "./checkpoint.ts";
import type { OnnxState } from "./checkpoint.ts";

/** Names of the exports' modules, after the exporter's own prefixes, and the checkpoint's names. */
const modules: readonly (readonly [RegExp, string])[] = [
  [/^(?:\w+\.)*?(?:audio_)?encoder\./, "audio_encoder."],
  [/^(?:\w+\.)*?(?:audio_)?adaptor\./, "audio_adaptor."],
  [/^(?:\w+\.)*?ctc_decoder\./, "ctc_decoder."],
  [/^(?:\w+\.)*?(?:(?:ctc|ctc_proj)\.)?(?:ctc_lo|ctc_proj)\./, "ctc.ctc_lo."],
];
/** The language model's embedding, which its own file has too. */
const embedding = /(?:^|\.)\w*embed(?:_tokens)?\.weight$/;

const nano = "fun-asr-nano.";

export interface PartOptions extends OpenOptions {
  /** The `tokens.txt` of a CTC branch. */
  readonly tokens?: string | undefined;
}

export async function openOnnxPart(path: string, options: PartOptions): Promise<OpenModel> {
  const { files, file = "" } = await platform().locate(path);
  const state = await openOnnx(await files.open(file), files);
  try {
    return isLanguageModel(state)
      ? await languagePart(state, files, path)
      : await partOf(state, path, options);
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

/** sherpa-onnx's language model, with the embedding beside it. */
async function languagePart(state: OnnxState, files: FileSet, path: string): Promise<OpenModel> {
  const { metadata, tensors, notes, file, ...rest } = await readLanguageModel(state, files);
  return {
    source: state.source,
    naming: "ONNX",
    metadata: new Map(metadata),
    tensors,
    notes: [...state.notes, ...notes],
    files: [path, file],
    async [Symbol.asyncDispose]() {
      await state[Symbol.asyncDispose]();
      await rest[Symbol.asyncDispose]();
    },
  };
}

async function partOf(
  state: OnnxState,
  path: string,
  { useLowFrameRate = true, tokens }: PartOptions,
): Promise<OpenModel> {
  const part = new Part(state.source);
  const notes = [...state.notes];
  for (const entry of state.tensors.values()) {
    if (embedding.test(entry.name) || isBareEmbedding(entry.name))
      notes.push(`${state.source} is not needed: the language model has its own embedding`);
    else part.add(entry);
  }
  if (part.dropBareEncoder())
    notes.push(`${state.source} has an encoder without the adaptor, which is not used: its CTC branch is`);
  if (part.fillEntryLayer())
    notes.push("the exports lack the entry layer's feed-forward; it is filled with zeros, as they compute");
  const rows = part.tensors.get("ctc.ctc_lo.weight")?.shape[0];
  expectNotes(state, {
    lfr_window_size: publishedFrontend.lfr_m,
    lfr_window_shift: publishedFrontend.lfr_n,
    normalize_samples: 0,
    ...(rows === undefined ? {} : { vocab_size: rows, blank_id: rows - 1 }),
  });
  return {
    source: state.source,
    naming: "ONNX",
    metadata: new Map<string, MetadataValue>([
      ...(part.has("audio_encoder.") ? part.audioKeys(useLowFrameRate) : []),
      ...(part.has("ctc.") ? await part.ctcKeys(tokens) : []),
    ]),
    tensors: part.tensors,
    notes,
    files: [path],
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  };
}

class Part {
  readonly tensors = new Map<string, TensorEntry>();
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  has(prefix: string): boolean {
    return [...this.tensors.keys()].some((name) => name.startsWith(prefix));
  }

  add(entry: TensorEntry): void {
    const row = modules.find(([pattern]) => pattern.test(entry.name));
    if (row === undefined) return; // window and filter bank of exports that take samples
    const name = entry.name.replace(row[0], row[1]);
    this.tensors.set(name, canonicalShape({ ...entry, name }));
  }

  /** Whether there is an encoder for a CTC branch alone: what the language model gets lacks the adaptor then. */
  dropBareEncoder(): boolean {
    const encoder = "audio_encoder.";
    if (!this.has(encoder) || !this.has("ctc.") || this.has("audio_adaptor.")) return false;
    for (const name of this.tensors.keys()) if (name.startsWith(encoder)) this.tensors.delete(name);
    return true;
  }

  /** Whether the entry layer was without its feed-forward. */
  fillEntryLayer(): boolean {
    const entry = "audio_encoder.encoders0.0.";
    const like = "audio_encoder.encoders.0.";
    const parts = ["feed_forward.w_1", "feed_forward.w_2", "norm2"].flatMap((part) => [
      `${part}.weight`,
      `${part}.bias`,
    ]);
    if (!this.has(entry) || parts.some((part) => this.tensors.has(entry + part))) return false;
    for (const part of parts) {
      const shape = this.tensors.get(like + part)?.shape;
      if (shape !== undefined) this.tensors.set(entry + part, zeros(entry + part, shape));
    }
    return true;
  }

  audioKeys(useLowFrameRate: boolean): readonly [string, MetadataValue][] {
    const encoder = "audio_encoder.";
    return [
      ...frontendConstants(`${nano}frontend`),
      [`${nano}encoder.input_size`, this.#size(`${encoder}encoders0.0.norm1.weight`)],
      [`${nano}encoder.output_size`, this.#size(`${encoder}after_norm.weight`)],
      [`${nano}encoder.attention_heads`, 4],
      [`${nano}encoder.linear_units`, this.#size(`${encoder}encoders.0.feed_forward.w_1.weight`)],
      [`${nano}encoder.num_blocks`, 1 + this.#layers(`${encoder}encoders.`)],
      [`${nano}encoder.tp_blocks`, this.#layers(`${encoder}tp_encoders.`)],
      [`${nano}encoder.kernel_size`, this.#size(`${encoder}encoders0.0.self_attn.fsmn_block.weight`, 1)],
      ...this.#transformerKeys("audio_adaptor", "adaptor"),
      [`${nano}adaptor.use_low_frame_rate`, useLowFrameRate],
    ];
  }

  async ctcKeys(tokensPath: string | undefined): Promise<readonly [string, MetadataValue][]> {
    const rows = this.#size("ctc.ctc_lo.weight");
    if (tokensPath === undefined) {
      throw new ModelFormatError("bad_tokenizer", this.#source, "there are CTC weights but no CTC tokens", {
        wanted: "tokens.txt",
      });
    }
    const { files, file = "" } = await platform().locate(tokensPath);
    const text = await new Companions(files).text(file);
    return [
      ...this.#transformerKeys("ctc_decoder", "ctc_decoder"),
      [`${nano}ctc.vocab_size`, rows],
      [`${nano}ctc.blank_id`, rows - 1],
      [`${nano}ctc.tokens`, parseTokensTxt(text, tokensPath)],
    ];
  }

  #transformerKeys(module: string, name: string): readonly [string, MetadataValue][] {
    return [
      [`${nano}${name}.encoder_dim`, this.#size(`${module}.linear1.weight`, 1)],
      [`${nano}${name}.ffn_dim`, this.#size(`${module}.linear1.weight`)],
      [`${nano}${name}.llm_dim`, this.#size(`${module}.linear2.weight`)],
      [`${nano}${name}.n_layer`, this.#layers(`${module}.blocks.`)],
      [`${nano}${name}.attention_heads`, 8],
    ];
  }

  #size(name: string, axis = 0): number {
    const size = this.tensors.get(name)?.shape[axis];
    if (size !== undefined) return size;
    throw new ModelFormatError("bad_tensors", this.#source, `${name} is missing`, {
      wanted: "an export of Fun-ASR-Nano",
    });
  }

  /** How many layers are numbered below `prefix`. */
  #layers(prefix: string): number {
    const numbers = [...this.tensors.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).split(".")[0]);
    return new Set(numbers).size;
  }
}

function zeros(name: string, shape: readonly number[]): TensorEntry {
  const byteLength = 4 * shape.reduce((product, size) => product * size, 1);
  const read: TensorEntry["read"] = async (target) => void target.fill(0, 0, byteLength);
  return { name, shape, format: "F32", byteLength, read };
}
