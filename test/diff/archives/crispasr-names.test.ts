/** Archives of CrispASR, and its names of stages. */
import { expect, test } from "vitest";
import { fromCrispasr, toCrispasr } from "../../../src/diff/archives/crispasr-names.ts";
import { readArchive } from "../../helpers/environment/read-archive.ts";
import { wave } from "../../helpers/builders/example-archives.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";

const python = (name: string): string => fixture(`archives/python/${name}`);

test("an archive of CrispASR's has our names", async () => {
  const { stages, metadata } = await readArchive(python("crispasr.gguf"));
  expect(new Set(stages.keys())).toEqual(
    new Set([
      "samples",
      "lfr",
      "audio_encoder.encoders0.0",
      "audio_encoder.encoders.48",
      "audio_encoder.tp_encoders.0",
      "audio_encoder.after_norm",
      "audio_encoder.tp_norm",
      "audio_adaptor.blocks.1",
      "audio_adaptor",
      "scores",
    ]),
  );
  expect(stages.get("lfr")).toEqual(wave(5, 14));
  expect(stages.get("scores")).toEqual(wave(2, 5, 5));
  expect(stages.get("audio_encoder.tp_norm")?.values).toEqual(wave(5, 8).values.map((x) => x + 4));
  expect(metadata).toEqual(
    new Map([
      ["backend", "funasr"],
      ["n_samples", "16000"],
      ["generated_text", "天气"],
    ]),
  );
});

test.each([
  [
    "funasr",
    {
      "audio_encoder.encoders.48": "encoder_layer_49",
      "audio_encoder.after_norm": "encoder_main_out",
      "audio_encoder.tp_encoders.19": "encoder_layer_69",
      "audio_encoder.tp_norm": "encoder_output",
      "audio_adaptor.blocks.1": "audio_adaptor_layer_1",
      audio_adaptor: "audio_adaptor_output",
    },
  ],
  [
    "sensevoice",
    {
      "encoder.input": "encoder_input",
      "encoder.encoders0.0": "encoder_layer_0",
      "encoder.after_norm": "encoder_main_out",
      "encoder.tp_norm": "encoder_output",
      "ctc.ctc_lo": "ctc_logits",
    },
  ],
  [
    "paraformer",
    {
      "encoder.encoders.48": "encoder_layer_49",
      "encoder.after_norm": "encoder_output",
      "predictor.alphas": "cif_alphas",
      predictor: "acoustic_embeds",
      "decoder.decoders.15": "decoder_layer_15",
      "decoder.after_norm": "decoder_output",
    },
  ],
  ["funasr", Object.fromEntries(["audio_encoder.encoders.3.self_attn", "llm.model.layers.3", "unheard.of_12"].map((name) => [name, name]))], // prettier-ignore
])("%s in CrispASR's names (their scripts at 72d3c38), and back: %j", (backend, names) => {
  const ours = Object.keys(names);
  const theirs = Object.values(names);
  expect(ours.map(toCrispasr(ours))).toEqual(theirs);
  expect(theirs.map(fromCrispasr({ backend }))).toEqual(ours);
});
