/**
 * Every key of every architecture, changed and left out. There are three outcomes: the model is refused when it is opened,
 * with the place, what was found and what was wanted; the result is the same, byte by byte, for a reason that is listed; or
 * the key has an effect on the result that is listed. A key without any of them would describe a model that is not the
 * one that is computed.
 */
import { describe, expect, it } from "vitest";
import { checkTensors } from "../../src/architectures/build.ts";
import type { Checkpoint, MetadataValue } from "../../src/checkpoints/checkpoint.ts";
import { openModel } from "../../src/containers/open-model.ts";
import { FunAsrError } from "../../src/errors.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import {
  changesOf,
  described,
  effects,
  expectComplete,
  isListed,
  optional,
  shown,
  silent,
} from "../helpers/builders/changed-keys.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clip = fixture("audio/tiny.wav");

type Outcome = { refused: FunAsrError } | { result: string };

/** What the model gives, as text, or the error of opening it. Errors of other classes fail the test. */
async function outcome(checkpoint: Checkpoint, backend: "cpu" | "wasm"): Promise<Outcome> {
  let model: Transcriber;
  try {
    model = await load(checkpoint, { backend });
  } catch (error) {
    if (error instanceof FunAsrError) return { refused: error };
    throw error;
  }
  using loaded = model;
  return { result: await recognized(loaded) };
}

/** Errors of the recognition are results: they need an entry in the list of effects. */
async function recognized(model: Transcriber): Promise<string> {
  const options = { maxNewTokens: 3, silenceGate: "off", logprobs: true } as const;
  try {
    const results = [await model.transcribe(clip, { ...options, timestamps: "word" })];
    if (model.info.ctc) {
      results.push(await model.transcribe(clip, { ...options, decoder: "ctc", timestamps: "token" }));
    }
    return JSON.stringify(results, (key, value: unknown) => (key === "timings" ? undefined : value));
  } catch (error) {
    if (error instanceof FunAsrError) return error.code;
    throw error;
  }
}

const withKey = (checkpoint: Checkpoint, key: string, value: MetadataValue | undefined): Checkpoint => {
  const metadata = new Map(checkpoint.metadata);
  if (value === undefined) metadata.delete(key);
  else metadata.set(key, value);
  return { ...checkpoint, metadata, [Symbol.asyncDispose]: async () => {} };
};

/** Values of another type, and those that are no finite numbers, are always refused. */
const isPlausible = (value: MetadataValue, change: MetadataValue): boolean =>
  Array.isArray(value) && Array.isArray(change)
    ? change.every((item) => typeof item === typeof value[0])
    : typeof value === typeof change && (typeof change !== "number" || Math.abs(change) < 1e15);

const models = [
  ["sensevoice/sensevoice-bf16.gguf", "cpu"],
  ["sensevoice/sensevoice-bf16.gguf", "wasm"],
  ["seaco-paraformer", "cpu"],
  ["fun-asr-nano/fun-asr-nano-bf16.gguf", "cpu"],
] as const;

describe("every key that is changed or left out is refused, or has an outcome that is listed", () => {
  it.each(models)(
    "%s, %s",
    async (file, backend) => {
      await using sound = await openModel(fixture(`tiny/${file}`));
      const expected = await outcome(sound, backend);
      if ("refused" in expected) throw expected.refused;
      const unlisted: string[] = [];
      let refused = 0;
      for (const [key, value] of sound.metadata) {
        if (described.test(key)) continue;
        for (const change of [undefined, ...changesOf(value)]) {
          if (Object.is(change, value)) continue;
          const found = await outcome(withKey(sound, key, change), backend);
          if ("refused" in found) {
            refused++;
            expectComplete(found.refused);
            if (change !== undefined || !isListed(optional, key)) continue;
          } else {
            const isSame = found.result === expected.result;
            if (change === undefined) {
              if (isSame && isListed(optional, key)) continue;
            } else if (isPlausible(value, change) && isListed(isSame ? silent : effects, key)) continue;
          }
          const kind =
            "refused" in found
              ? found.refused.message
              : found.result === expected.result
                ? "the same"
                : found.result;
          unlisted.push(`${key} = ${shown(change)}: ${kind.slice(0, 80)}`);
        }
      }
      expect(unlisted).toEqual([]);
      expect(refused).toBeGreaterThan(3 * sound.metadata.size);
    },
    300_000,
  );
});

/** Times of speech depend on all of its keys, and one front end is computed: no other value is accepted. */
describe.each(["fsmn-vad/fsmn-vad.gguf", "fsmn-vad"])("a VAD: %s", (file) => {
  it("refuses every change", async () => {
    await using sound = await openModel(fixture(`tiny/${file}`));
    const accepted: string[] = [];
    const added = new Map<string, MetadataValue>([
      ...[...sound.metadata].filter(([key]) => !described.test(key)),
      ["fsmn-vad.frontend.sample_rate", 16_000],
      ["fsmn-vad.frontend.frame_length_ms", 25],
      ["fsmn-vad.frontend.frame_shift_ms", 10],
      ["fsmn-vad.frontend.window", "hamming"],
      ["fsmn-vad.frontend.snip_edges", true],
    ]);
    for (const [key, value] of added) {
      for (const change of [undefined, ...changesOf(value)]) {
        if (Object.is(change, value)) continue;
        try {
          checkTensors(withKey(sound, key, change));
          accepted.push(`${key} = ${shown(change)}`);
        } catch (error) {
          if (!(error instanceof FunAsrError)) throw error;
          expectComplete(error);
        }
      }
    }
    const frontend = [...added.keys()].filter((key) => key.includes(".frontend."));
    expect(accepted.toSorted()).toEqual(frontend.map((key) => `${key} = absent`).toSorted());
  });
});

describe("keys that contradict", () => {
  it.each([
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.frontend.sample_rate", 8000],
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.frontend.lfr_m", 5],
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.frontend.n_mels", 40],
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.frontend.lfr_n", 5],
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.frontend.frame_shift_ms", 20],
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.encoder.input_size", 400],
    ["sensevoice/sensevoice-bf16.gguf", "tokenizer.ggml.model", "gpt2"],
    ["sensevoice/sensevoice-bf16.gguf", "sensevoice.encoder.dropout", 0.1],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "fun-asr-nano.llm.tie_word_embeddings", false],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "fun-asr-nano.llm.sliding_window", 512],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "tokenizer.ggml.eos_token_id", 5],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "tokenizer.ggml.add_bos_token", true],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "fun-asr.recommended.windw", 20],
    ["fsmn-vad/fsmn-vad.gguf", "fsmn-vad.frontend.lfr_m", 7],
    ["fsmn-vad/fsmn-vad.gguf", "fsmn-vad.frontend.n_mels", 40],
    ["fsmn-vad/fsmn-vad.gguf", "fsmn-vad.frontend.lfr_n", 2],
    ["fsmn-vad/fsmn-vad.gguf", "fsmn-vad.frontend.frame_shift_ms", 20],
    ["fsmn-vad/fsmn-vad.gguf", "fsmn-vad.frontend.window", "povey"],
    ["paraformer", "paraformer.predictor.smooth_factor", 0],
    ["seaco-paraformer", "paraformer.predictor.noise_threshold2", 0.25],
    ["seaco-paraformer", "paraformer.seaco.inner_dim", 64],
    ["seaco-paraformer", "paraformer.seaco.linear_units", 32],
    ["seaco-paraformer", "paraformer.seaco.att_layer_num", 5],
    ["seaco-paraformer", "paraformer.seaco.att_layer_num", 7],
    ["seaco-paraformer", "paraformer.seaco.num_blocks", 7],
    ["seaco-paraformer", "paraformer.seaco.kernel_size", 11],
    ["seaco-paraformer", "paraformer.seaco.attention_heads", 3],
    ["seaco-paraformer", "paraformer.seaco.no_bias_id", 133],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "fun-asr-nano.llm.rms_norm_eps", 1],
    ["fun-asr-nano/fun-asr-nano-bf16.gguf", "fun-asr-nano.llm.rope_freq_base", 0.5],
  ])("%s with %s %s", async (file, key, value) => {
    await using sound = await openModel(fixture(`tiny/${file}`));
    const broken = withKey(sound, key, value);
    if (key.startsWith("tokenizer.") || key.startsWith("fun-asr.")) {
      await expect(load(broken)).rejects.toMatchObject({ code: "bad_metadata" });
      return;
    }
    expect(() => checkTensors(broken)).toThrow(expect.objectContaining({ code: "bad_metadata" }));
  });
});
