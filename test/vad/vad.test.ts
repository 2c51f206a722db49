/** FSMN-VAD against FunASR's own: the network on a clip, and recordings. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { applyCmvn } from "../../src/frontend/cmvn.ts";
import { defaultFrontend, planFrontend } from "../../src/frontend/frontend.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { detectSpeech, load } from "../../src/index.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { FsmnVad } from "../../src/models/fsmn-vad.ts";
import { backendNames, liveTensors } from "../../src/nn/backend.ts";
import { engine } from "../helpers/environment/engine.ts";
import { dispose, tensor, values } from "../../src/nn/ops.ts";
import { defaultBackend } from "../../src/nn/placement.ts";
import { readCmvn } from "../../src/frontend/read-cmvn.ts";
import { readSafetensors } from "../../src/checkpoints/safetensors/file.ts";
import { loadVad } from "../../src/vad/vad.ts";
import type { Vad } from "../../src/vad/vad.ts";
import { VadMachine } from "../../src/vad/state-machine.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { shared } from "../helpers/environment/shared.ts";
import { furthest, tinySamples } from "../helpers/builders/speech.ts";

const file = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
const backends = backendNames.filter((name) => name === "cpu" || name === "wasm");

describe.each(backends)("the network on %s", (backend) => {
  it("gives FunASR's scores", async () => {
    const { tensors } = await readSafetensors(fixture("reference/fsmn-vad.safetensors"));
    const stored = tensors.get("scores")!;
    const expected = { shape: stored.shape, values: new Float32Array(stored.bytes.slice().buffer) };
    await using checkpoint = await openCheckpoint(file);
    const loaded = await buildModel(checkpoint, { engine, backend });
    const cmvn = (await readCmvn(checkpoint, { width: 400, needed: true }))!;
    const { features } = planFrontend({ ...defaultFrontend, lfrM: 5, lfrN: 1 });
    const rows = applyCmvn(features(tinySamples()), cmvn);
    const scores = await engine.run(backend, async () => {
      const input = tensor(rows.values, [rows.rows, rows.cols]);
      const logits = (loaded.model as unknown as FsmnVad).logits(input);
      const scores = (await values(logits)).slice();
      dispose([input, logits]);
      return scores;
    });
    loaded.dispose();
    const width = expected.shape[1]!;
    expect(rows.rows).toBe(expected.shape[0]);
    const probabilities = Array.from({ length: rows.rows }, (_, t) => {
      const row = Array.from(scores.subarray(t * width, (t + 1) * width), Math.exp);
      const sum = row.reduce((a, b) => a + b);
      return row.map((value) => value / sum);
    }).flat();
    expect(furthest(probabilities, expected.values)).toBeLessThan(2e-5);
  });
});

describe("a recording", () => {
  let vad: Vad;
  beforeAll(async () => {
    vad = await loadVad(file);
  });
  afterAll(() => vad.dispose());

  /** Every probability that the machine is given. */
  async function probabilities(samples: Float32Array, size: number): Promise<number[]> {
    const all: number[] = [];
    const stream = vad.listen();
    const machine = VadMachine.prototype.push;
    VadMachine.prototype.push = function push(silence) {
      all.push(...Array.from(silence));
      return machine.call(this, silence);
    };
    try {
      for (let at = 0; at < samples.length; at += size) await stream.push(samples.subarray(at, at + size));
      await stream.end(samples.length);
    } finally {
      VadMachine.prototype.push = machine;
    }
    return all;
  }

  it("gives the same in pieces as in one, to the last bit", async () => {
    // Except on tensorflow, which orders the sums of a product by its number of rows.
    const bound = defaultBackend() === "tensorflow" ? 1e-6 : 0;
    const samples = normals(4, 5 * 16_000, 0.1);
    const whole = await probabilities(samples, samples.length);
    expect(whole).toHaveLength(1 + Math.floor((samples.length - 400) / 160));
    for (const size of [999, 16_000, 41_234])
      expect(furthest(await probabilities(samples, size), whole)).toBeLessThanOrEqual(bound);
  });

  it("may be too short for any speech", async () => {
    const stream = vad.listen();
    expect(await stream.push(new Float32Array(200))).toEqual([]);
    expect(await stream.end(200)).toEqual([]);
  });

  it("is refused as a recognizer, and a recognizer as this", async () => {
    const before = liveTensors();
    await expect(load(file)).rejects.toMatchObject({ code: "unknown_architecture" });
    const other = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
    await expect(loadVad(other)).rejects.toMatchObject({ code: "unknown_architecture" });
    expect(liveTensors()).toBe(before);
  });
});

describe("speech without a model", () => {
  it("is audio that is not quiet", async () => {
    const samples = new Float32Array(50 * 16_000);
    samples.set(normals(1, 3 * 16_000, 0.1), 5 * 16_000);
    samples.set(normals(2, 10 * 16_000, 0.1), 25 * 16_000);
    const spans = await detectSpeech(samples);
    expect(spans).toHaveLength(2);
    expect(spans[0]!.start).toBeCloseTo(4.7, 1);
    expect(spans[0]!.end).toBeCloseTo(8.3, 1);
    expect(spans[1]!.end).toBeCloseTo(35.3, 1);
  });
});

it("finds the speech of the published sample, where the published weights are", async (context) => {
  const weights = process.env["FUN_ASR_VAD"];
  const sample = shared("audio/funasr-sample.wav");
  if (weights === undefined || sample === undefined) {
    console.warn("skipped: FUN_ASR_VAD does not name the published fsmn-vad.gguf");
    context.skip();
    return;
  }
  const { samples } = await loadAudio(sample);
  // As the release states, 770 to 5980 ms: the speech lasts until the last of 598 frames.
  expect(await detectSpeech(samples, { vad: weights })).toEqual([{ start: 0.77, end: 5.98 }]);
});
