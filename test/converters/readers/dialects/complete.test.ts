/** Every tensor of a dialect's file is used: without any one of them, or with one more, the model is refused. */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { Companions } from "../../../../converters/readers/companions.ts";
import { readConfigJson } from "../../../../converters/readers/config.ts";
import { dialectOf } from "../../../../converters/readers/dialects/index.ts";
import type { DialectFile } from "../../../../converters/readers/dialects/dialect.ts";
import { openSafetensors } from "../../../../converters/readers/safetensors.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { checkTensors } from "../../../../src/architectures/build.ts";
import { FunAsrError } from "../../../../src/errors.ts";
import { openBytes } from "../../../../src/platform/bytes.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";

async function opened(path: string): Promise<DialectFile> {
  const { tensors, stored, metadata } = await openSafetensors(openBytes(await readFile(path)));
  const companions = new Companions(openFolder(dirname(path)));
  const config = await readConfigJson(companions, "config.json");
  return { source: "twin", tensors, stored, metadata, config, companions, options: {} };
}

/** The code of the refusal, or "complete". */
async function verdict(file: DialectFile, whole = file): Promise<string> {
  const { architecture, read } = dialectOf(whole);
  try {
    const { metadata, tensors } = await read(file);
    checkTensors({
      source: file.source,
      naming: "twin",
      metadata: new Map([["general.architecture", architecture], ...metadata]),
      tensors,
      async [Symbol.asyncDispose]() {},
    });
    return "complete";
  } catch (error) {
    if (error instanceof FunAsrError) return error.code;
    throw error;
  }
}

/** Files, and what they hold beside a model: a copy of the embedding as the head, or the embedding of target texts. */
const files: readonly (readonly [path: string, ...spare: string[]])[] = [
  ["transformers/model.safetensors"],
  ["mlx-audio/model.safetensors"],
  ["mlx-audio-4bit/model.safetensors"],
  ["mlx-audio-plus-4bit/model.safetensors"], // its config.json states a head of its own
  ["vllm/model.safetensors", "llm.lm_head.weight"],
  ["mlx-audio-sensevoice/model.safetensors"],
  ["funasr-mlx-sensevoice/model-00001.safetensors"],
  ["funasr-mlx-paraformer/model-00001.safetensors", "decoder.embed.0.weight"],
];

describe.each(files)("%s", (path, ...spare) => {
  test("every tensor is needed, but for those", async () => {
    const file = await opened(fixture(`dialects/${path}`));
    expect(await verdict(file)).toBe("complete");
    const kept: string[] = [];
    for (const name of file.tensors.keys()) {
      const tensors = new Map([...file.tensors].filter(([other]) => other !== name));
      const found = await verdict({ ...file, tensors }, file);
      if (found === "complete") kept.push(name);
      else
        expect([name, found]).toEqual([
          name,
          expect.stringMatching(/^(bad_tensors|unsupported_format|checkpoint_malformed)$/),
        ]);
    }
    expect(kept).toEqual(spare);
  });

  test("a surplus tensor is refused", async () => {
    const file = await opened(fixture(`dialects/${path}`));
    const [[, entry] = []] = file.tensors;
    for (const name of ["model.surplus.weight", "audio_encoder.encoders.1.surplus", "encoder.surplus"]) {
      const tensors = new Map([...file.tensors, [name, { ...entry!, name }]]);
      expect(await verdict({ ...file, tensors }, file)).toBe("bad_tensors");
    }
  });
});

test("names may lack `model.`", async () => {
  const file = await opened(fixture("dialects/transformers/model.safetensors"));
  const tensors = new Map([...file.tensors].map(([name, entry]) => [name.replace(/^model\./, ""), entry]));
  expect(await verdict({ ...file, tensors })).toBe("complete");
});

describe("names of earlier revisions", () => {
  /** Three blocks of the encoder and two of the second stack, as a stem and two stacks. */
  const stacks = [
    "stem",
    "layers.0",
    "layers.1",
    "timestamp_prediction_layers.0",
    "timestamp_prediction_layers.1",
  ];
  const split = (name: string): string =>
    name
      .replace(/audio_tower\.layers\.(\d)/, (_, i) => `audio_tower.${stacks[Number(i)]}`)
      .replace("timestamp_prediction_layers.1.final_layernorm", "timestamp_prediction_layer_norm")
      .replace(/(audio_tower)\.layers\.1\.final_layernorm/, "$1.layer_norm")
      .replace(/^(model\.(?:audio_tower|multi_modal_projector).*)input_layernorm/, "$1self_attn_layer_norm")
      .replace(
        /^(model\.(?:audio_tower|multi_modal_projector).*)post_attention_layernorm/,
        "$1final_layer_norm",
      )
      .replace("multi_modal_projector.layers.", "audio_adaptor.blocks.");
  const spelled = [
    // as audio.cpp reads them
    (name: string) =>
      name
        .replace("self_attn.fsmn", "fsmn")
        .replace(/^(model\.audio.*)mlp\.fc/, "$1fc")
        .replace(/^(model\.audio.*)o_proj/, "$1out_proj"),
    // as a later revision has the memory, with what no revision is known to have
    (name: string) =>
      name
        .replace("self_attn.fsmn", "feedforward_sequential_memory")
        .replace("audio_adaptor.blocks", "multi_modal_projector.layers"),
  ];

  test("are read in every spelling, and every tensor is needed", async () => {
    const file = await opened(fixture("dialects/transformers/model.safetensors"));
    for (const spell of spelled) {
      const tensors = new Map([...file.tensors].map(([name, entry]) => [spell(split(name)), entry]));
      const whole = { ...file, tensors };
      expect(dialectOf(whole).name).toBe("Transformers Fun-ASR-Nano (split tower)");
      expect(await verdict(whole)).toBe("complete");
      for (const name of tensors.keys()) {
        const less = new Map([...tensors].filter(([other]) => other !== name));
        expect([name, await verdict({ ...whole, tensors: less }, whole)]).toEqual([name, "bad_tensors"]);
      }
    }
  });

  test("are refused where two spellings of one tensor are there", async () => {
    const file = await opened(fixture("dialects/transformers/model.safetensors"));
    const tensors = new Map([...file.tensors].map(([name, entry]) => [spelled[0]!(split(name)), entry]));
    const name = "model.audio_tower.stem.feedforward_sequential_memory.conv.weight";
    tensors.set(name, tensors.get("model.audio_tower.stem.fsmn.conv.weight")!);
    const { read } = dialectOf({ ...file, tensors });
    await expect(read({ ...file, tensors })).rejects.toThrow(
      /stem\.fsmn\.conv\.weight: two tensors have this name/,
    );
  });
});

describe("is refused", () => {
  test("a file of no dialect, with what is known", async () => {
    const file = await opened(fixture("dialects/transformers/model.safetensors"));
    expect(() => dialectOf({ ...file, tensors: new Map() })).toThrow(
      /no known dialect has these 0 tensors .*model_type: "fun_asr_nano"[^]*Transformers Fun-ASR-Nano: model\.audio/,
    );
  });

  test("a tensor with and without `model.`", async () => {
    const file = await opened(fixture("dialects/transformers/model.safetensors"));
    for (const name of ["language_model.norm.weight", "audio_tower.layers.0.self_attn.q_proj.weight"]) {
      const tensors = new Map([...file.tensors, [name, file.tensors.get(`model.${name}`)!]]);
      expect(await verdict({ ...file, tensors })).toBe("bad_tensors");
    }
  });

  test("queries of other rows than keys", async () => {
    const file = await opened(fixture("dialects/transformers/model.safetensors"));
    const name = "model.audio_tower.layers.1.self_attn.q_proj.weight";
    const entry = file.tensors.get(name)!;
    const tensors = new Map([...file.tensors, [name, { ...entry, shape: [64, 16] }]]);
    expect(await verdict({ ...file, tensors })).toBe("bad_tensors");
  });
});

test("the CTC branch that one converter passes through is not lost without a word", async () => {
  const file = await opened(fixture("dialects/mlx-audio/model.safetensors"));
  const [[, entry] = []] = file.tensors;
  const name = "ctc.ctc_lo.weight";
  const { read } = dialectOf(file);
  const { notes, tensors, extraTensors } = await read({
    ...file,
    tensors: new Map([...file.tensors, [name, { ...entry!, name }]]),
  });
  expect(tensors.has(name)).toBe(false);
  expect([...(extraTensors?.keys() ?? [])]).toEqual([name]);
  expect(notes.join("\n")).toMatch(/1 tensors of a CTC branch are not used/);
});

describe("whether the language model reads all rows", () => {
  const lowFrameRate = async (file: DialectFile): Promise<unknown> =>
    (await dialectOf(file).read(file)).metadata.get("fun-asr-nano.adaptor.use_low_frame_rate");

  test("is what config.json states, then the option, then the name of the checkpoint", async () => {
    const silent = await opened(fixture("dialects/transformers/model.safetensors"));
    const stated = await opened(fixture("dialects/mlx-audio/model.safetensors"));
    const mlt = new Companions({
      ...openFolder(fixture("dialects/transformers")),
      name: "Fun-ASR-MLT-Nano-2512-hf",
    });
    expect(await lowFrameRate(silent)).toBe(true);
    expect(await lowFrameRate({ ...silent, options: { useLowFrameRate: false } })).toBe(false);
    expect(await lowFrameRate({ ...stated, options: { useLowFrameRate: false } })).toBe(true);
    expect(await lowFrameRate({ ...silent, companions: mlt })).toBe(false);
  });
});
