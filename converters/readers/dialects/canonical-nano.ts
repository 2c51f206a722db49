/**
 * Fun-ASR-Nano in safetensors under the names of model.pt: vLLM's, and MLX's with its kernels [D, K, 1] and, in quantized
 * files, groups. They differ in their config.json, by which they are recognized.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { canonicalShape } from "../../../src/checkpoints/gguf/shapes.ts";
import { frontendConstants } from "../../../src/checkpoints/gguf/namings/keys.ts";
import { Config } from "../config.ts";
import { requireNano } from "../families/fun-asr-nano.ts";
import { requireEncoder } from "../families/family.ts";
import type { FolderContent } from "../families/family.ts";
import type { Dialect, DialectFile } from "./dialect.ts";
import { withoutGroups } from "./mlx-groups.ts";
import { groupingOf } from "./mlx-config.ts";
import { nanoContent } from "./nano-content.ts";
import type { NanoFacts } from "./nano-content.ts";

const common = {
  architecture: "fun-asr-nano",
  title: "Fun-ASR-Nano",
  has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
} as const;

/** The heads of the adaptor, which no configuration of FunASR states. */
const adaptorHeads = 8;

/** mlx-audio's: FunASR's sections, with the published sizes whatever the model has, and `text_config` for the language model. */
export const mlxAudioNano: Dialect = {
  ...common,
  name: "mlx-audio Fun-ASR-Nano",
  fits: ({ config }) =>
    config.value("model_type") === "fun_asr_nano" && config.value("audio_encoder_conf") !== undefined,
  read: (file) => {
    const { config, companions } = file;
    return content(file, {
      ...nanoFacts(config),
      sizes: { input_size: "encoder.input_size" },
      llm: new Config(config.value("text_config") ?? {}, companions.where("config.json, text_config")),
      tokenizers: [companions.at(config.text("qwen_tokenizer_path", "Qwen3-0.6B")), companions],
    });
  },
};

/** mlx-audio-plus': sections of its own. Its converter writes `num_heads` whatever the model has: they are 4 and 8 everywhere. */
export const mlxAudioPlusNano: Dialect = {
  ...common,
  name: "mlx-audio-plus Fun-ASR-Nano",
  fits: ({ config }) => config.value("model_type") === "funasr" && config.value("llm") !== undefined,
  read: (file) => {
    const { config, companions } = file;
    config.require("adaptor.downsample_rate", 1);
    const frontend = new Map(frontendConstants("fun-asr-nano.frontend"));
    for (const [theirs, ours] of [
      ["sample_rate", "sample_rate"],
      ["n_mels", "n_mels"],
      ["lfr_m", "lfr_m"],
      ["lfr_n", "lfr_n"],
    ] as const)
      frontend.set(`fun-asr-nano.frontend.${ours}`, config.integer(theirs));
    return content(file, {
      frontend: [...frontend],
      encoderHeads: config.integer("encoder.num_heads", 4),
      sizes: {
        "encoder.input_dim": "encoder.input_size",
        "encoder.encoder_dim": "encoder.output_size",
        "encoder.ffn_dim": "encoder.linear_units",
        "encoder.kernel_size": "encoder.kernel_size",
        "encoder.num_tp_encoders": "encoder.tp_blocks",
        "adaptor.encoder_dim": "adaptor.encoder_dim",
        "adaptor.llm_dim": "adaptor.llm_dim",
        "adaptor.ffn_dim": "adaptor.ffn_dim",
        "adaptor.n_layer": "adaptor.n_layer",
      },
      adaptorHeads: config.integer("adaptor.attention_heads", adaptorHeads),
      llm: new Config(config.value("llm"), companions.where("config.json, llm")),
      tokenizers: [companions],
    });
  },
};

/** vLLM's: Qwen3's settings at the top, and FunASR's of the encoder. It knows the adaptor of Fun-ASR-Nano only. */
export const vllmNano: Dialect = {
  ...common,
  name: "vLLM Fun-ASR-Nano",
  fits: ({ config }) => {
    const names = config.value("architectures");
    return Array.isArray(names) && names.includes("FunASRForConditionalGeneration");
  },
  read: (file) => {
    const { config, companions } = file;
    return content(file, {
      ...nanoFacts(config),
      sizes: funasrSizes,
      llm: config,
      tokenizers: [companions, companions.at("Qwen3-0.6B")],
    });
  },
};

async function content(file: DialectFile, facts: NanoFacts): Promise<FolderContent> {
  return nanoContent(file, await mlxTensors(file), facts);
}

/** Every tensor as a plain one, in our shape. */
export async function mlxTensors(file: DialectFile): Promise<ReadonlyMap<string, TensorEntry>> {
  const { tensors, stored } = file;
  const plain =
    stored === undefined ? tensors : await withoutGroups(tensors, stored, groupingOf(file.config));
  return new Map([...plain].map(([name, entry]) => [name, canonicalShape(entry)]));
}

/** What FunASR's sections state. Throws `checkpoint_malformed` for variants that no published model is. */
export function nanoFacts(config: Config): Omit<NanoFacts, "llm" | "tokenizers"> {
  requireEncoder(config, "audio_encoder_conf");
  requireNano(config);
  return {
    frontend: frontendKeys(config),
    encoderHeads: config.integer("audio_encoder_conf.attention_heads", 4),
    adaptorHeads: config.integer("audio_adaptor_conf.attention_heads", adaptorHeads),
    useLowFrameRate: flagAt(config, "audio_adaptor_conf.use_low_frame_rate"),
  };
}

/** Sizes in FunASR's sections, and ours for them. */
export const funasrSizes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["output_size", "linear_units", "num_blocks", "tp_blocks", "kernel_size"].map((key) => [
      `audio_encoder_conf.${key}`,
      `encoder.${key}`,
    ]),
  ),
  ...Object.fromEntries(
    ["encoder_dim", "ffn_dim", "llm_dim", "n_layer"].map((key) => [
      `audio_adaptor_conf.${key}`,
      `adaptor.${key}`,
    ]),
  ),
};

function flagAt(config: Config, path: string): boolean | undefined {
  return config.value(path) === undefined ? undefined : config.flag(path);
}

/** `frontend_conf`, with what all models have where it does not state it. */
function frontendKeys(config: Config): [string, MetadataValue][] {
  const names: Readonly<Record<string, string>> = {
    sample_rate: "fs",
    n_mels: "n_mels",
    frame_length_ms: "frame_length",
    frame_shift_ms: "frame_shift",
    lfr_m: "lfr_m",
    lfr_n: "lfr_n",
    window: "window",
  };
  return frontendConstants("fun-asr-nano.frontend").map(([key, usual]) => {
    const path = `frontend_conf.${names[key.slice(key.lastIndexOf(".") + 1)] ?? ""}`;
    const value = typeof usual === "string" ? config.text(path, usual) : config.integer(path, Number(usual));
    return [key, value];
  });
}
