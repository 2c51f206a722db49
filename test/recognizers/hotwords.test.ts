/** Which hotwords reach the prompt, and how the result reports them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { memoryCheckpoint } from "../helpers/fakes/memory-checkpoint.ts";
import { tinyNanoFile } from "../helpers/builders/tiny-nano-file.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { Hotwords, load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { applyCorrections, foundIn, hotwordsOfAll } from "../../src/recognizers/corrections.ts";
import { offerHotwords, planHotwords } from "../../src/recognizers/hotwords.ts";
import type { DraftLabels } from "../../src/recognizers/hotwords.ts";
import type { Recognition } from "../../src/recognizers/result.ts";
import { ctcGreedy, topLabels } from "../../src/decoding/ctc.ts";
import { CtcTokens } from "../../src/text/ctc-tokens.ts";
import type { TimedUnit } from "../../src/text/timestamps/timed.ts";
import { tokenizers } from "../helpers/environment/text-fixtures.ts";
import { join } from "node:path";

const tokens = new CtcTokens({ table: tokenizers.ctc.table });

/** A draft of frames, each with the probabilities of a few labels. */
function draftOf(...frames: Record<string, number>[]): DraftLabels {
  const logProbs = new Float32Array(frames.length * tokens.size).fill(Math.log(1e-7));
  for (const [t, frame] of frames.entries()) {
    for (const [text, probability] of Object.entries(frame)) {
      const id = text === "" ? tokens.blankId : tokens.encode(text)[0]!;
      logProbs[t * tokens.size + id] = Math.log(probability);
    }
  }
  const top = topLabels({ logProbs, frames: frames.length, vocabSize: tokens.size }, 20);
  const labels = ctcGreedy(top, tokens.blankId);
  return { scores: { top }, labels, text: tokens.decode(labels.map(({ id }) => id)) };
}

const draftOfText = (text: string): DraftLabels =>
  draftOf(...Array.from(text, (character) => ({ [character]: 0.9 })));
const many = Array.from({ length: 11 }, (_, i) => `w${"abcdefghijk".charAt(i)}`);

describe("hotwords for the prompt", () => {
  const draft = draftOfText("the cat");
  const offer = (request: Parameters<typeof planHotwords>[0], labels: DraftLabels | undefined = draft) =>
    offerHotwords(planHotwords(request), labels, tokens);

  it("are a whole short list, in its order", () => {
    const list = ["zebra", " cat ", "", "dog"];
    expect(offer({ hotwords: list }).map(({ word, by }) => [word, by])).toEqual([
      ["zebra", "list"],
      ["cat", "list"],
      ["dog", "list"],
    ]);
    expect(offer({ hotwords: list }, undefined)).toHaveLength(3); // no CTC branch
    expect(offer({ hotwords: many.slice(1) })).toHaveLength(10);
  });

  it("are those that sound like the draft, of a longer list or a Hotwords object", () => {
    const found = [{ word: "cat", by: "draft", score: 1, heard: "cat" }];
    expect(offer({ hotwords: [...many, "cat"] })).toEqual(found);
    expect(offer({ hotwords: new Hotwords(["zebra", "cat"]) })).toEqual(found);
    expect(offer({ hotwords: ["zebra", "cat"], hotwordSearch: "draft" })).toEqual(found);
  });

  it("are all of them on request", () => {
    expect(offer({ hotwords: [...many, "cat"], hotwordSearch: "none" })).toHaveLength(12);
    expect(offer({ hotwords: new Hotwords(many), hotwordSearch: "none" })).toHaveLength(11);
  });

  it("are none where the draft is empty", () => {
    const silence = draftOf({ "": 0.9 }, { "": 0.9 });
    expect(silence.text).toBe("");
    expect(offer({ hotwords: ["cat"] }, silence)).toEqual([]);
    expect(offer({ hotwords: new Hotwords(["cat"]), hotwordSearch: "ctc" }, silence)).toEqual([]);
  });

  it("are found among the CTC's second choices, first, and each once", () => {
    const uncertain = draftOf(
      { d: 0.6, c: 0.3 },
      { "": 0.9 },
      { o: 0.5, a: 0.4 },
      { "": 0.9 },
      { g: 0.5, t: 0.4 },
    );
    expect(uncertain.text).toBe("dog");
    const hotwords = new Hotwords(["dog", "cat"]);
    expect(offer({ hotwords, hotwordSearch: "draft" }, uncertain)).toMatchObject([{ word: "dog" }]);
    // The draft's own word covers the same frames: of two the more probable stays, so search for the other alone.
    expect(offer({ hotwords: new Hotwords(["cat"]), hotwordSearch: "ctc" }, uncertain)).toEqual([
      { word: "cat", by: "ctc", score: 0.367, heard: "dog" },
    ]);
    const both = offer({ hotwords, hotwordSearch: "ctc" }, uncertain);
    expect(both.map(({ word, by }) => word + by)).toEqual(["dogctc"]);
    const capped = new Hotwords(["cat"], { max: 0 });
    expect(offer({ hotwords: capped, hotwordSearch: "ctc" }, uncertain)).toEqual([]);
  });

  it("are reported with whether the text contains them", () => {
    const offers = [
      { word: "Caps-Writer", by: "list" as const },
      { word: "dog", by: "draft" as const, score: 1 },
    ];
    expect(foundIn("I use CapsWriter.", offers).map(({ found }) => found)).toEqual([true, false]);
  });

  it.each([[{ hotwords: "a,b" }], [{ hotwords: [1] }], [{ hotwords: ["a"], hotwordSearch: "all" }]])(
    "refuses %o",
    (request) => {
      expect(() => planHotwords(request as never)).toThrow(expect.objectContaining({ code: "bad_option" }));
    },
  );
});

describe("corrections of a recognition", () => {
  const units = Array.from("科大迅飞", (text, i): TimedUnit => ({
    text,
    start: i,
    end: i + 1,
    source: "cif",
  }));
  const plan = planHotwords({ hotwords: new Hotwords(["科大讯飞"], { corrections: "科大 => KD" }) });

  it("change text, characters and words alike", () => {
    const recognition: Pick<Recognition, "text" | "characters" | "words" | "corrections"> = {
      text: "科大迅飞",
      characters: units,
      words: units,
    };
    const result = applyCorrections(recognition, plan, { bySound: true });
    expect(result.text).toBe("KD讯飞");
    expect(result.characters?.map(({ text, start }) => [text, start])).toEqual([
      ["K", 0],
      ["D", 1],
      ["讯", 2],
      ["飞", 3],
    ]);
    expect(result.words?.map(({ text, end }) => [text, end])).toEqual([
      ["KD", 2],
      ["讯", 3],
      ["飞", 4],
    ]);
    expect(result.corrections).toHaveLength(2);
  });

  it("are summed up over the parts of a recording, as hotwords are", () => {
    const cat = { word: "cat", by: "draft" as const, heard: "cut" };
    const parts = [
      { hotwords: [{ ...cat, score: 0.7, found: true }], corrections: [{ by: "a => b", count: 1 }] },
      {},
      {
        hotwords: [
          { word: "dog", by: "list" as const, found: false },
          { ...cat, score: 0.9, found: false },
        ],
        corrections: [{ by: "a => b", count: 2 }],
      },
    ];
    expect(hotwordsOfAll(parts)).toEqual({
      hotwords: [
        { ...cat, score: 0.9, found: true },
        { word: "dog", by: "list", found: false },
      ],
      corrections: [{ by: "a => b", count: 3 }],
    });
    expect(hotwordsOfAll([{}, {}])).toEqual({});
  });

  it("leave a text alone that needs none", () => {
    const recognition = { text: "别的", units };
    expect(applyCorrections(recognition, planHotwords({}), { bySound: true })).toBe(recognition);
    expect(applyCorrections(recognition, plan, { bySound: true })).toBe(recognition);
  });
});

describe("Fun-ASR-Nano with hotwords", () => {
  const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
  const clip = fixture("audio/tiny.wav"); // the draft is "K i" with control characters between
  let nano: Transcriber;
  beforeAll(async () => {
    nano = await load(model, { backend: "cpu" });
  });
  afterAll(() => nano.dispose());
  const options = { maxNewTokens: 2 };

  it("puts words that sound like the draft into the prompt, as a list of them", async () => {
    const searched = await nano.transcribe(clip, { ...options, hotwords: [...many, "K i"] });
    expect(searched.hotwords).toMatchObject([{ word: "K i", by: "draft", score: 1 }]);
    expect(searched.timings.hotwords).toBeGreaterThanOrEqual(0);
    const listed = await nano.transcribe(clip, { ...options, hotwords: ["K i"] });
    expect(listed.hotwords).toMatchObject([{ word: "K i", by: "list" }]);
    expect(searched.counts).toEqual(listed.counts);
    expect(searched.tokens).toEqual(listed.tokens);
    const plain = await nano.transcribe(clip, options);
    expect(plain.hotwords).toBeUndefined();
    expect(listed.counts.prefixTokens).toBeGreaterThan(plain.counts.prefixTokens);
  });

  it("corrects a draft by sound, the language model's text by rules only", async () => {
    const hotwords = new Hotwords(["k I"], { corrections: "k I => yes" });
    const draft = await nano.transcribe(clip, { decoder: "ctc", hotwords });
    expect(draft.corrections?.map(({ by }) => by)).toEqual(["k I", "k I => yes"]);
    expect(draft.text).toContain("yes");
    expect(draft.ctcText).not.toContain("yes");
    const first = (await nano.transcribe(clip, options)).text.trim().charAt(0);
    const rule = new Hotwords([first], { corrections: `${first} => first!` });
    const written = await nano.transcribe(clip, { ...options, hotwords: rule });
    expect(written.text).toContain("first!");
  });

  it("offers none where the CTC draft is empty, and gives an empty text where the gate takes that for silence", async () => {
    await using checkpoint = await openCheckpoint(model);
    const bias = { shape: [1974], values: new Float32Array(1974).fill(1e4, 1973) }; // blank for any audio
    const changed = memoryCheckpoint(checkpoint.metadata, new Map([["ctc.ctc_lo.bias", bias]])).tensors;
    const { source, naming, metadata } = checkpoint;
    const blankOnly = { source, naming, metadata, tensors: new Map([...checkpoint.tensors, ...changed]) };
    using nothing = await load({ ...blankOnly, [Symbol.asyncDispose]: async () => {} }, { backend: "cpu" });
    const plain = await nothing.transcribe(clip, options);
    for (const hotwords of [["K i"], new Hotwords(["K i"])]) {
      const offered = await nothing.transcribe(clip, { ...options, hotwords });
      expect(offered).toMatchObject({
        ctcText: "",
        hotwords: [],
        counts: plain.counts,
        tokens: plain.tokens,
      });
    }
    const gated = await nothing.transcribe(clip, { ...options, silenceGate: "ctc" });
    expect(gated).toMatchObject({ text: "", tokens: [], warnings: [{ code: "silence" }] });
  });

  it("searches nothing in a file without CTC, and still offers a short list", async () => {
    const path = join(await temporaryFolder(), "no-ctc.gguf");
    await tinyNanoFile(path, (name) => !name.startsWith("ctc"));
    using without = await load(path, { backend: "cpu" });
    const listed = await without.transcribe(clip, { ...options, hotwords: ["K i"] });
    expect(listed.hotwords).toMatchObject([{ word: "K i", by: "list" }]);
    await expect(without.transcribe(clip, { ...options, hotwords: many })).rejects.toMatchObject({
      code: "ctc_unavailable",
      message: expect.stringContaining("the search for hotwords"),
    });
  });
});
