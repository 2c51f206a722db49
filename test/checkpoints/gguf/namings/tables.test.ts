import { describe, expect, test } from "vitest";
import type { NamePair } from "../../../../src/checkpoints/gguf/namings/naming.ts";
import type { KeyedFile } from "../../../../src/checkpoints/gguf/namings/keys.ts";
import { ggufNamings } from "../../../../src/architectures/index.ts";
import { crispAsrNano } from "../../../../src/checkpoints/gguf/namings/nano-crispasr.ts";
import { mmprojNanoEncoder } from "../../../../src/checkpoints/gguf/namings/nano-mmproj.ts";
import { transcribeCppNano } from "../../../../src/checkpoints/gguf/namings/nano-transcribe-cpp.ts";
import { crispAsrParaformer } from "../../../../src/checkpoints/gguf/namings/paraformer-crispasr.ts";
import { qwen3 } from "../../../../src/checkpoints/gguf/namings/qwen3.ts";
import { crispAsrSenseVoice } from "../../../../src/checkpoints/gguf/namings/sensevoice-crispasr.ts";
import { transcribeCppSenseVoice } from "../../../../src/checkpoints/gguf/namings/sensevoice-transcribe-cpp.ts";
import { splitNames } from "../../../../converters/readers/dialects/transformers-split-names.ts";
import { transformersNames } from "../../../../converters/readers/dialects/transformers-names.ts";

const fileWith = (metadata: Readonly<Record<string, number>>): KeyedFile => ({
  source: "m.gguf",
  metadata: new Map(Object.entries(metadata)),
});

function expectOneToOne(pairs: readonly NamePair[], count: number): void {
  expect(pairs.length).toBe(count);
  expect(new Set(pairs.map(([foreign]) => foreign)).size).toBe(count);
  expect(new Set(pairs.map(([, canonical]) => canonical)).size).toBe(count);
  // GGUF's limit, which ours have to keep when a foreign file is converted
  expect(Math.max(...pairs.map(([, canonical]) => canonical.length))).toBeLessThanOrEqual(63);
}

describe("the tables of names are one to one and complete for the published files", () => {
  test("Qwen3: 311 tensors with the head", () => {
    expectOneToOne(qwen3.names(fileWith({ "qwen3.block_count": 28 })), 311);
  });

  test("CrispASR's Fun-ASR-Nano: 1,261 tensors", () => {
    const blocks = { n_blocks_base: 50, n_blocks_tp: 20, ada_n_layers: 2, "llm.n_layers": 28 };
    const keys = Object.fromEntries(Object.entries(blocks).map(([key, value]) => [`funasr.${key}`, value]));
    expectOneToOne(crispAsrNano.names(fileWith(keys)), 914 + 36 + 311);
  });

  test("transcribe.cpp's Fun-ASR-Nano: 1,260 tensors, since it has no head", () => {
    const blocks = {
      "encoder.n_blocks": 50,
      "encoder.tp_blocks": 20,
      "adaptor.n_blocks": 2,
      "decoder.n_layers": 28,
    };
    const keys = Object.entries(blocks).map(([key, value]) => [`stt.funasr_nano.${key}`, value]);
    expectOneToOne(transcribeCppNano.names(fileWith(Object.fromEntries(keys))), 914 + 36 + 310);
  });

  test("the multimodal projector: 950 tensors", () => {
    const file = fileWith({ "funasr.audio_encoder.num_blocks": 50, "funasr.audio_encoder.tp_blocks": 20 });
    expectOneToOne(mmprojNanoEncoder.names(file), 914 + 36);
  });

  test("CrispASR's Paraformer: 958 tensors, one of them not used", () => {
    const file = fileWith({ "paraformer.n_enc_blocks": 49, "paraformer.n_dec_blocks": 16 });
    expectOneToOne(crispAsrParaformer.names(file), 958 - 1);
    expect(crispAsrParaformer.unusedTensors).toHaveLength(1);
  });

  test("transcribe.cpp's SenseVoice: 919 tensors, CMVN among them", () => {
    const encoder = "stt.sensevoice.encoder";
    const file = fileWith({ [`${encoder}.n_blocks`]: 50, [`${encoder}.tp_blocks`]: 20 });
    expectOneToOne(transcribeCppSenseVoice.names(file), 919);
  });

  test("Transformers' Fun-ASR-Nano: 1,540 tensors, of which 310 are the language model's", () => {
    const blocks = { encoder: 70, timePrediction: 20, adaptor: 2 };
    expectOneToOne(transformersNames(blocks), 1_540 - 310);
    const stacks = { layers: 49, timePrediction: 20, adaptor: 2 };
    expectOneToOne(splitNames(stacks), 1_540 - 310);
  });

  test("CrispASR's SenseVoice: 917 tensors, and two constants since 0.8.45", () => {
    const file = fileWith({ "sensevoice.n_blocks_base": 50, "sensevoice.n_blocks_tp": 20 });
    expectOneToOne(crispAsrSenseVoice.names(file), 917 + 2);
  });
});

test("every naming has landmarks, and those of one architecture have different names", () => {
  expect(ggufNamings.every(({ has, key }) => has.length > 0 || key !== undefined)).toBe(true);
  const names = ggufNamings.map(({ architecture, name }) => `${architecture}: ${name}`);
  expect(new Set(names).size).toBe(ggufNamings.length);
});
