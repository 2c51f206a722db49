/**
 * Fun-ASR-Nano under canonical names, from a file whose config.json has other keys than FunASR's: its sizes follow from
 * the shapes of its tensors, and only what shapes do not show is read from the configuration.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { dropTiedHead } from "../../../src/checkpoints/gguf/tied-head.ts";
import type { Companions } from "../companions.ts";
import type { Config } from "../config.ts";
import { describe } from "../families/fun-asr-nano.ts";
import type { FolderContent } from "../families/family.ts";
import { requireQwen3, ropeBase } from "../families/qwen3.ts";
import { qwenTokens } from "../tokens/qwen.ts";
import type { DialectFile } from "./dialect.ts";
import { encoderSizes, Sizes } from "./sizes.ts";

/** What the shapes of the tensors do not show. */
export interface NanoFacts {
  /** Keys below `fun-asr-nano.frontend`. */
  readonly frontend: readonly [string, MetadataValue][];
  readonly encoderHeads: number;
  readonly adaptorHeads: number;
  /** Paths of sizes in config.json, and our keys below `fun-asr-nano`: it may state what the tensors' shapes show. */
  readonly sizes?: Readonly<Record<string, string>>;
  /** As config.json states it. */
  readonly useLowFrameRate?: boolean | undefined;
  /** Qwen3's settings, by Transformers' names. */
  readonly llm: Config;
  /** Folders of the tokenizer, the first that has one counts. */
  readonly tokenizers: readonly [Companions, ...Companions[]];
}

/** Qwen3-0.6B's settings where nothing states them. */
export const qwen3 = {
  max_position_embeddings: 40_960,
  rope_theta: 1_000_000,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
} as const;

const own = (key: string): string => `fun-asr-nano.${key}`;
const headName = "llm.lm_head.weight";

/** Throws `bad_tensors` where a tensor that shows a size is missing. */
export async function nanoContent(
  file: DialectFile,
  tensors: ReadonlyMap<string, TensorEntry>,
  facts: NanoFacts,
): Promise<FolderContent> {
  const { llm } = facts;
  const sizes = new Sizes(file.source, tensors);
  const vocabulary = sizes.of("llm.model.embed_tokens.weight", 0);
  if (!tensors.has(headName)) llm.require("tie_word_embeddings", true);
  const tied = llm.flag("tie_word_embeddings", false) || !tensors.has(headName);
  const isBranch = (name: string): boolean => name.startsWith("ctc");
  const kept = [...tensors].filter(([name]) => !isBranch(name) && !(tied && name === headName));
  const branch = [...tensors].filter(([name]) => isBranch(name));
  const stated = facts.useLowFrameRate ?? file.options.useLowFrameRate;
  const metadata = new Map<string, MetadataValue>([
    ...facts.frontend,
    ...encoderSizes(sizes, "fun-asr-nano", "audio_encoder", facts.encoderHeads),
    ...adaptorKeys(sizes, facts.adaptorHeads),
    [own("adaptor.use_low_frame_rate"), stated ?? !isMlt(file)],
    ...llmKeys(sizes, llm),
    [own("llm.tie_word_embeddings"), tied],
    ...(await qwenTokens(await withTokenizer(facts.tokenizers), vocabulary)),
  ]);
  for (const [path, key] of Object.entries(facts.sizes ?? {}))
    file.config.require(path, Number(metadata.get(own(key))));
  const wanted = new Map(kept);
  if (!tied) await dropTiedHead(metadata, wanted, file.options.signal);
  const notes = [describe(wanted, false)];
  if (stated === undefined) notes.push(assumption(!isMlt(file)));
  if (branch.length > 0) {
    notes.push(
      `${branch.length} tensors of a CTC branch are not used: no file has the branch's settings and tokens`,
    );
  }
  return { metadata, tensors: wanted, extraTensors: new Map(branch), notes };
}

const assumption = (low: boolean): string =>
  "use_low_frame_rate is not stated: the language model is taken to read " +
  (low ? "an eighth of the rows, as Fun-ASR-Nano's does" : "all rows, as MLT-Nano's does");

/** By the names of the folder and of the checkpoint that it was made from. */
function isMlt({ companions, config }: DialectFile): boolean {
  const names = [companions.folder, config.value("_name_or_path"), config.value("model_repo")];
  return names.some((name) => typeof name === "string" && /\bMLT\b/iu.test(name));
}

/** The first folder with a tokenizer; without one the first, whose missing file the reader names. */
export async function withTokenizer(folders: readonly [Companions, ...Companions[]]): Promise<Companions> {
  for (const folder of folders)
    if ((await folder.has("tokenizer.json")) || (await folder.has("vocab.json"))) return folder;
  return folders[0];
}

function adaptorKeys(sizes: Sizes, heads: number): [string, MetadataValue][] {
  return [
    [own("adaptor.encoder_dim"), sizes.of("audio_adaptor.linear1.weight", 1)],
    [own("adaptor.ffn_dim"), sizes.of("audio_adaptor.linear1.weight", 0)],
    [own("adaptor.llm_dim"), sizes.of("audio_adaptor.linear2.weight", 0)],
    [own("adaptor.n_layer"), sizes.count("audio_adaptor.blocks")],
    [own("adaptor.attention_heads"), heads],
  ];
}

/** Keys of Qwen3 below `llm.`. */
export function llmKeys(sizes: Sizes, llm: Config): [string, MetadataValue][] {
  const layer = "llm.model.layers.0";
  const headDim = sizes.of(`${layer}.self_attn.q_norm.weight`, 0);
  requireQwen3(llm);
  const shown = [
    ["num_hidden_layers", "llm.block_count", sizes.count("llm.model.layers")],
    ["hidden_size", "llm.embedding_length", sizes.of("llm.model.embed_tokens.weight", 1)],
    ["intermediate_size", "llm.feed_forward_length", sizes.of(`${layer}.mlp.gate_proj.weight`, 0)],
    ["num_attention_heads", "llm.head_count", sizes.of(`${layer}.self_attn.q_proj.weight`, 0) / headDim],
    ["num_key_value_heads", "llm.head_count_kv", sizes.of(`${layer}.self_attn.k_proj.weight`, 0) / headDim],
    ["head_dim", "llm.head_dim", headDim],
    ["vocab_size", "llm.vocab_size", sizes.of("llm.model.embed_tokens.weight", 0)],
  ] as const;
  for (const [path, , size] of shown) llm.require(path, size);
  return [
    ...shown.map(([, key, size]): [string, MetadataValue] => [own(key), size]),
    [own("llm.context_length"), llm.integer("max_position_embeddings")],
    // real numbers are float32, as a GGUF file has them: a converted model computes the same bytes
    [own("llm.rope_freq_base"), Math.fround(ropeBase(llm))],
    [own("llm.rms_norm_eps"), Math.fround(llm.number("rms_norm_eps"))],
  ];
}
