/**
 * The demo model really transcribes: the bundled clips to the letter, names as a hotword list spells them, and in float32
 * every utterance of its test set to the same tokens as PyTorch with the same weights.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convert } from "../../converters/writers/convert.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { errorRate } from "../../tools/eval/metrics.ts";
import type { Language } from "../../tools/eval/metrics.ts";
import {
  clipOf,
  demoFolder,
  hotwordList,
  readPyTorchResults,
  readTestSet,
} from "../../tools/eval/test-set.ts";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const shipped = join(demoFolder, "../../models/demo/fun-asr-demo-q8_0.gguf");

interface Clip {
  readonly file: string;
  readonly seconds: number;
  readonly language: Language;
  readonly written: string;
  readonly hotwords: readonly string[];
  readonly distractors: readonly string[];
}

async function readClips(): Promise<readonly Clip[]> {
  return JSON.parse(await readFile(fixture("audio/demo/clips.json"), "utf8")) as Clip[];
}

/** The bundled clips that are one utterance of the test set, with what PyTorch writes for them. */
async function bundledClips(): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const clips = await readClips();
  const utterances = await readTestSet();
  const results = await readPyTorchResults();
  return clips.flatMap(({ file, written }) => {
    const id = utterances.find((utterance) => utterance.written === written)?.id;
    const text = results.find((result) => result.id === id)?.plain.text;
    return text === undefined ? [] : [{ file, text }];
  });
}

describeOnEach("the shipped model on %s", (backend) => {
  it("writes for every bundled clip what PyTorch writes in float32", { timeout: 240_000 }, async () => {
    using model = await load(shipped, { backend });
    const clips = await bundledClips();
    expect(clips).toHaveLength(6);
    for (const { file, text } of clips) {
      expect((await model.transcribe(fixture(`audio/demo/${file}`))).text, file).toBe(text);
    }
  });

  it("transcribes a clip with digits correctly", { timeout: 240_000 }, async () => {
    using model = await load(shipped, { backend });
    const { text } = await model.transcribe(fixture("audio/demo/zh-news.wav"));
    expect(text).toBe("2033年，英国和中国签署了科学协议。");
  });

  it("recognizes nothing in silence", async () => {
    using model = await load(shipped, { backend });
    expect((await model.transcribe(new Float32Array(16_000))).text).toBe("");
  });
});

describe("the shipped model", { timeout: 120_000 }, () => {
  let model: Transcriber;
  beforeAll(async () => void (model = await load(shipped)));
  afterAll(() => model.dispose());

  it("spells a name as the hotword list does, and ignores a list of other names", async () => {
    const named = (await readClips()).filter(({ hotwords }) => hotwords.length > 0);
    expect(new Set(named.map(({ language }) => language))).toEqual(new Set(["zh", "en"]));
    for (const { file, written, hotwords, distractors } of named) {
      const clip = fixture(`audio/demo/${file}`);
      const listed = await model.transcribe(clip, { hotwords: hotwordList({ hotwords, distractors }) });
      expect(listed.text, file).toBe(written);
      const { text } = await model.transcribe(clip);
      expect(text, file).not.toBe(written);
      expect((await model.transcribe(clip, { hotwords: distractors })).text, file).toBe(text);
    }
  });

  it("copies a name from the list with one head of its last layer", async () => {
    const clip = fixture("audio/demo/en-name.wav");
    const hotwords = ["Kathryn More", "Stephen Read"];
    const without = async (head: number): Promise<string> => {
      const ablate = [{ at: "llm.model.layers.3.self_attn", heads: [head] }];
      return (await model.run(clip, { hotwords, ablate })).transcription!.text;
    };
    const listed = (await model.transcribe(clip, { hotwords })).text;
    expect(listed).toContain("Kathryn More");
    expect(await without(2)).toBe((await model.transcribe(clip)).text);
    expect([await without(0), await without(1), await without(3)]).toEqual([listed, listed, listed]);
  });

  it("transcribes a recording of several sentences", async () => {
    const long = (await readClips()).find(({ seconds }) => seconds >= 45 && seconds <= 60);
    const { file, language, written } = long!;
    const { text } = await model.transcribe(fixture(`audio/demo/${file}`));
    expect(errorRate([{ language, reference: written, hypothesis: text }])).toBeLessThan(15);
  });
});

describe("in float32, on wasm", () => {
  let folder: string;
  let model: Transcriber;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fun-asr-demo-"));
    const path = join(folder, "demo-f32.gguf");
    await convert(join(demoFolder, "checkpoint"), path, { type: "F32" });
    model = await load(path, { backend: "wasm" });
  });
  afterAll(async () => {
    model.dispose();
    await rm(folder, { recursive: true });
  });

  it("gives PyTorch's tokens on every test utterance", { timeout: 600_000 }, async () => {
    const utterances = await readTestSet();
    const results = new Map((await readPyTorchResults()).map((result) => [result.id, result]));
    expect(utterances.length).toBeGreaterThanOrEqual(200);
    for (const utterance of utterances) {
      const expected = results.get(utterance.id)!;
      const clip = clipOf(utterance);
      expect((await model.transcribe(clip)).tokens, utterance.id).toEqual(expected.plain.ids);
      if (utterance.hotwords.length > 0) {
        const hotwords = hotwordList(utterance);
        expect((await model.transcribe(clip, { hotwords })).tokens, utterance.id).toEqual(
          expected.hotwords!.ids,
        );
      }
    }
  });

  it("drafts PyTorch's CTC text", { timeout: 600_000 }, async () => {
    const results = await readPyTorchResults();
    for (const [i, utterance] of (await readTestSet()).entries()) {
      if (i % 8 !== 0) continue;
      const { text } = await model.transcribe(clipOf(utterance), { decoder: "ctc" });
      expect(text, utterance.id).toBe(results.find(({ id }) => id === utterance.id)!.ctc);
    }
  });
});

it("equals the conversion of the checkpoint, byte for byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-demo-"));
  const path = join(folder, "again.gguf");
  await convert(join(demoFolder, "checkpoint"), path, { type: "Q8_0", name: "Fun-ASR demo", license: "mit" });
  expect((await readFile(path)).equals(await readFile(shipped))).toBe(true);
  await rm(folder, { recursive: true });
});
