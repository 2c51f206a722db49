/**
 * Every key of every architecture, changed: the result changes, or the model is refused with a code. A key without either
 * would describe a model that is not the one that is computed.
 */
import { describe, expect, it } from "vitest";
import { checkTensors } from "../../src/architectures/build.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import type { Checkpoint, MetadataValue } from "../../src/checkpoints/checkpoint.ts";
import { openModel } from "../../src/containers/open-model.ts";
import { FunAsrError } from "../../src/errors.ts";
import { load } from "../../src/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clip = fixture("audio/tiny.wav");

/** What the model gives, as text, or the code of the error. An error without a code fails the test. */
async function outcome(checkpoint: Checkpoint): Promise<string> {
  try {
    using model = await load(checkpoint, { backend: "cpu" });
    const options = { maxNewTokens: 3, silenceGate: "off", logprobs: true } as const;
    const results = [await model.transcribe(clip, { ...options, timestamps: "word" })];
    if (model.info.ctc) {
      results.push(await model.transcribe(clip, { ...options, decoder: "ctc", timestamps: "token" }));
    }
    return JSON.stringify(results, (key, value: unknown) => (key === "timings" ? undefined : value));
  } catch (error) {
    if (error instanceof FunAsrError) return `refused: ${error.code}`;
    throw error;
  }
}

function changesOf(value: MetadataValue): readonly MetadataValue[] {
  if (typeof value === "number")
    return [value + 1, value * 2, value / 2, 0, -1, value + 0.25, NaN, "text", true, [value]];
  if (typeof value === "string") return [`${value}x`, "", 5, true, [value]];
  if (typeof value === "boolean") return [!value, "text", 1, [value]];
  const items = value as MetadataValue[];
  return [
    items.slice(0, -1),
    [...items, items[0]],
    [],
    [...items.slice(1), 5],
    [...items.slice(1), "text"],
    items.toReversed(),
    "text",
    5,
  ] as MetadataValue[];
}

const withKey = (checkpoint: Checkpoint, key: string, value: MetadataValue | undefined): Checkpoint => {
  const metadata = new Map(checkpoint.metadata);
  if (value === undefined) metadata.delete(key);
  else metadata.set(key, value);
  return { ...checkpoint, metadata, [Symbol.asyncDispose]: async () => {} };
};

const shown = (value: MetadataValue): string => (JSON.stringify(value) ?? "").slice(0, 40);

/** Keys that describe the file, and nothing is computed from. */
const described = /^general\.(?!architecture$)/u;

/** Keys whose other values may be without effect on this clip: of these only values of another type must be refused. */
const mayBeSilent: readonly (readonly [key: RegExp, why: string])[] = [
  [/llm\.context_length$/u, "a limit, which the clip is far from"],
  [/predictor\.tail_threshold$/u, "decides whether a last token fires"],
  [/^tokenizer\.ggml\.(?:tokens|token_type|merges)$/u, "entries that the texts here do not need"],
  [/^fun-asr-nano\.ctc\.tokens$/u, "entries that the texts here do not need"],
  [/predictor\.(?:smooth_factor|noise_threshold)2$/u, "moves times by less than a row"],
  [/padding_token_id$/u, "nothing is padded"],
  [/^paraformer\.seaco\./u, "the bias towards hotwords is kept, and not used"],
];

const isSameType = (a: MetadataValue, b: MetadataValue): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? b.length > 0 && b.every((item) => typeof item === typeof a[0])
    : typeof a === typeof b && !Number.isNaN(b);

const models = ["sensevoice/sensevoice-bf16.gguf", "seaco-paraformer", "fun-asr-nano/fun-asr-nano-bf16.gguf"];

describe("every key that is changed changes the result, or is refused", () => {
  it.each(models)(
    "%s",
    async (file) => {
      await using sound = await openModel(fixture(`tiny/${file}`));
      const expected = await outcome(sound);
      expect(expected).not.toContain("refused");
      const silent: string[] = [];
      let refused = 0;
      for (const [key, value] of sound.metadata) {
        if (described.test(key)) continue;
        const tolerant = mayBeSilent.some(([pattern]) => pattern.test(key));
        for (const change of changesOf(value)) {
          if (Object.is(change, value)) continue;
          const found = await outcome(withKey(sound, key, change));
          if (found.startsWith("refused")) refused++;
          if (found === expected && !(tolerant && isSameType(value, change)))
            silent.push(`${key} = ${shown(change)}`);
        }
        await outcome(withKey(sound, key, undefined)); // the default, or an error with a code
      }
      expect(silent).toEqual([]);
      expect(refused).toBeGreaterThan(3 * sound.metadata.size);
    },
    300_000,
  );
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
  ])("%s with %s %s", async (file, key, value) => {
    await using sound = await openCheckpoint(fixture(`tiny/${file}`));
    const broken = withKey(sound, key, value);
    if (key.startsWith("tokenizer.") || key.startsWith("fun-asr.")) {
      await expect(load(broken)).rejects.toMatchObject({ code: "bad_metadata" });
      return;
    }
    expect(() => checkTensors(broken)).toThrow(expect.objectContaining({ code: "bad_metadata" }));
  });
});
