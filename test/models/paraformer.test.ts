/** Paraformer: a miniature with its stages from PyTorch, and how it refuses what cannot be. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { memoryCheckpoint } from "../helpers/fakes/memory-checkpoint.ts";
import type { MemoryTensor } from "../helpers/fakes/memory-checkpoint.ts";
import { paraformerTables } from "../helpers/builders/paraformer-tables.ts";
import { normals } from "../helpers/environment/random.ts";
import { shared } from "../helpers/environment/shared.ts";
import {
  paraformerMetadata,
  tinyParaformer,
  tinyParaformerCheckpoint,
} from "../helpers/builders/tiny-paraformer.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { LoadedModel } from "../../src/architectures/build.ts";
import type { Paraformer } from "../../src/models/paraformer/paraformer.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { engine } from "../helpers/environment/engine.ts";
import { dispose, tensor, values } from "../../src/nn/ops.ts";
import { StageRecorder } from "../../src/activations/recorder.ts";
import { integrateInLoop } from "../../src/decoding/cif-timestamps.ts";

const noTurn = async (): Promise<void> => {};

let loaded: LoadedModel | undefined;
afterEach(() => {
  loaded?.dispose();
  loaded = undefined;
});

/** Runs on the cpu backend and expects the model's own tensors to be the only ones left. */
async function run(checkpoint: Checkpoint, work: (model: Paraformer) => Promise<void>): Promise<void> {
  loaded = await buildModel(checkpoint, { engine, backend: "cpu" });
  const before = liveTensors();
  await engine.run("cpu", () => work(loaded!.model as unknown as Paraformer));
  expect(liveTensors() - before, "tensors leaked").toBe(0);
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
  expect(worst).toBeLessThan(2e-6);
}

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}
interface Miniature {
  readonly weights: { readonly [name: string]: Numbers };
  readonly input: Numbers;
  readonly stages: { readonly [name: string]: Numbers };
  readonly token_num: number;
  readonly cif_peak: number[];
  readonly argmax: number[];
}

const miniaturePath = shared("golden/paraformer-mini.json");

describe.skipIf(miniaturePath === undefined)("the shared miniature", () => {
  const golden = (): Miniature => JSON.parse(readFileSync(miniaturePath!, "utf8")) as Miniature;

  const stageNames: { readonly [ours: string]: string } = {
    "encoder.encoders0.0": "encoder_layer_0",
    "encoder.encoders.0": "encoder_layer_1",
    "encoder.encoders.1": "encoder_layer_2",
    "encoder.after_norm": "encoder_output",
    "predictor.alphas": "cif_alphas",
    predictor: "acoustic_embeds",
    "decoder.decoders.0": "decoder_layer_0",
    "decoder.decoders.1": "decoder_layer_1",
    "decoder.decoders3.0": "decoder_post",
    "decoder.after_norm": "decoder_output",
    "decoder.output_layer": "logits",
  };

  it("gives PyTorch's stages", async () => {
    const mini = golden();
    await run(miniatureCheckpoint(mini), async (model) => {
      const recorder = new StageRecorder();
      loaded!.hooks.hook = recorder;
      const x = tensor(Float32Array.from(mini.input.data), mini.input.shape);
      const encoded = await model.encode(x, noTurn);
      const { embeds, tokenNumber, peaks } = await model.predict(encoded);
      const logits = await model.decode(embeds!, encoded, noTurn);

      expect(tokenNumber).toBe(mini.token_num);
      for (const [t, peak] of mini.cif_peak.entries()) expect(Math.abs(peaks[t]! - peak)).toBeLessThan(1e-6);
      const stages = await recorder.stages();
      for (const [name, theirs] of Object.entries(stageNames)) {
        const stage = stages.find((each) => each.name === name)!;
        const { shape, data } = mini.stages[theirs]!;
        const worst = Math.max(...data.map((value, i) => Math.abs(value - stage.values[i]!)));
        expect({ name, shape: stage.shape }).toEqual({ name, shape });
        expect(worst).toBeLessThan(name === "predictor.alphas" ? 1e-6 : 5e-6);
      }
      const rows = [...Array(tokenNumber).keys()].map((n) =>
        stages.at(-1)!.values.subarray(n * 11, n * 11 + 11),
      );
      expect(rows.map((row) => row.indexOf(Math.max(...row)))).toEqual(mini.argmax);
      dispose([x, encoded, embeds!, logits]);
    });
  });

  function miniatureCheckpoint({ weights }: Miniature): Checkpoint {
    const shape = { ...tinyParaformer, size: 8, inputSize: 12, heads: 2, linearUnits: 16, vocabSize: 11 };
    const tensors = Object.entries(weights).map(([name, { shape, data }]): [string, MemoryTensor] => [
      name,
      {
        shape: name.includes("fsmn_block") ? [shape[0]!, shape[2]!] : shape,
        values: Float32Array.from(data),
      },
    ]);
    return memoryCheckpoint(paraformerMetadata({ ...shape, encoderBlocks: 3 }), new Map(tensors));
  }
});

describe("building", () => {
  it("tolerates the token vectors of training and the front end's constants, and nothing else", async () => {
    const extra = (name: string, ...shape: number[]) =>
      tinyParaformerCheckpoint((tensors) => {
        const count = shape.reduce((a, b) => a * b, 1);
        tensors.set("decoder.embed.0.weight", { shape: [13, 16], values: new Float32Array(13 * 16) });
        tensors.set("cmvn.shift", { shape: [20], values: new Float32Array(20) });
        tensors.set("cmvn.scale", { shape: [20], values: new Float32Array(20) });
        tensors.set(name, { shape, values: new Float32Array(count) });
      });
    loaded = await buildModel(extra("decoder.embed.0.weight", 13, 16), { engine, backend: "cpu" });
    expect(loaded.model.architecture).toBe("paraformer");
    await expect(buildModel(extra("seaco_decoder.x", 2), { engine, backend: "cpu" })).rejects.toMatchObject({
      problems: [{ name: "seaco_decoder.x", problem: "the model has no place for it" }],
    });
  });

  it.each([
    ["paraformer.encoder.attention_heads", 5],
    ["paraformer.encoder.kernel_size", 4],
    ["paraformer.predictor.threshold", 0.9],
    ["paraformer.predictor.tail_threshold", -1],
    ["paraformer.decoder.att_layer_num", 1],
    ["paraformer.decoder.sanm_shift", 3],
    ["paraformer.vocab_size", 0],
  ])("refuses %s = %s by name", async (key, value) => {
    const changed = tinyParaformerCheckpoint((_, metadata) => void metadata.set(key, value));
    await expect(buildModel(changed, { engine, backend: "cpu" })).rejects.toMatchObject({
      code: "bad_metadata",
      where: `memory: ${key}`,
    });
  });
});

describe("predicting", () => {
  /** The tiny model with every alpha at σ(bias) · smoothFactor. */
  const withBias = (bias: number, smoothFactor = 1): Checkpoint =>
    tinyParaformerCheckpoint((tensors, metadata) => {
      tensors.set("predictor.cif_output.weight", { shape: [1, 16], values: new Float32Array(16) });
      tensors.set("predictor.cif_output.bias", { shape: [1], values: Float32Array.of(bias) });
      metadata.set("paraformer.predictor.smooth_factor", smoothFactor);
    });
  const hidden = (frames: number) => tensor(normals(2, frames * 16), [frames, 16]);

  it("finds no token in silence", () =>
    run(withBias(-20), async (model) => {
      const encoded = hidden(30);
      expect(await model.predict(encoded)).toMatchObject({ tokenNumber: 0, embeds: undefined });
      dispose(encoded);
    }));

  it.each([1, 2, 5, 40])("finds a token in each of %d loud frames, and decodes that few", (frames) =>
    run(withBias(20), async (model) => {
      const encoded = hidden(frames);
      const { embeds, tokenNumber } = await model.predict(encoded);
      expect(tokenNumber).toBe(frames);
      const logits = await model.decode(embeds!, encoded, noTurn);
      expect(logits.shape).toEqual([frames, tinyParaformer.vocabSize]);
      dispose([encoded, embeds!, logits]);
    }),
  );

  it("refuses alphas that are no numbers, by frame", () =>
    run(withBias(NaN), async (model) => {
      const encoded = hidden(3);
      await expect(model.predict(encoded)).rejects.toMatchObject({
        code: "non_finite",
        where: "predictor.alphas",
        message: expect.stringContaining("NaN at frame 0") as string,
      });
      dispose(encoded);
    }));

  it("refuses more tokens than frames", () =>
    run(withBias(20, 3), async (model) => {
      const encoded = hidden(7);
      await expect(model.predict(encoded)).rejects.toMatchObject({
        code: "token_number",
        message: expect.stringContaining("21 tokens in 7 frames") as string,
      });
      dispose(encoded);
    }));

  it("continues with the alphas that a hook replaces", () =>
    run(withBias(-20), async (model) => {
      const encoded = hidden(4);
      const wanted = Float32Array.of(0.5, 0.5, 0.25, 0.75, 0);
      loaded!.hooks.hook = {
        wants: (path) => path === "predictor.alphas",
        onTensor: () => tensor(wanted, [5]),
      };
      const { alphas, peaks, embeds } = await model.predict(encoded);
      expect([...alphas]).toEqual([...wanted]);
      expect([...peaks]).toEqual([0.5, 1, 0.25, 1, 0]);
      const [first, second] = [await values(encoded), await values(embeds!)];
      for (let d = 0; d < 16; d++) {
        expect(second[d]).toBeCloseTo((first[d]! + first[16 + d]!) / 2, 6);
        expect(second[16 + d]).toBeCloseTo(first[32 + d]! / 4 + (3 * first[48 + d]!) / 4, 6);
      }
      dispose([encoded, embeds!]);
    }));
});

describe("the time head", () => {
  it("spreads the alphas over finer rows, and they sum to the token number", async () => {
    const shape = { ...tinyParaformer, upsampleTimes: 3 };
    await run(tinyParaformerCheckpoint(undefined, shape), async (model) => {
      const encoded = tensor(normals(3, 9 * 16), [9, 16]);
      const alphas = await model.upsampledAlphas!(encoded, 4);
      expect(alphas).toHaveLength(27);
      expect(alphas.reduce((sum, alpha) => sum + alpha, 0)).toBeCloseTo(4, 5);
      dispose(encoded);
    });
  });

  it("is FunASR's: a small CifPredictorV3, with its loop of integrate-and-fire", async () => {
    const golden = paraformerTables.timeHead;
    const { size, frames } = golden;
    const shape = { ...tinyParaformer, size, heads: 2, upsampleTimes: 3 };
    const checkpoint = tinyParaformerCheckpoint((tensors) => {
      for (const [name, { shape, values }] of Object.entries(golden.weights)) {
        tensors.set(`predictor.${name}`, { shape, values: Float32Array.from(values) });
      }
    }, shape);
    await run(checkpoint, async (model) => {
      const encoded = tensor(Float32Array.from(golden.hidden), [frames, size]);
      const { alphas, peaks, tokenNumber, embeds } = await model.predict(encoded);
      expect(model.config.predictor.recipe).toBe("loop");
      expect(tokenNumber).toBe(golden.tokens);
      expectClose(alphas, golden.alphas);
      expectClose(peaks, golden.peaks);
      expectClose(await values(embeds!), golden.embeds);
      const fine = await model.upsampledAlphas!(encoded, golden.fineTokens);
      expectClose(fine, golden.fineAlphas);
      expectClose(integrateInLoop(fine, 1 - 1e-4), golden.finePeaks);
      dispose([encoded, embeds!]);
    });
  });

  it("is absent where the checkpoint has none", () =>
    run(tinyParaformerCheckpoint(), async (model) => {
      expect(model.upsampledAlphas).toBeUndefined();
      expect(model.config.predictor.recipe).toBe("prefix");
    }));
});

describe("running", () => {
  it("emits every module of a decoder layer under its path", () =>
    run(tinyParaformerCheckpoint(), async (model) => {
      const recorder = new StageRecorder((path) => path.startsWith("decoder."));
      loaded!.hooks.hook = recorder;
      const encoded = tensor(normals(4, 9 * 16), [9, 16]);
      const embeds = tensor(normals(5, 3 * 16), [3, 16]);
      dispose([await model.decode(embeds, encoded, noTurn), encoded, embeds]);
      const stages = await recorder.stages();
      expect(stages.slice(0, 19).map(({ name }) => name.replace("decoder.decoders.0", "…"))).toEqual([
        "….norm1",
        "….feed_forward.w_1",
        "….feed_forward.norm",
        "….feed_forward.w_2",
        "….feed_forward",
        "….norm2",
        "….self_attn.fsmn_block",
        "….self_attn",
        "….residual",
        "….norm3",
        "….src_attn.linear_q",
        "….src_attn.linear_k_v",
        "….src_attn.k",
        "….src_attn.v",
        "….src_attn.scores",
        "….src_attn.probabilities",
        "….src_attn.context",
        "….src_attn.linear_out",
        "….src_attn",
      ]);
      expect(stages.slice(-6).map(({ name }) => name)).toEqual([
        "decoder.decoders3.0.feed_forward.norm",
        "decoder.decoders3.0.feed_forward.w_2",
        "decoder.decoders3.0.feed_forward",
        "decoder.decoders3.0",
        "decoder.after_norm",
        "decoder.output_layer",
      ]);
    }));

  it("frees what an abort between two layers leaves", () =>
    run(tinyParaformerCheckpoint(), async (model) => {
      const x = tensor(normals(1, 9 * tinyParaformer.inputSize), [9, tinyParaformer.inputSize]);
      const stop = async (done: number): Promise<void> => {
        if (done === 2) throw new DOMException("stop", "AbortError");
      };
      await expect(model.encode(x, stop)).rejects.toThrow("stop");
      dispose(x);
    }));
});
