/**
 * funasr-mlx's checkpoints (`__metadata__.format` of its safetensors): the names of model.pt for every family, FunASR's
 * settings as config.json, convolution kernels with the channels last, and for the language model MLX's groups.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { canonicalShape } from "../../../src/checkpoints/gguf/shapes.ts";
import { Config } from "../config.ts";
import type { FolderContent, ModelFolder } from "../families/family.ts";
import { readParaformer } from "../families/paraformer.ts";
import { readSenseVoice } from "../families/sensevoice.ts";
import { funasrSizes, mlxTensors, nanoFacts } from "./canonical-nano.ts";
import { channelsFirst } from "./channels.ts";
import type { Dialect, DialectFile } from "./dialect.ts";
import { nanoContent, qwen3 } from "./nano-content.ts";

const isFamily =
  (family: string) =>
  ({ metadata }: DialectFile): boolean =>
    metadata.get("format") === "funasr-mlx" && metadata.get("model") === family;

export const funasrMlxNano: Dialect = {
  name: "funasr-mlx Fun-ASR-Nano",
  architecture: "fun-asr-nano",
  title: "Fun-ASR-Nano",
  has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
  fits: isFamily("fun-asr-nano"),
  read: async (file) => {
    const { config, companions } = file;
    const stated = config.value("llm_conf.args");
    const args = typeof stated === "object" && stated !== null ? stated : {};
    const llm = new Config({ ...qwen3, ...args }, companions.where("config.json, llm_conf.args"));
    const folder = config.text("llm_conf.init_param_path", "Qwen3-0.6B").replace(/^.*\//u, "");
    const tokenizers = [companions, companions.at(folder)] as const;
    return nanoContent(file, await mlxTensors(file), {
      ...nanoFacts(config),
      sizes: funasrSizes,
      llm,
      tokenizers,
    });
  },
};

/** A family that the reader of FunASR's folders reads, once its kernels are as PyTorch has them. */
const family = (
  kind: string,
  names: Pick<Dialect, "architecture" | "title" | "has">,
  readFolder: (folder: ModelFolder) => Promise<FolderContent>,
): Dialect => ({
  ...names,
  name: `funasr-mlx ${names.title}`,
  fits: isFamily(kind),
  read: ({ config, companions, tensors }) =>
    readFolder({ config, companions, tensors: new Map([...tensors].map(canonical)) }),
});

function canonical([name, entry]: [string, TensorEntry]): [string, TensorEntry] {
  const turned = name === "predictor.cif_conv1d.weight" ? channelsFirst(entry) : entry;
  return [name, canonicalShape(turned)];
}

export const funasrMlxParaformer = family(
  "paraformer",
  {
    architecture: "paraformer",
    title: "Paraformer",
    has: ["encoder.encoders0.0.norm1.weight", "predictor.cif_output.weight"],
  },
  readParaformer,
);

export const funasrMlxSenseVoice = family(
  "sensevoice",
  {
    architecture: "sensevoice",
    title: "SenseVoice-Small",
    has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight", "embed.weight"],
  },
  readSenseVoice,
);
