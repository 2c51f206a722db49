/**
 * Fun-ASR-Nano and MLT-Nano: config.yaml, the state dict with or without the CTC branch, Qwen's folder, and the CTC
 * tokens. FunASR's FunASRNano; defaults are those of its classes.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import { parseTiktoken, parseTokensTxt } from "../../../src/text/ctc-token-files.ts";
import type { Companions } from "../companions.ts";
import { readConfigJson } from "../config.ts";
import type { Config } from "../config.ts";
import { qwenTokens } from "../tokens/qwen.ts";
import { encoderKeys, frontendKeys } from "./family.ts";
import type { FolderContent, ModelFolder } from "./family.ts";
import { requireQwen3, ropeBase } from "./qwen3.ts";

const architecture = "fun-asr-nano";
/** `ctc_vocab_size` where config.yaml does not state it. */
const ctcVocabulary = 60_515;

export async function readFunAsrNano({ config, companions, tensors }: ModelFolder): Promise<FolderContent> {
  requireNano(config);
  const llmFolder = companions.at(config.text("llm_conf.init_param_path"));
  const llm = await readConfigJson(llmFolder, "config.json");
  const hasCtc = tensors.has("ctc.ctc_lo.weight");
  const tied = llm.flag("tie_word_embeddings", false);
  return {
    metadata: new Map([
      ...frontendKeys(architecture, config),
      ...encoderKeys(architecture, config, "audio_encoder_conf"),
      ...transformerKeys("adaptor", config, "audio_adaptor_conf"),
      [
        "fun-asr-nano.adaptor.use_low_frame_rate",
        config.flag("audio_adaptor_conf.use_low_frame_rate", false),
      ],
      ...(hasCtc ? ctcKeys(config) : []),
      ...llmKeys(llm, tied),
      ...(hasCtc
        ? [["fun-asr-nano.ctc.tokens", await ctcTokens(companions)] as [string, MetadataValue]]
        : []),
      ...(await qwenTokens(llmFolder, llm.integer("vocab_size"))),
    ]),
    tensors: tied ? withoutHead(tensors) : tensors,
    notes: [describe(tensors, hasCtc)],
  };
}

/** Throws `checkpoint_malformed` where FunASR's settings are those of a model that is not computed. */
export function requireNano(config: Config): void {
  config.require("frontend_conf.cmvn_file", undefined);
  config.requireOne("frontend", ["WavFrontend", "WavFrontendOnline"]);
  // with `hub`, it is the name of a model that has the encoder
  if (config.value("audio_encoder_conf.hub") === undefined)
    config.require("audio_encoder", "SenseVoiceEncoderSmall");
  config.require("audio_adaptor", "Transformer");
  config.require("audio_adaptor_conf.downsample_rate", 1);
}

/** How many tensors the published checkpoints have. */
const published: ReadonlyMap<number, string> = new Map([
  [1347, "ModelScope's release of Fun-ASR-Nano"],
  [1261, "Hugging Face's release of Fun-ASR-Nano, or MLT-Nano"],
]);

/** Which checkpoint it is, and what will not work with it. */
export function describe(tensors: ReadonlyMap<string, TensorEntry>, hasCtc: boolean): string {
  const known = published.get(tensors.size);
  const which = `${tensors.size} tensors${known === undefined ? "" : ` (${known})`}`;
  if (hasCtc) return `${which}, with the CTC branch: drafts, character times and hotword search work`;
  const others = [...tensors.keys()].filter((name) => name.startsWith("ctc"));
  if (others.length > 0)
    return `${which}, with ${others.length} of the CTC branch but not its head, ctc.ctc_lo.weight`;
  return (
    `${which}, without the CTC branch: no CTC drafts, no character times, no hotword search by sound; ` +
    "ModelScope's release has it"
  );
}

/** FunASR's `Transformer`, which is the adaptor and the CTC decoder. */
function transformerKeys(name: string, config: Config, section: string): [string, MetadataValue][] {
  config.require(`${section}.downsample_rate`, 1);
  const keys = ["encoder_dim", "ffn_dim", "llm_dim", "n_layer"] as const;
  const defaults = { encoder_dim: 512, ffn_dim: 2048, llm_dim: 1024, n_layer: 5 };
  return [
    ...keys.map((key): [string, MetadataValue] => [
      `${architecture}.${name}.${key}`,
      config.integer(`${section}.${key}`, defaults[key]),
    ]),
    [`${architecture}.${name}.attention_heads`, config.integer(`${section}.attention_heads`, 8)],
  ];
}

function ctcKeys(config: Config): [string, MetadataValue][] {
  config.require("ctc_decoder", "Transformer");
  const size = config.integer("ctc_vocab_size", ctcVocabulary);
  return [
    ...transformerKeys("ctc_decoder", config, "ctc_decoder_conf"),
    ["fun-asr-nano.ctc.vocab_size", size],
    ["fun-asr-nano.ctc.blank_id", config.integer("ctc_conf.blank_id", size - 1)],
  ];
}

function llmKeys(llm: Config, tied: boolean): [string, MetadataValue][] {
  requireQwen3(llm);
  const key = (name: string): string => `${architecture}.llm.${name}`;
  return [
    [key("block_count"), llm.integer("num_hidden_layers")],
    [key("embedding_length"), llm.integer("hidden_size")],
    [key("feed_forward_length"), llm.integer("intermediate_size")],
    [key("head_count"), llm.integer("num_attention_heads")],
    [key("head_count_kv"), llm.integer("num_key_value_heads")],
    [key("head_dim"), llm.integer("head_dim")],
    [key("vocab_size"), llm.integer("vocab_size")],
    [key("context_length"), llm.integer("max_position_embeddings")],
    [key("rope_freq_base"), ropeBase(llm)],
    [key("rms_norm_eps"), llm.number("rms_norm_eps")],
    [key("tie_word_embeddings"), tied],
  ];
}

async function ctcTokens(companions: Companions): Promise<readonly string[]> {
  if (await companions.has("multilingual.tiktoken"))
    return parseTiktoken(await companions.text("multilingual.tiktoken"));
  if (await companions.has("tokens.txt")) return parseTokensTxt(await companions.text("tokens.txt"));
  throw new ModelFormatError("bad_tokenizer", companions.folder, "there are CTC weights but no CTC tokens", {
    wanted: "multilingual.tiktoken or tokens.txt",
    remedy: "Copy the file into the folder: FunASR keeps multilingual.tiktoken beside its Whisper tokenizer",
  });
}

/** A state dict lists the head even when it is the embedding. */
function withoutHead(tensors: ReadonlyMap<string, TensorEntry>): ReadonlyMap<string, TensorEntry> {
  return new Map([...tensors].filter(([name]) => name !== "llm.lm_head.weight"));
}
