import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Checkpoint } from "../../../../src/checkpoints/checkpoint.ts";
import { openCheckpoint } from "../../../../src/architectures/open.ts";
import { bytesOf, string, uint32 } from "../../../../src/checkpoints/gguf/index.ts";
import type { GgufContent } from "../../../../src/checkpoints/gguf/index.ts";
import { crispAsrNano, officialEncoder, readModel, stockQwen3 } from "../../../helpers/builders/namings.ts";
import type { Model } from "../../../helpers/builders/namings.ts";
import { mmprojEncoder, transcribeCppNano } from "../../../helpers/builders/namings-others.ts";
import { expectTwin, written } from "../../../helpers/builders/twins.ts";

const fixture = join(import.meta.dirname, "../../../../fixtures/tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
let model: Model;
beforeAll(async () => {
  model = await readModel(fixture);
});

/** Metadata and tensors are those of the canonical file, but for the CTC branch, which no other naming has. */
const expectNano = (checkpoint: Checkpoint, ...except: string[]): Promise<void> =>
  expectTwin(checkpoint, {
    metadata: new Map([...model.metadata].filter(([key]) => !/\.ctc/.test(key) && !except.includes(key))),
    tensors: new Map([...model.tensors].filter(([name]) => !name.startsWith("ctc"))),
  });

describe("openCheckpoint", () => {
  test("reads our own file unchanged", async () => {
    await using checkpoint = await openCheckpoint(fixture);
    expect(checkpoint.naming).toBe("gguf (fun-asr)");
    expect(checkpoint.source).toBe("fun-asr-nano-bf16.gguf");
    expect([...checkpoint.metadata]).toStrictEqual([...model.metadata]);
    expect([...checkpoint.tensors.keys()]).toStrictEqual([...model.tensors.keys()]);
  });

  test("the official pair is the model, in either order", async () => {
    const [encoder, llm] = (await written(officialEncoder(model), stockQwen3(model))) as [string, string];
    for (const pair of [
      [encoder, llm],
      [llm, encoder],
    ]) {
      await using checkpoint = await openCheckpoint(pair);
      await expectNano(checkpoint);
      expect(checkpoint.naming).toMatch(/official/);
      expect(checkpoint.naming).toMatch(/qwen3/);
    }
  });

  test("an option marks the official pair as MLT", async () => {
    const pair = await written(officialEncoder(model), stockQwen3(model));
    await using checkpoint = await openCheckpoint(pair, { useLowFrameRate: false });
    expect(checkpoint.metadata.get("fun-asr-nano.adaptor.use_low_frame_rate")).toBe(false);
  });

  test("CrispASR's file is the model", async () => {
    await using checkpoint = await openCheckpoint(await written(crispAsrNano(model)));
    await expectNano(checkpoint, "tokenizer.ggml.token_type", "tokenizer.ggml.add_bos_token");
    expect(checkpoint.naming).toBe("gguf (CrispASR Fun-ASR-Nano)");
  });

  test("CrispASR's old files have 8 heads and the low frame rate, whatever their keys state", async () => {
    await using checkpoint = await openCheckpoint(await written(crispAsrNano(model, { old: true })));
    await expectNano(checkpoint, "tokenizer.ggml.token_type", "tokenizer.ggml.add_bos_token");
  });

  test("CrispASR's file without the ids of the end and of padding has those of its program", async () => {
    const content = crispAsrNano(model);
    const metadata = new Map([...content.metadata].filter(([key]) => !/\.(eos|pad)_token_id$/u.test(key)));
    const file = { ...content, metadata };
    await using checkpoint = await openCheckpoint(await written(file));
    expect(checkpoint.metadata.get("tokenizer.ggml.eos_token_id")).toBe(151_645);
    expect(checkpoint.metadata.get("tokenizer.ggml.padding_token_id")).toBe(151_643);
  });

  test("transcribe.cpp's file is the model", async () => {
    await using checkpoint = await openCheckpoint(await written(transcribeCppNano(model)));
    await expectNano(checkpoint);
    expect(checkpoint.naming).toBe("gguf (transcribe.cpp Fun-ASR-Nano)");
  });

  test("a multimodal projector and its language model are the model", async () => {
    await using checkpoint = await openCheckpoint(await written(mmprojEncoder(model), stockQwen3(model)));
    await expectNano(checkpoint);
    expect(checkpoint.naming).toBe("gguf (mmproj Fun-ASR-Nano + qwen3)");
  });

  test("a file that states MLT takes precedence over the option", async () => {
    const metadata = new Map([...model.metadata, ["fun-asr-nano.adaptor.use_low_frame_rate", false]]);
    const paths = await written(crispAsrNano({ ...model, metadata }));
    await using checkpoint = await openCheckpoint(paths, { useLowFrameRate: true });
    expect(checkpoint.metadata.get("fun-asr-nano.adaptor.use_low_frame_rate")).toBe(false);
  });

  test("a head that is not the embedding stays a separate tensor", async () => {
    for (const copiedHead of [false, true]) {
      const llm = stockQwen3(model, { copiedHead });
      await using checkpoint = await openCheckpoint(await written(officialEncoder(model), llm));
      expect(checkpoint.metadata.get("fun-asr-nano.llm.tie_word_embeddings")).toBe(true);
      expect(checkpoint.tensors.has("llm.lm_head.weight")).toBe(false);
    }
    const llm = stockQwen3(model);
    const tensors = llm.tensors.map((tensor) => {
      const bytes = Buffer.concat([...(tensor.chunks() as Uint8Array[])]);
      if (tensor.name === "output.weight") bytes[bytes.length - 1]! ^= 1;
      return bytesOf(tensor.name, tensor.shape, tensor.format, bytes);
    });
    await using checkpoint = await openCheckpoint(await written(officialEncoder(model), { ...llm, tensors }));
    expect(checkpoint.metadata.get("fun-asr-nano.llm.tie_word_embeddings")).toBe(false);
    expect(checkpoint.tensors.has("llm.lm_head.weight")).toBe(true);
  });

  test("an FSMN kernel with PyTorch's dimension of 1 is read as well", async () => {
    const encoder = officialEncoder(model);
    const tensors = encoder.tensors.map((tensor) => {
      const { shape, values } = model.tensors.get(tensor.name)!;
      if (!tensor.name.endsWith("fsmn_block.weight")) return tensor;
      const [channels = 0, taps = 0] = shape;
      return bytesOf(tensor.name, [channels, 1, taps], "F32", new Uint8Array(values.buffer));
    });
    await using checkpoint = await openCheckpoint(await written({ ...encoder, tensors }, stockQwen3(model)));
    await expectNano(checkpoint);
  });
});

describe("openCheckpoint refuses", () => {
  const without = (content: GgufContent, key: string): GgufContent => {
    const metadata = new Map(content.metadata);
    metadata.delete(key);
    return { ...content, metadata };
  };
  const having = (content: GgufContent, key: string, value: number): GgufContent => ({
    ...content,
    metadata: new Map([...content.metadata, [key, uint32(value)]]),
  });
  const also = (content: GgufContent, ...names: readonly string[]): GgufContent => ({
    ...content,
    tensors: [...content.tensors, ...names.map((name) => bytesOf(name, [1], "F32", new Uint8Array(4)))],
  });

  type Row = readonly [title: string, code: string, message: RegExp, contents: () => readonly GgufContent[]];
  const rows: readonly Row[] = [
    ["no file at all", "unknown_architecture", /no file was given/, () => []],
    [
      "a model of another kind",
      "unknown_architecture",
      /no known naming.*llama[^]*CrispASR Fun-ASR-Nano: funasr\.enc/,
      () => [
        {
          metadata: new Map([["general.architecture", string("llama")]]),
          tensors: stockQwen3(model).tensors.slice(0, 3),
        },
      ],
    ],
    [
      "a file without tensors",
      "unknown_architecture",
      /these 0 tensors/,
      () => [{ metadata: new Map(), tensors: [] }],
    ],
    ["the audio half alone", "unknown_architecture", /has the audio encoder/, () => [officialEncoder(model)]],
    ["the language model alone", "unknown_architecture", /has the language model/, () => [stockQwen3(model)]],
    [
      "two language models",
      "unknown_architecture",
      /wanted one file with a model, or two/,
      () => [stockQwen3(model), stockQwen3(model)],
    ],
    [
      "a model and a language model",
      "unknown_architecture",
      /has the model/,
      () => [crispAsrNano(model), stockQwen3(model)],
    ],
    [
      "the tensors of two namings in one file",
      "unknown_architecture",
      /official Fun-ASR-Nano and CrispASR Fun-ASR-Nano at once/,
      () => [
        also(crispAsrNano(model), "audio_encoder.encoders0.0.norm1.weight", "audio_adaptor.linear1.weight"),
      ],
    ],
    [
      "a tensor under its foreign and its canonical name",
      "bad_tensors",
      /llm\.model\.norm\.weight/,
      () => [officialEncoder(model), also(stockQwen3(model), "llm.model.norm.weight")],
    ],
    [
      "a tensor in both files",
      "bad_tensors",
      /llm\.model\.norm\.weight/,
      () => [also(officialEncoder(model), "llm.model.norm.weight"), stockQwen3(model)],
    ],
    [
      "a tensor in both files",
      "bad_tensors",
      /audio_encoder\.after_norm\.bias/,
      () => [officialEncoder(model), also(stockQwen3(model), "audio_encoder.after_norm.bias")],
    ],
    [
      "an encoder file without a key",
      "bad_metadata",
      /key funasr\.enc\.num_blocks: the key is missing/,
      () => [without(officialEncoder(model), "funasr.enc.num_blocks"), stockQwen3(model)],
    ],
    [
      "a language model without a key",
      "bad_metadata",
      /key qwen3\.rope\.freq_base: the key is missing/,
      () => [officialEncoder(model), without(stockQwen3(model), "qwen3.rope.freq_base")],
    ],
    [
      "a single file without a key",
      "bad_metadata",
      /key funasr\.d_model: the key is missing/,
      () => [without(crispAsrNano(model), "funasr.d_model")],
    ],
    ...["funasr.n_blocks_base", "funasr.n_blocks_tp", "funasr.ada_n_layers", "funasr.llm.n_layers"].map(
      (key): Row => [
        `four thousand million of ${key}`,
        "bad_metadata",
        /at most 512/,
        () => [having(crispAsrNano(model), key, 2 ** 32 - 1)],
      ],
    ),
    [
      "a kernel to transpose in a block format",
      "bad_tensors",
      /fsmn_block\.weight: a kernel of 11 × 32 in Q8_0/,
      () => {
        const encoder = officialEncoder(model);
        const name = "audio_encoder.encoders.0.self_attn.fsmn_block.weight";
        const kernel = bytesOf(name, [11, 32], "Q8_0", new Uint8Array(11 * 34));
        return [
          { ...encoder, tensors: encoder.tensors.map((tensor) => (tensor.name === name ? kernel : tensor)) },
          stockQwen3(model),
        ];
      },
    ],
  ];
  test.for(rows)("%s: %s", async ([, code, message, contents]) => {
    const error = await openCheckpoint(await written(...contents())).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
