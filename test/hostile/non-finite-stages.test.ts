/**
 * One value of one weight is no number, at each stage of each model, and all that can be asked of the model: what depends on
 * the stage is refused with `non_finite`, what does not is as that of the sound model. non-finite.test.ts has every tensor;
 * this table states which product depends on which stage.
 */
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/architectures/open.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { encodeGguf, openGguf, bytesOf } from "../../src/checkpoints/gguf/index.ts";
import { openModel } from "../../src/containers/open-model.ts";
import { FunAsrError } from "../../src/errors.ts";
import { detectSpeech, load } from "../../src/index.ts";
import type { BackendName, Transcriber } from "../../src/index.ts";
import { lens } from "../../src/transcriber/inspect.ts";
import { edited } from "../helpers/builders/edited-checkpoint.ts";
import { valuesOf } from "../helpers/builders/namings.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { testedBackends } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clip = fixture("audio/tiny.wav");
const common = { maxNewTokens: 1, silenceGate: "off" } as const;
const asText = { decoder: "ctc", silenceGate: "off" } as const;

/** More than SeACo's bias attends to at once. */
const manyWords = Array.from(
  "我你他们的是了在有不这个中国人大来上为到说时要就出会可以对生能子那得于着下自之年过发后作里用道行所然家",
);

/** What can be asked of a model. */
const products = {
  text: (model) => model.transcribe(clip, common),
  times: (model) => model.transcribe(clip, { ...common, timestamps: "word" }),
  confidence: (model) => model.transcribe(clip, { ...common, logprobs: true }),
  "ctc text": (model) => model.transcribe(clip, asText),
  "ctc times": (model) => model.transcribe(clip, { ...asText, timestamps: "token" }),
  ctc: (model) => model.ctc(clip, { topK: 2 }),
  align: (model) => model.align(clip, "今天"),
  hotwords: (model) => model.transcribe(clip, { ...common, hotwords: manyWords }),
  "ctc lens": (model) => lens(model, clip, { of: "ctc", top: 2 }),
  "llm lens": (model) => lens(model, clip, { of: "llm", top: 2, maxNewTokens: 1 }),
} as const satisfies Readonly<Record<string, (model: Transcriber) => Promise<unknown>>>;
type Product = keyof typeof products;

const written = ["text", "times", "confidence"] as const;
const biased = [...written, "hotwords"] as const;
const all = (Object.keys(products) as readonly Product[]).filter((product) => product !== "hotwords");

interface Model {
  readonly file: string;
  /** All that it gives. */
  readonly gives: readonly Product[];
  readonly stages: readonly Stage[];
}
/** `saturates`: an infinite value is made finite again by a sigmoid, as in the original. */
type Stage = readonly [stage: string, tensor: string, dependent: readonly Product[], saturates?: "saturates"];

const models: Readonly<Record<string, Model>> = {
  SenseVoice: {
    file: "sensevoice/sensevoice-bf16.gguf",
    gives: [...written, "ctc", "align", "ctc lens"],
    stages: [
      ["query", "embed.weight", [...written, "ctc", "align", "ctc lens"]],
      ["encoder", "encoder.encoders0.0.norm1.bias", [...written, "ctc", "align", "ctc lens"]],
      ["second stack", "encoder.tp_encoders.0.norm2.bias", [...written, "ctc", "align", "ctc lens"]],
      ["ctc head", "ctc.ctc_lo.bias", [...written, "ctc", "align", "ctc lens"]],
    ],
  },
  Paraformer: {
    file: "seaco-paraformer",
    gives: biased,
    stages: [
      ["encoder", "encoder.encoders.0.norm1.bias", biased],
      ["predictor", "predictor.cif_conv1d.bias", biased, "saturates"],
      ["alphas", "predictor.cif_output.bias", biased, "saturates"],
      ["decoder", "decoder.decoders.0.norm2.bias", biased],
      ["output head", "decoder.output_layer.bias", biased],
      ["hotword encoder", "bias_encoder.bias_hh_l1", ["hotwords"], "saturates"],
      ["bias decoder", "seaco_decoder.decoders.0.norm2.bias", ["hotwords"]],
      ["its attention", "seaco_decoder.decoders.5.norm3.bias", ["hotwords"]],
      ["its end", "seaco_decoder.after_norm.bias", ["hotwords"]],
      ["bias head", "hotword_output_layer.bias", ["hotwords"]],
      ["time head", "predictor.cif_output2.bias", ["times"], "saturates"],
    ],
  },
  "Fun-ASR-Nano": {
    file: "fun-asr-nano/fun-asr-nano-bf16.gguf",
    gives: all,
    stages: [
      ["encoder", "audio_encoder.encoders.0.norm1.bias", all],
      ["adaptor", "audio_adaptor.blocks.0.norm1.bias", [...written, "llm lens"]],
      // the draft of the CTC branch judges the text
      ["ctc decoder", "ctc_decoder.blocks.0.norm1.bias", all],
      ["ctc head", "ctc.ctc_lo.bias", all],
      ["language model", "llm.model.layers.0.input_layernorm.weight", [...written, "llm lens"]],
      ["output norm", "llm.model.norm.weight", [...written, "llm lens"]],
    ],
  },
};

async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work(), (key, value: unknown) => (key === "timings" ? undefined : value));
  } catch (error) {
    if (error instanceof FunAsrError) return error.code;
    throw error;
  }
}

async function outcomes(
  checkpoint: Checkpoint,
  backend: BackendName,
  gives: readonly Product[],
): Promise<ReadonlyMap<Product, string>> {
  using model = await load(checkpoint, { backend });
  const found = new Map<Product, string>();
  for (const product of gives) found.set(product, await outcome(() => products[product](model)));
  return found;
}

/** The slow backend, whose kernels define the others', computes the first alone. */
const valuesOn = (backend: BackendName): readonly number[] => (backend === "cpu" ? [NaN] : [NaN, Infinity]);
const withValue = (value: number) => (weights: Float32Array) => weights.fill(value, 0, 1);

describe.each(testedBackends.filter((name) => name !== "tensorflow"))("on %s", (backend) => {
  const values = valuesOn(backend);

  it.each(Object.entries(models))(
    "%s",
    async (_, { file, gives, stages }) => {
      await using sound = await openModel(fixture(`tiny/${file}`));
      const expected = await outcomes(sound, backend, gives);
      expect([...expected.values()].filter((found) => /^\w+$/u.test(found))).toEqual([]); // no codes
      const wrong: string[] = [];
      for (const [stage, tensor, dependent, saturates] of stages) {
        for (const value of saturates === undefined ? values : [NaN]) {
          const broken = edited(sound, tensor, withValue(value));
          for (const [product, found] of await outcomes(broken, backend, gives)) {
            const wanted = dependent.includes(product) ? "non_finite" : expected.get(product);
            if (found !== wanted) wrong.push(`${value} in ${stage}: ${product}: ${found.slice(0, 60)}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  it("the normalization of features, of all models that have one", async () => {
    for (const { file } of [models["SenseVoice"]!, models["Paraformer"]!]) {
      await using sound = await openModel(fixture(`tiny/${file}`));
      for (const name of ["cmvn.shift", "cmvn.scale"].filter((tensor) => sound.tensors.has(tensor)))
        for (const value of values)
          await expect(load(edited(sound, name, withValue(value)), { backend })).rejects.toMatchObject({
            code: "bad_tensors",
          });
    }
  });

  it("a VAD, alone and before a recognizer", async () => {
    const path = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
    await using sound = await openCheckpoint(path);
    await using file = await openGguf(path);
    const recognizer = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
    for (const name of ["in_linear1.linear.bias", "fsmn.1.affine.linear.bias", "out_linear2.linear.bias"]) {
      for (const value of values) {
        const broken = edited(sound, `encoder.${name}`, withValue(value));
        const tensors = await Promise.all(
          [...broken.tensors.values()].map(async (entry) => {
            const { shape, values: numbers } = await valuesOf(entry);
            return bytesOf(entry.name, shape, "F32", new Uint8Array(numbers.buffer));
          }),
        );
        const chunks: Uint8Array[] = [];
        for await (const chunk of encodeGguf({ metadata: file.typedMetadata, tensors }))
          chunks.push(chunk.slice());
        const vad = new Uint8Array(Buffer.concat(chunks));
        const alone = await outcome(() => detectSpeech(tinySamples(), { vad, backend }));
        using model = await load(recognizer, { backend, vad });
        const before = await outcome(() => model.transcribe(clip, { ...common, chunk: { pause: 0.5 } }));
        expect([name, value, alone, before]).toEqual([name, value, "non_finite", "non_finite"]);
      }
    }
  });
});
