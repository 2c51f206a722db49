/** Paraformer: a miniature with its stages from PyTorch, and how it refuses what cannot be. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withParaformer } from "../../helpers/environment/tiny-paraformer-model.ts";
import { memoryCheckpoint } from "../../helpers/fakes/memory-checkpoint.ts";
import type { MemoryTensor } from "../../helpers/fakes/memory-checkpoint.ts";
import { shared } from "../../helpers/environment/shared.ts";
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { normals } from "../../helpers/builders/random.ts";
import {
  paraformerMetadata,
  tinyParaformer,
  tinyParaformerCheckpoint,
} from "../../helpers/builders/tiny-paraformer.ts";
import { buildModel } from "../../../src/architectures/build.ts";
import { engine } from "../../helpers/environment/engine.ts";
import { dispose, tensor } from "../../../src/nn/ops.ts";
import { StageRecorder } from "../../../src/activations/recorder.ts";

const noTurn = async (): Promise<void> => {};

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
    await withParaformer(miniatureCheckpoint(mini), async (model, loaded) => {
      const recorder = new StageRecorder();
      loaded.hooks.hook = recorder;
      const x = tensor(Float32Array.from(mini.input.data), mini.input.shape);
      const encoded = await model.encode(x, noTurn);
      const { embeds, tokenNumber, peaks } = await model.predict(encoded);
      const { hidden, logits } = await model.decode(embeds!, encoded, noTurn);

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
      dispose([x, encoded, embeds!, hidden, logits]);
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
  it("tolerates the token vectors of training, the front end's constants and a bias without settings, and nothing else", async () => {
    const extra = (name: string, ...shape: number[]) =>
      tinyParaformerCheckpoint((tensors) => {
        const count = shape.reduce((a, b) => a * b, 1);
        tensors.set("decoder.embed.0.weight", { shape: [13, 16], values: new Float32Array(13 * 16) });
        tensors.set("cmvn.shift", { shape: [20], values: new Float32Array(20) });
        tensors.set("cmvn.scale", { shape: [20], values: new Float32Array(20) });
        tensors.set(name, { shape, values: new Float32Array(count) });
      });
    for (const allowed of [extra("decoder.embed.0.weight", 13, 16), extra("seaco_decoder.x", 2)]) {
      const loaded = await buildModel(allowed, { engine, backend: "cpu" });
      expect(loaded.model.architecture).toBe("paraformer");
      loaded.dispose();
    }
    await expect(buildModel(extra("decoder2.x", 2), { engine, backend: "cpu" })).rejects.toMatchObject({
      problems: [{ name: "decoder2.x", problem: "the model has no place for it" }],
    });
  });

  it.each([
    ["paraformer.encoder.attention_heads", 5],
    ["paraformer.encoder.kernel_size", 4],
    ["paraformer.predictor.threshold", 0.9],
    ["paraformer.predictor.tail_threshold", -1],
    ["paraformer.decoder.att_layer_num", 1],
    ["paraformer.decoder.sanm_shift", 3],
    ["paraformer.vocab_size", 3], // fewer than blank, start, end and unknown
  ])("refuses %s = %s by name", async (key, value) => {
    const changed = tinyParaformerCheckpoint((_, metadata) => void metadata.set(key, value));
    await expect(buildModel(changed, { engine, backend: "cpu" })).rejects.toMatchObject({
      code: "bad_metadata",
      where: `memory: ${key}`,
    });
  });
});

describe("running", () => {
  it("emits every module of a decoder layer under its path", () =>
    withParaformer(tinyParaformerCheckpoint(), async (model, loaded) => {
      const recorder = new StageRecorder((path) => path.startsWith("decoder."));
      loaded.hooks.hook = recorder;
      const encoded = tensor(normals(4, 9 * 16), [9, 16]);
      const embeds = tensor(normals(5, 3 * 16), [3, 16]);
      const { hidden, logits } = await model.decode(embeds, encoded, noTurn);
      dispose([hidden, logits, encoded, embeds]);
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
    withParaformer(tinyParaformerCheckpoint(), async (model) => {
      const x = tensor(normals(1, 9 * tinyParaformer.inputSize), [9, tinyParaformer.inputSize]);
      const stop = async (done: number): Promise<void> => {
        if (done === 2) throw new DOMException("stop", "AbortError");
      };
      await expect(model.encode(x, stop)).rejects.toThrow("stop");
      dispose(x);
    }));
});
