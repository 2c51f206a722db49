/** The four networks as a whole: structure, caches, taps, memory. Numbers are checked against PyTorch in test/parity. */
import { afterEach, describe, expect, it } from "vitest";
import type { MemoryTensor } from "../../helpers/fakes/memory-checkpoint.ts";
import { normals } from "../../helpers/builders/random.ts";
import { tinyNano, tinyNanoCheckpoint } from "../../helpers/builders/tiny-nano.ts";
import { TensorsError } from "../../../src/errors.ts";
import { buildModel } from "../../../src/architectures/build.ts";
import type { LoadedModel } from "../../../src/architectures/build.ts";
import { audioRows } from "../../../src/models/fun-asr-nano/fun-asr-nano.ts";
import type { FunAsrNano } from "../../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { liveTensors } from "../../../src/nn/backend.ts";
import { engine } from "../../helpers/environment/engine.ts";
import { dispose, tensor, values } from "../../../src/nn/ops.ts";
import { StageRecorder } from "../../../src/activations/recorder.ts";

const noTurn = async (): Promise<void> => {};

let loaded: LoadedModel | undefined;
afterEach(() => {
  loaded?.dispose();
  loaded = undefined;
});

async function build(edit?: Parameters<typeof tinyNanoCheckpoint>[0]): Promise<FunAsrNano> {
  loaded = await buildModel(tinyNanoCheckpoint(edit), { engine, backend: "cpu" });
  return loaded.model as FunAsrNano;
}

const features = (frames: number) =>
  tensor(normals(1, frames * tinyNano.inputSize), [frames, tinyNano.inputSize]);

describe("audioRows", () => {
  it("is upstream's three strided halvings: ⌈T/8⌉, or all rows", () => {
    const halve = (n: number): number => 1 + Math.floor((n - 3 + 2) / 2);
    for (let frames = 1; frames <= 5000; frames++) {
      expect(audioRows(frames, true)).toBe(Math.floor((halve(halve(frames)) - 1) / 2) + 1);
      expect(audioRows(frames, false)).toBe(frames);
    }
  });
});

describe("building", () => {
  it("reports every missing, mis-shaped and surplus tensor at once, before reading any", async () => {
    const damage = (tensors: Map<string, MemoryTensor>): void => {
      tensors.delete("audio_encoder.encoders.1.norm1.bias");
      tensors.delete("llm.model.norm.weight");
      tensors.set("ctc.ctc_lo.bias", { shape: [3], values: new Float32Array(3) });
      tensors.set("llm.rotary.inv_freq", { shape: [8], values: new Float32Array(8) });
    };
    const error = await build(damage).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TensorsError);
    const problems = (error as TensorsError).problems.map(({ name, problem }) => `${name}: ${problem}`);
    expect(problems.sort()).toEqual([
      "audio_encoder.encoders.1.norm1.bias: missing, wanted [32]",
      "ctc.ctc_lo.bias: is [3], wanted [20]",
      "llm.model.norm.weight: missing, wanted [32]",
      "llm.rotary.inv_freq: the model has no place for it",
    ]);
  });

  it.each([
    ["fun-asr-nano.encoder.num_blocks", 100_000],
    ["fun-asr-nano.encoder.attention_heads", 5],
    ["fun-asr-nano.llm.head_count_kv", 3],
    ["fun-asr-nano.llm.rms_norm_eps", 0],
    ["fun-asr-nano.adaptor.use_low_frame_rate", 1],
    ["fun-asr-nano.ctc.blank_id", 20],
  ])("refuses %s = %s by name", async (key, value) => {
    await expect(build((_, metadata) => void metadata.set(key, value))).rejects.toMatchObject({
      code: "bad_metadata",
      where: `memory: ${key}`,
    });
  });

  it("does without the CTC branch where the checkpoint has none", async () => {
    const model = await build((tensors, metadata) => {
      for (const name of tensors.keys()) if (name.startsWith("ctc")) tensors.delete(name);
      for (const key of metadata.keys()) if (key.includes(".ctc")) metadata.delete(key);
    });
    expect(model.ctc).toBeUndefined();
  });
});

describe("running", () => {
  it("keeps lengths, and the width of each network", () =>
    run(async (model) => {
      const x = features(17);
      const encoded = await model.encode(x, noTurn);
      const adapted = await model.adapt(encoded, noTurn);
      const hidden = await model.ctc!.decoder(encoded, noTurn);
      const logits = model.ctc!.head(hidden);
      expect(encoded.shape).toEqual([17, tinyNano.size]);
      expect(adapted.shape).toEqual([17, tinyNano.llmSize]);
      expect(logits.shape).toEqual([17, tinyNano.ctcVocab]);
      dispose([x, encoded, adapted, hidden, logits]);
    }));

  it("decodes with the cache as it would from scratch", () =>
    run(async ({ llm }) => {
      const ids = [3, 1, 4, 1, 5, 9, 2, 6];
      const prompt = llm.embed(ids.slice(0, 4));
      const cache = llm.newCache(ids.length);
      let logits = await llm.prefill(prompt, cache, noTurn);
      for (const id of ids.slice(4)) {
        dispose(logits);
        logits = llm.step(id, cache);
      }

      const whole = llm.embed(ids);
      const fresh = llm.newCache(ids.length);
      const expected = await llm.prefill(whole, fresh, noTurn);
      const [a, b] = [await values(logits), await values(expected)];
      for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, 5);
      dispose([prompt, logits, whole, expected]);
      cache.dispose();
      fresh.dispose();
    }));

  it("splices the first rows of the audio between prefix and suffix", () =>
    run(async (model) => {
      const audio = tensor(normals(2, 3 * tinyNano.llmSize), [3, tinyNano.llmSize]);
      const spliced = model.splice([7, 8], audio, 2, [9]);
      const [prefix, suffix] = [model.llm.embed([7, 8]), model.llm.embed([9])];
      const expected = [
        ...(await values(prefix)),
        ...(await values(audio)).subarray(0, 2 * tinyNano.llmSize),
        ...(await values(suffix)),
      ];
      expect([...(await values(spliced))]).toEqual(expected);
      dispose([audio, spliced, prefix, suffix]);
    }));

  it("emits every module under its path, and changes nothing by that", () =>
    run(async (model) => {
      const x = features(9);
      const plain = await model.encode(x, noTurn);
      const recorder = new StageRecorder();
      loaded!.hooks.hook = recorder;
      const watched = await model.encode(x, noTurn);
      loaded!.hooks.hook = undefined;
      expect([...(await values(watched))]).toEqual([...(await values(plain))]);

      const stages = await recorder.stages();
      const entry = stages
        .map(({ name }) => name)
        .filter((name) => name.startsWith("audio_encoder.encoders0.0"));
      expect(entry).toEqual([
        "audio_encoder.encoders0.0.norm1",
        "audio_encoder.encoders0.0.self_attn.linear_q_k_v",
        "audio_encoder.encoders0.0.self_attn.q",
        "audio_encoder.encoders0.0.self_attn.k",
        "audio_encoder.encoders0.0.self_attn.v",
        "audio_encoder.encoders0.0.self_attn.scores",
        "audio_encoder.encoders0.0.self_attn.probabilities",
        "audio_encoder.encoders0.0.self_attn.context",
        "audio_encoder.encoders0.0.self_attn.linear_out",
        "audio_encoder.encoders0.0.self_attn.fsmn_block",
        "audio_encoder.encoders0.0.self_attn",
        "audio_encoder.encoders0.0.residual",
        "audio_encoder.encoders0.0.norm2",
        "audio_encoder.encoders0.0.feed_forward.w_1",
        "audio_encoder.encoders0.0.feed_forward.w_2",
        "audio_encoder.encoders0.0.feed_forward",
        "audio_encoder.encoders0.0",
      ]);
      expect(stages.find(({ name }) => name === "audio_encoder.tp_norm")!.values).toEqual(
        await values(plain),
      );
      dispose([x, plain, watched]);
    }));

  it("frees what an abort between two layers leaves", () =>
    run(async (model) => {
      const x = features(9);
      const stop = async (done: number): Promise<void> => {
        if (done === 3) throw new DOMException("stop", "AbortError");
      };
      await expect(model.encode(x, stop)).rejects.toThrow("stop");
      dispose(x);
    }));
});

/** Runs on the cpu backend and expects the model's own tensors to be the only ones left. */
async function run(work: (model: FunAsrNano) => Promise<void>): Promise<void> {
  const model = await build();
  const before = liveTensors();
  await engine.run("cpu", () => work(model));
  expect(liveTensors() - before, "tensors leaked").toBe(0);
}
