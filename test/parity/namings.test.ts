/** A model computes the same in every naming: all stages, bit by bit, on the defining backend. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import type { LoadOptions, Transcriber } from "../../src/index.ts";
import type { Activation } from "../../src/lab.ts";
import type { GgufContent } from "../../src/checkpoints/gguf/index.ts";
import { mmprojEncoder, transcribeCppNano } from "../helpers/builders/namings-others.ts";
import {
  crispAsrParaformer,
  crispAsrSenseVoice,
  officialParaformer,
  officialSenseVoice,
} from "../helpers/builders/namings-paraformer.ts";
import { crispAsrNano, officialEncoder, readModel, stockQwen3 } from "../helpers/builders/namings.ts";
import type { Model } from "../helpers/builders/namings.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { written } from "../helpers/builders/twins.ts";
import { capture } from "../../src/lab.ts";

const clip = fixture("audio/tiny.wav");

interface Family {
  readonly name: string;
  readonly file: string;
  readonly amMvn?: string;
  readonly namings: Readonly<Record<string, (model: Model) => readonly GgufContent[]>>;
}

const families: readonly Family[] = [
  {
    name: "Fun-ASR-Nano",
    file: fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"),
    namings: {
      official: (model) => [officialEncoder(model), stockQwen3(model)],
      CrispASR: (model) => [crispAsrNano(model)],
      "transcribe.cpp": (model) => [transcribeCppNano(model)],
      mmproj: (model) => [mmprojEncoder(model), stockQwen3(model)],
    },
  },
  {
    name: "Paraformer",
    file: fixture("tiny/paraformer/paraformer-bf16.gguf"),
    namings: {
      official: (model) => [officialParaformer(model)],
      CrispASR: (model) => [crispAsrParaformer(model)],
      "CrispASR, quantized": (model) => [crispAsrParaformer(model, { quantized: true })],
    },
  },
  {
    name: "SenseVoice",
    file: fixture("tiny/sensevoice/sensevoice-bf16.gguf"),
    amMvn: fixture("tiny/sensevoice/am.mvn"),
    namings: {
      official: (model) => [officialSenseVoice(model)],
      CrispASR: (model) => [crispAsrSenseVoice(model)],
    },
  },
];

const captured = (transcriber: Transcriber): Promise<readonly Activation[]> =>
  capture(transcriber, clip, { maxNewTokens: 3 });

describe.each(families)("$name", ({ file, amMvn, namings }) => {
  const options: LoadOptions = { backend: "cpu", amMvn };
  let model: Model;
  let transcriber: Transcriber;
  let stages: readonly Activation[];
  let text: string;
  beforeAll(async () => {
    model = await readModel(file);
    transcriber = await load(file, { backend: "cpu" });
    stages = await captured(transcriber);
    ({ text } = await transcriber.transcribe(clip, { maxNewTokens: 3 }));
  });
  afterAll(() => transcriber.dispose());

  test.each(Object.entries(namings))("%s", async (_, contents) => {
    using twin = await load(await written(...contents(model)), options);
    // no other naming has the CTC branch
    const due = stages.filter(
      ({ name }) => !name.startsWith("ctc") || transcriber.info.architecture !== "fun-asr-nano",
    );
    const twins = new Map((await captured(twin)).map((stage) => [stage.name, stage]));
    expect([...twins.keys()].toSorted()).toStrictEqual(due.map(({ name }) => name).toSorted());
    for (const { name, values } of due) {
      const theirs = twins.get(name)!.values;
      expect([name, Buffer.compare(bytes(theirs), bytes(values))]).toStrictEqual([name, 0]);
    }
    expect((await twin.transcribe(clip, { maxNewTokens: 3 })).text).toBe(text);
    expect(text).not.toBe("");
  });
});

const bytes = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);
