/**
 * One value of one tensor is no number, in every tensor of every architecture: each head either gives what it gives for the
 * sound model (rows of tables that the clip does not need), or refuses with `non_finite`. Infinite values that a saturating
 * function makes finite again, as in the original, may give another result, all of whose numbers are finite.
 */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/architectures/open.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { openModel } from "../../src/containers/open-model.ts";
import { FunAsrError } from "../../src/errors.ts";
import { detectSpeech, load } from "../../src/index.ts";
import type { BackendName, Transcriber } from "../../src/index.ts";
import { tensor } from "../../src/nn/ops.ts";
import { lens } from "../../src/transcriber/inspect.ts";
import { edited, editedBytes } from "../helpers/builders/edited-checkpoint.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clip = fixture("audio/tiny.wav");

/** All that reads a head of a model. */
const heads: Readonly<Record<string, (model: Transcriber) => Promise<unknown>>> = {
  "text, its words and log probabilities": (model) =>
    model.transcribe(clip, { maxNewTokens: 3, timestamps: "word", logprobs: true, silenceGate: "off" }),
  "text by the CTC branch, its tokens' times": (model) =>
    model.transcribe(clip, { decoder: "ctc", timestamps: "token", silenceGate: "off" }),
  ctc: (model) => model.ctc(clip, { topK: 3 }),
  align: (model) => model.align(clip, "今天"),
  "lens of the CTC head": (model) => lens(model, clip, { of: "ctc", top: 2 }),
  "lens of the language model": (model) => lens(model, clip, { of: "llm", top: 2, maxNewTokens: 2 }),
};

/** What a call gives, as text: its error's code, or its result. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work(), (key, value: unknown) => {
      if (key === "timings") return undefined;
      return typeof value === "number" && !Number.isFinite(value) ? `the number ${value}` : value;
    });
  } catch (error) {
    if (error instanceof FunAsrError) return `refused: ${error.code}`;
    throw error;
  }
}

async function outcomes(checkpoint: Checkpoint, backend: BackendName): Promise<Map<string, string>> {
  using model = await load(checkpoint, { backend });
  const found = new Map<string, string>();
  for (const [head, read] of Object.entries(heads)) found.set(head, await outcome(() => read(model)));
  return found;
}

/** Names what is neither refused nor the sound model's result. */
async function expectRefusals(
  sound: Checkpoint,
  names: readonly string[],
  backend: BackendName,
  { breakTensor, saturates }: { breakTensor: (name: string) => Checkpoint; saturates: boolean },
): Promise<void> {
  const expected = await outcomes(sound, backend);
  const silent: string[] = [];
  let refused = 0;
  for (const name of names) {
    for (const [head, found] of await outcomes(breakTensor(name), backend)) {
      if (found === "refused: non_finite") refused++;
      else if (found !== expected.get(head) && (!saturates || found.includes("the number")))
        silent.push(`${name}: ${head}: ${found.slice(0, 120)}`);
    }
  }
  expect(silent).toEqual([]);
  expect(refused).toBeGreaterThan(names.length);
}

const cases = [
  ["sensevoice/sensevoice-bf16.gguf", NaN],
  ["seaco-paraformer", NaN],
  ["fun-asr-nano/fun-asr-nano-bf16.gguf", NaN],
  ["sensevoice/sensevoice-bf16.gguf", Infinity],
  ["sensevoice/sensevoice-bf16.gguf", -Infinity],
  ["paraformer/paraformer-bf16.gguf", Infinity],
] as const;

/** Refused when the model is loaded, or used with hotwords only. */
const elsewhere = /^(?:cmvn|decoder\.embed|bias_encoder|seaco_decoder|hotword_output_layer)\./u;

describe.each(testedBackends.filter((name) => name !== "tensorflow"))("on %s", (backend) => {
  it.each(cases)(
    "%s with %d in any tensor",
    async (file, value) => {
      await using sound = await openModel(fixture(`tiny/${file}`));
      const names = [...sound.tensors.keys()].filter((name) => !elsewhere.test(name));
      const breakTensor = (name: string): Checkpoint =>
        edited(sound, name, (all) => all.fill(value, all.length >> 1, (all.length >> 1) + 1));
      await expectRefusals(sound, names, backend, { breakTensor, saturates: !Number.isNaN(value) });
    },
    300_000,
  );
});

it("a scale of Q8_0 that is NaN, in any matrix", async () => {
  await using sound = await openModel(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
  const names = [...sound.tensors].flatMap(([name, { format }]) => (format === "Q8_0" ? [name] : []));
  expect(names.length).toBeGreaterThan(10);
  const breakTensor = (name: string): Checkpoint =>
    editedBytes(sound, name, (bytes) => bytes.set([0x00, 0x7e], 0));
  await expectRefusals(sound, names, "cpu", { breakTensor, saturates: false });
  for (const name of names)
    await expect(load(breakTensor(name), { backend: "wasm" })).rejects.toMatchObject({ code: "bad_tensors" });
}, 300_000);

it("a NaN in any tensor of a VAD", async () => {
  const path = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
  await using sound = await openCheckpoint(path);
  const bytes = await readFile(path);
  const silent: string[] = [];
  for (const [name, entry] of sound.tensors) {
    const values = new Uint8Array(entry.byteLength);
    await entry.read(values);
    const middle = values.subarray(4 * (entry.byteLength >> 3)).subarray(0, 4);
    expect(bytes.indexOf(middle), name).toBe(bytes.lastIndexOf(middle)); // the same value nowhere else
    const broken = Uint8Array.from(bytes);
    new DataView(broken.buffer).setFloat32(bytes.indexOf(middle), NaN, true);
    const found = await outcome(() => detectSpeech(tinySamples(), { vad: broken }));
    const code = name.startsWith("cmvn.") ? "bad_tensors" : "non_finite";
    if (found !== `refused: ${code}`) silent.push(`${name}: ${found.slice(0, 120)}`);
  }
  expect(silent).toEqual([]);
});

describe("values that are not the weights'", () => {
  const file = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
  const features = { values: new Float32Array(5 * 560).fill(0.1), rows: 5, cols: 560 };

  it("features of the caller", async () => {
    using model = await load(file);
    const broken = { ...features, values: features.values.with(1300, -Infinity) };
    await expect(model.transcribe({ features: broken })).rejects.toMatchObject({
      code: "non_finite",
      where: "features",
      message: expect.stringContaining("-Infinity in row 2, column 180"),
    });
  });

  it.each(["encoder.after_norm", "ctc.ctc_lo", "ctc.log_probs"])("%s, replaced by a hook", async (stage) => {
    using model = await load(file);
    const replace = (value: number) => ({
      wants: (path: string) => path === stage,
      onTensor: (_: string, { size, shape }: { size: number; shape: number[] }) =>
        tensor(new Float32Array(size).fill(value, 1, 2), shape),
    });
    for (const value of [NaN, Infinity]) {
      await expect(model.transcribe({ features }, { hook: replace(value) })).rejects.toMatchObject({
        code: "non_finite",
      });
    }
    const banned = model.transcribe({ features }, { hook: replace(-Infinity) });
    if (stage === "encoder.after_norm") await expect(banned).rejects.toMatchObject({ code: "non_finite" });
    else expect(await outcome(() => banned)).not.toMatch(/refused|the number/u);
  });

  it("logits of the language model, replaced by a hook", async () => {
    using model = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
    const replace = (value: number) => ({
      wants: (path: string) => path === "llm.lm_head",
      onTensor: (_: string, { size, shape }: { size: number; shape: number[] }) =>
        tensor(new Float32Array(size).fill(value, 0, size - 1), shape),
    });
    for (const temperature of [0, 1]) {
      const options = { maxNewTokens: 2, temperature, logprobs: true };
      for (const value of [NaN, Infinity]) {
        await expect(model.transcribe(clip, { ...options, hook: replace(value) })).rejects.toMatchObject({
          code: "non_finite",
        });
      }
      const banned = await outcome(() => model.transcribe(clip, { ...options, hook: replace(-Infinity) }));
      expect(banned).not.toMatch(/refused|the number/u);
    }
  });
});

it("names the layer that a lens found it in", async () => {
  await using sound = await openModel(fixture("tiny/sensevoice/sensevoice-bf16.gguf"));
  const broken = edited(sound, "encoder.encoders.0.norm1.weight", (all) => all.fill(NaN));
  using model = await load(broken);
  await expect(lens(model, clip, { of: "ctc" })).rejects.toMatchObject({
    code: "non_finite",
    where: "encoder.encoders.0",
  });
});
