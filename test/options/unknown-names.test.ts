/** Every public function refuses an option that it does not have, with the nearest name. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareModels, convert, openModel } from "../../converters/index.ts";
import { createAsrEngine } from "../../src/compat/index.ts";
import { capture, createArchive, diff, lens, openArchive } from "../../src/lab.ts";
import { loadPunctuator } from "../../src/punctuate.ts";
import { detectSpeech, Engine, Hotwords, load, loadInWorker, models, pull } from "../../src/node.ts";
import type { Transcriber } from "../../src/node.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

let model: Transcriber;
beforeAll(async () => {
  model = await load(file);
});
afterAll(() => model.dispose());

/** Options as a caller without types gives them. */
const given = (options: object): never => options as never;

describe("refused with the nearest name by", () => {
  it.each<[string, (options: never) => unknown, string, string]>([
    ["load", (options) => load(file, options), "thread", "threads"],
    ["loadInWorker", (options) => loadInWorker(file, options), "bakend", "backend"],
    ["Engine", (options) => new Engine(options), "concurency", "concurrency"],
    ["Hotwords", (options) => new Hotwords(["a"], options), "treshold", "hotwords.threshold"],
    ["transcribe", (options) => model.transcribe(clip, options), "langauge", "language"],
    [
      "transcribe, within chunk",
      (options) => model.transcribe(clip, given({ chunk: options })),
      "second",
      "chunk.seconds",
    ],
    [
      "transcribeStream",
      async (options) => model.transcribeStream(clip, options).next(),
      "partial",
      "partials",
    ],
    ["align", (options) => model.align(clip, "no", options), "metod", "method"],
    ["ctc", (options) => model.ctc(clip, options), "topk", "topK"],
    ["run", (options) => model.run(clip, options), "captures", "capture"],
    ["detectSpeech", (options) => detectSpeech(clip, options), "pauses", "pause"],
    ["loadPunctuator", (options) => loadPunctuator(fixture("tiny/ct-punc"), options), "bakend", "backend"],
    ["pull", (options) => pull("sensevoice-small", options), "form", "from"],
    ["models", (options) => models(options), "stor", "store"],
    [
      "convert",
      async (options) => convert(file, join(await temporaryFolder(), "x.gguf"), options),
      "typ",
      "type",
    ],
    [
      "compareModels",
      async (options) => {
        await using a = await openModel([file]);
        await using b = await openModel([file]);
        return await compareModels(a, b, options);
      },
      "onprogress",
      "onProgress",
    ],
    ["capture", (options) => capture(model, clip, options), "step", "steps"],
    [
      "lens",
      (options) => lens(model, clip, given({ of: "ctc", ...(options as object) })),
      "maxTokens",
      "maxNewTokens",
    ],
    [
      "diff",
      async (options) => {
        await using reference = await openArchive(fixture("archives/python/stages.npz"));
        return await diff(model, reference, clip, options);
      },
      "language_",
      "language",
    ],
    [
      "createArchive",
      async (options) => createArchive(join(await temporaryFolder(), "x.npz"), options),
      "formt",
      "format",
    ],
    ["createAsrEngine", (options) => createAsrEngine(options), "hotword_path", "hotwords_path"],
  ])("%s", async (_, call, wrong, right) => {
    const prefix = right.slice(0, right.lastIndexOf(".") + 1);
    await expect((async () => call(given({ [wrong]: 1 })))()).rejects.toMatchObject({
      code: "bad_option",
      where: prefix + wrong,
      remedy: `Did you mean ${right}?`,
    });
  });
});

it("a choice gets the nearest one", async () => {
  await expect(model.transcribe(clip, given({ decoder: "lm" }))).rejects.toThrow("Did you mean llm?");
  await expect(load(file, given({ backend: "tensorflw" }))).rejects.toThrow("Did you mean tensorflow?");
  await expect(lens(model, clip, given({ of: "lm" }))).rejects.toThrow("Did you mean llm?");
});
