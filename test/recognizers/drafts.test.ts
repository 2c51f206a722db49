/** Drafts by the CTC branch: the results are those without a draft, whatever is asked for, in fewer steps. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/node.ts";
import type { Segment, TranscribeOptions, Transcriber, Transcription } from "../../src/node.ts";
import { measureDrafts } from "../../tools/eval/drafts.ts";
import { spread } from "../../tools/eval/flags.ts";
import { readTestSet } from "../../tools/eval/test-set.ts";
import { clipSamples, joined, times } from "../helpers/builders/joined-clips.ts";
import { describeOn } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const tiny = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const chinese = clipSamples("zh-news");
const english = clipSamples("en-shopping");

/** All of a result but its times and numbers of steps. */
function compared(result: Transcription): object {
  const untimed = (one: Pick<Segment, "counts" | "timings">): object => ({
    ...one,
    timings: undefined,
    counts: { ...one.counts, steps: undefined, accepted: undefined },
  });
  return { ...untimed(result), segments: result.segments.map(untimed) };
}

describe("drafts on the demo model", () => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load("models/demo/fun-asr-demo-q8_0.gguf");
  });
  afterAll(() => model.dispose());

  const requests: readonly (readonly [string, TranscribeOptions])[] = [
    ["greedy", {}],
    ["sampled", { temperature: 0.7, seed: 3 }],
    ["with a penalty", { repetitionPenalty: 1.2 }],
    ["with confidence and times", { logprobs: true, timestamps: "word" }],
    ["in several attempts", { fallback: { temperatures: [0.7, 1], avgLogprob: 0 }, seed: 4 }],
    ["with hotwords and numbers as spoken", { hotwords: ["科学协议", "Catherine"], itn: false }],
    ["cut after six tokens", { maxNewTokens: 6 }],
    ["by the CTC branch alone", { decoder: "ctc" }],
  ];

  it.each(requests)("give the same result: %s", async (_, options) => {
    for (const samples of [chinese, english]) {
      const plain = await model.transcribe(samples, { ...options, draft: "off" });
      for (const draftTokens of [undefined, 1, 3, 7]) {
        const drafted = await model.transcribe(samples, { ...options, draftTokens });
        expect(compared(drafted)).toEqual(compared(plain));
        const { steps, accepted } = drafted.counts;
        expect(steps + accepted).toBe(plain.counts.steps);
      }
    }
  });

  it("give the same result behind loops, whose passes have drafts of their own", async () => {
    const name = clipSamples("zh-name");
    const samples = joined([...times(name, 5), clipSamples("zh-weather")], 0.1);
    const options: TranscribeOptions = { chunk: "off", timestamps: "word" };
    const plain = await model.transcribe(samples, { ...options, draft: "off" });
    const drafted = await model.transcribe(samples, options);
    expect(compared(drafted)).toEqual(compared(plain));
    expect(drafted.text).toContain("天气预报");
    expect(drafted.counts.accepted).toBeGreaterThan(20);
  });

  it("give the same pieces of text to onToken", async () => {
    const piecesOf = async (options: TranscribeOptions): Promise<string[]> => {
      const pieces: string[] = [];
      const onToken = (piece: string, attempt: number): void => void pieces.push(`${attempt}: ${piece}`);
      await model.transcribe(english, { ...options, onToken });
      return pieces;
    };
    const options = { fallback: { temperatures: [0.7], avgLogprob: 0 } };
    const plain = await piecesOf({ ...options, draft: "off" });
    expect(await piecesOf({ ...options, draftTokens: 7 })).toEqual(plain);
    expect(plain.length).toBeGreaterThan(10);
  });

  it("end where they are aborted, between two tokens of one step", async () => {
    for (const wanted of [1, 2, 3, 5]) {
      const abort = new AbortController();
      let pieces = 0;
      const aborted = model.transcribe(chinese, {
        draftTokens: 7,
        signal: abort.signal,
        onToken: () => {
          if (++pieces === wanted) abort.abort(new Error("enough"));
        },
      });
      await expect(aborted).rejects.toThrow("enough");
      expect(pieces).toBe(wanted);
    }
    expect((await model.transcribe(chinese)).text).toBe("2033年，英国和中国签署了科学协议。");
  });

  it("are not made with a hook, which sees each step, nor without the CTC branch", async () => {
    const { accepted, steps } = (await model.transcribe(chinese)).counts;
    expect(accepted).toBeGreaterThan(steps);
    const hook = { wants: () => false, onTensor: () => {} };
    expect((await model.transcribe(chinese, { hook })).counts.accepted).toBe(0);
    expect((await model.run(chinese)).transcription!.counts.accepted).toBe(0);
    expect((await model.transcribe(chinese, { ctc: "off" })).counts.accepted).toBe(0);
    const needed = await model.transcribe(chinese, { ctc: "off", timestamps: "word" });
    expect(needed.counts.accepted).toBe(accepted);
  });

  it("save steps in all languages of the test set, and change no text", async () => {
    const rows = await measureDrafts(model, spread(await readTestSet(), 4));
    const modes = ["greedy", "sampled at 0.7", "penalty 1.2", "confidence", "fallback"];
    expect([...rows.keys()].sort()).toEqual(
      ["en", "zh"].flatMap((language) => modes.map((mode) => `${language}, ${mode}`)).sort(),
    );
    for (const [name, figures] of rows) {
      for (const most of [1, 3, 5, 7]) {
        expect(figures[`different, ${most}`]).toBe(0);
        expect(figures[`per step, ${most}`]).toBeGreaterThan(name.includes("greedy") ? 1.3 : 1);
      }
    }
  });
});

describe("drafts of a model with random weights", () => {
  it.each(["wasm", "cpu"] as const)("are soon given up, and change nothing on %s", async (backend) => {
    using model = await load(tiny, { backend });
    for (const options of [{ maxNewTokens: 60 }, { maxNewTokens: 60, temperature: 1.5, seed: 2 }]) {
      const plain = await model.transcribe(clip, { ...options, draft: "off" });
      const drafted = await model.transcribe(clip, options);
      expect(compared(drafted)).toEqual(compared(plain));
      expect(drafted.counts.steps + drafted.counts.accepted).toBe(plain.counts.steps);
    }
  });
});

describeOn("tensorflow", "a backend that does not compute equal rows", () => {
  it("has no drafts", async () => {
    using model = await load(tiny, { backend: "tensorflow" });
    expect((await model.transcribe(clip, { maxNewTokens: 9 })).counts.accepted).toBe(0);
  });
});
