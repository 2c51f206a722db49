/**
 * Every setting in the configurations of model folders, changed, and settings that a folder may have in addition: the model
 * is refused when it is opened, or its keys in our naming show the change, which metadata.test.ts judges, or the setting is
 * listed with the reason why nothing is computed from it.
 */
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseYaml } from "../../converters/readers/yaml.ts";
import { checkTensors } from "../../src/architectures/build.ts";
import { openModel } from "../../src/containers/open-model.ts";
import type { MetadataValue } from "../../src/checkpoints/checkpoint.ts";
import { FunAsrError } from "../../src/errors.ts";
import { effects, isListed, silent } from "../helpers/builders/changed-keys.ts";
import type { Listed } from "../helpers/builders/changed-keys.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import "../../src/node.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Keys = ReadonlyMap<string, MetadataValue>;

/** Settings that nothing is computed from. */
const unused: Listed = [
  [/(?:dropout(?:_rate)?|freeze|initializer_range|use_cache)$/u, "of training"],
  [/^(?:dataset_conf|detach_ctc_decoder|ctc_weight)/u, "of training"],
  [/^ctc_conf\.(?:reduce|ctc_type|ignore_nan_grad)$/u, "of training"],
  [/^model_conf\.(?:\w+_weight|\w*length_normal\w*|predictor_bias|sampling_ratio)$/u, "of training"],
  [/^model_conf\.(?:ignore_id|sos|eos|train_decoder)$/u, "of training"],
  [/_conf\.pos_enc_class$/u, "only other input layers than pe use it"],
  [/^llm$|^llm_conf\.(?:hub|llm_dtype|use_lora)$/u, "how FunASR loads the language model"],
  [/^tokenizer(?:_conf\..*)?$/u, "the vocabulary's file is known by its name"],
  [/^frontend_conf\.dither$/u, "noise, which recognition leaves out"],
  [/^encoder_conf\.rstride$/u, "of frames to come, which the VAD's memory has none of"],
  [/(?:^|\.)(?:torch_)?dtype$|^transformers_version$|(?:^|\.)architectures$/u, "how it was stored"],
  [/(?:^|\.)(?:max_window_layers|sliding_window)$/u, "use_sliding_window decides"],
  [/(?:^|\.)(?:bos|eos|pad|audio)_token_id$/u, "the tokenizer's files have the tokens"],
  [/^audio_config\.(?:max_position_embeddings|model_type)$|^adaptor_config\.model_type$/u, "a limit, a name"],
  [/^quantization\.(?:targets|quantized_components)$/u, "the tensors show which are quantized"],
  [/^quantization_config\./u, "the same as quantization, which comes first"],
  [/^(?:default_max_tokens|model_repo)$|\.feat_permute$/u, "of the program"],
];

/** Of single folders. */
const unusedIn: Readonly<Record<string, Listed>> = {
  "dialects/mlx-audio-4bit": [
    [/^audio_(?:encoder|adaptor)_conf\./u, "the published sizes, whatever the model has"],
  ],
  "tiny/fsmn-vad": [[/^model$/u, "known by its tensors, whatever lies beside them"]],
  "dialects/transformers": [
    [/^model_type$/u, "known by its tensors"],
    [/^text_config\.tie_word_embeddings$/u, "the outer one counts, as there"],
  ],
  "dialects/mlx-audio-plus-4bit": [
    [/^encoder\.num_encoders0?$/u, "the shapes show it"],
    [/^llm\.tie_word_embeddings$/u, "the head is a copy of the embedding"],
  ],
  "dialects/funasr-mlx-nano": [
    [/^model$/u, "the safetensors file states it"],
    [/^llm_conf\.init_param_path$/u, "the tokenizer lies there, or here"],
    [/^ctc_(?:decoder|vocab_size)/u, "the branch is not used: its tokens are in no file"],
  ],
  // their head for text is a matrix of its own, or absent
  "dialects/vllm": [[/^tie_word_embeddings$/u, "the tensors show it"]],
};

interface Case {
  readonly folder: string;
  readonly file: string;
  /** Which of the file's settings are changed; all by default. */
  readonly only?: RegExp;
  /** Settings that are not in the file, each with a value that states another model. */
  readonly added?: Readonly<Record<string, Json>>;
}

const encoder = (section: string): Readonly<Record<string, Json>> => ({
  [`${section}.input_layer`]: "conv2d",
  [`${section}.normalize_before`]: false,
  [`${section}.concat_after`]: true,
  [`${section}.positionwise_layer_type`]: "conv1d",
  [`${section}.selfattention_layer_type`]: "selfattn",
  [`${section}.interctc_use_conditioning`]: true,
  [`${section}.sanm_shfit`]: 5,
  [`${section}.sanm_shift`]: 5,
});
const frontend: Readonly<Record<string, Json>> = {
  "frontend_conf.upsacle_samples": false,
  "frontend_conf.cmvn_file": "other.mvn",
  frontend: "WavFrontendMel23",
};
const qwen3 = (section: string): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries<Json>({
      hidden_act: "gelu",
      attention_bias: true,
      use_sliding_window: true,
      rope_scaling: { type: "yarn", factor: 4 },
      rope_parameters: { rope_theta: 5, rope_type: "default" },
      layer_types: ["full_attention", "sliding_attention"],
    }).map(([key, value]) => [section + key, value]),
  );

/** Transformers 5 has the base of the rotary angles at that place alone. */
const { "text_config.rope_parameters": _base, ...nestedQwen3 } = qwen3("text_config.");

const cases: readonly Case[] = [
  {
    folder: "tiny/sensevoice",
    file: "config.yaml",
    added: { ...encoder("encoder_conf"), ...frontend, normalize: "GlobalMVN", "ctc_conf.blank_id": 1 },
  },
  {
    folder: "tiny/paraformer",
    file: "config.yaml",
    added: {
      ...encoder("encoder_conf"),
      ...frontend,
      "decoder_conf.concat_after": true,
      "decoder_conf.normalize_before": false,
      "decoder_conf.use_output_layer": false,
      "predictor_conf.tail_mask": false,
      normalize: "UtteranceMVN",
    },
  },
  {
    folder: "tiny/seaco-paraformer",
    file: "config.yaml",
    only: /^(?:model|predictor|seaco)/u,
    added: {
      "predictor_conf.upsample_type": "cnn",
      "predictor_conf.use_cif1_cnn": true,
      "model_conf.sos": 3,
      "seaco_decoder_conf.normalize_before": false,
      "seaco_decoder_conf.concat_after": true,
    },
  },
  {
    folder: "tiny/fun-asr-nano",
    file: "config.yaml",
    added: { ...encoder("audio_encoder_conf"), ...frontend },
  },
  { folder: "tiny/fun-asr-nano", file: "Qwen3-tiny/config.json", added: qwen3("") },
  {
    folder: "tiny/fsmn-vad",
    file: "config.yaml",
    added: {
      ...frontend,
      "frontend_conf.snip_edges": false,
      "model_conf.max_start_silence_time": 1000,
      "model_conf.noise_frame_num_used_for_snr": 50,
      "model_conf.speech_noise_thres": 0.9,
    },
  },
  { folder: "dialects/transformers", file: "config.json", added: nestedQwen3 },
  {
    folder: "dialects/mlx-audio-4bit",
    file: "config.json",
    added: { ...qwen3("text_config."), ...encoder("audio_encoder_conf") },
  },
  { folder: "dialects/mlx-audio-plus-4bit", file: "config.json", added: qwen3("llm.") },
  {
    folder: "dialects/mlx-audio-sensevoice",
    file: "config.json",
    added: { ...encoder("encoder_conf"), "frontend_conf.fs": 8000, "frontend_conf.lfr_m": 5 },
  },
  { folder: "dialects/vllm", file: "config.json", added: { ...qwen3(""), "frontend_conf.fs": 8000 } },
  { folder: "dialects/funasr-mlx-nano", file: "config.json", added: qwen3("llm_conf.args.") },
];

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Paths of all values that are no objects. */
const pathsOf = (value: Json, path: readonly string[] = []): (readonly [readonly string[], Json])[] =>
  isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))
    : [[path, value]];

function withValue(config: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  const object = isObject(config) ? config : {};
  return { ...object, [key]: withValue(object[key] ?? {}, rest, value) };
}

/** Other values, of the same type where there is one. */
function changesOf(value: Json): readonly Json[] {
  if (typeof value === "number") return [value + 1, value * 2 + 0.25];
  if (typeof value === "string") return [`${value}x`];
  if (typeof value === "boolean") return [!value];
  return value === null ? ["text"] : [[...(value as readonly Json[]), "text"]];
}

/** A folder with links to the files of `source`, but for `file`. */
async function linked(source: string, target: string, file: string): Promise<void> {
  const [first = "", ...rest] = file.split("/");
  await mkdir(target, { recursive: true });
  for (const name of await readdir(source)) {
    if (name !== first) await symlink(join(source, name), join(target, name));
    else if (rest.length > 0) await linked(join(source, name), join(target, name), rest.join("/"));
  }
}

async function opened(folder: string): Promise<FunAsrError | Keys> {
  try {
    await using checkpoint = await openModel(folder);
    checkTensors(checkpoint);
    return checkpoint.metadata;
  } catch (error) {
    if (error instanceof FunAsrError) return error;
    throw error;
  }
}

/** Keys of ours that a changed setting may change: metadata.test.ts shows what they do. */
const mayChange = (key: string): boolean =>
  isListed(effects, key) ||
  isListed(silent, key) ||
  key.startsWith("general.") ||
  key.endsWith("tie_word_embeddings"); // model.pt has the head as well

const changedIn = (a: Keys, b: Keys): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter(
    (key) => JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key)),
  );

describe("every setting that is changed is refused, used, or listed", () => {
  it.each(cases)(
    "$folder, $file",
    async ({ folder, file, only = /./u, added = {} }) => {
      const source = fixture(folder);
      const target = join(await temporaryFolder(), "model");
      await linked(source, target, file);
      const text = await readFile(join(source, file), "utf8");
      const config = (file.endsWith(".yaml") ? parseYaml(text, file) : JSON.parse(text)) as Json;
      const open = async (changed: Json): Promise<FunAsrError | Keys> => {
        await writeFile(join(target, file), JSON.stringify(changed, undefined, 1));
        return opened(target);
      };
      const sound = await open(config);
      if (sound instanceof FunAsrError) throw sound;
      const lists = [...unused, ...(unusedIn[folder] ?? [])];
      const unlisted: string[] = [];
      let refused = 0;
      const attempt = async (path: readonly string[], value: Json): Promise<void> => {
        const found = await open(withValue(config, path, value));
        if (found instanceof FunAsrError) {
          refused++;
          return;
        }
        const keys = changedIn(sound, found);
        if (keys.length > 0 && keys.every(mayChange)) return;
        if (keys.length === 0 && isListed(lists, path.join("."))) return;
        unlisted.push(`${path.join(".")} = ${JSON.stringify(value)}: ${keys.join() || "the same"}`);
      };
      for (const [path, value] of pathsOf(config).filter(([name]) => only.test(name.join("."))))
        for (const change of changesOf(value)) await attempt(path, change);
      for (const [path, value] of Object.entries(added)) {
        const found = await open(withValue(config, path.split("."), value));
        if (!(found instanceof FunAsrError)) unlisted.push(`added ${path} is accepted`);
      }
      expect(unlisted).toEqual([]);
      expect(refused).toBeGreaterThan(0);
    },
    300_000,
  );
});

describe("configuration.json", () => {
  const model = fixture("tiny/sensevoice");
  const folderWith = async (metas: Json): Promise<string> => {
    const target = join(await temporaryFolder(), "model");
    await linked(model, target, "configuration.json");
    for (const name of ["other.pt", "other.yaml", "other.mvn"]) await writeFile(join(target, name), "");
    await writeFile(join(target, "configuration.json"), JSON.stringify({ file_path_metas: metas }));
    return target;
  };

  it.each<[string, Json]>([
    ["weights", { init_param: "other.pt" }],
    ["a configuration", { config: "./other.yaml" }],
    ["a normalization", { frontend_conf: { cmvn_file: "other.mvn" } }],
    ["a vocabulary", { tokenizer_conf: { bpemodel: "other.pt" } }],
    ["something that is no name", { init_param: 5 }],
  ])("that names other %s is refused", async (_, metas) => {
    const found = await opened(await folderWith(metas));
    expect(found).toMatchObject({ code: "checkpoint_malformed" });
    expect((found as FunAsrError).where).toContain("configuration.json, file_path_metas.");
  });

  it("is that of the published folders, or names files that are not there", async () => {
    const metas = { init_param: "model.pt", config: "config.yaml", frontend_conf: { cmvn_file: "am.mvn" } };
    for (const stated of [metas, { ...metas, init_param: "absent.pt" }])
      expect(await opened(await folderWith(stated))).toBeInstanceOf(Map);
  });

  it("does not matter where the caller names the weights", async () => {
    const folder = await folderWith({ init_param: "other.pt" });
    expect(await opened(join(folder, "model.pt"))).toBeInstanceOf(Map);
  });
});
