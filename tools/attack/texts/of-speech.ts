/** What works on the texts of a recording: its draft, the text to align with it, what a model wrote. */
import { alignByEdit } from "../../../src/text/timestamps/edit-align.ts";
import { alignByCtc } from "../../../src/text/timestamps/forced-text.ts";
import { numberReadings } from "../../../src/text/timestamps/number-readings.ts";
import { settle } from "../../../src/text/timestamps/timed.ts";
import { CtcTokens } from "../../../src/text/ctc-tokens.ts";
import { countedUnits } from "../../../src/text/error-rate.ts";
import { Hotwords } from "../../../src/text/hotwords/hotwords.ts";
import { toPhonemes } from "../../../src/text/hotwords/phonemes.ts";
import { readingsOf } from "../../../src/text/hotwords/readings.ts";
import { containsWord } from "../../../src/text/hotwords/trie.ts";
import { BYTE_CHARACTERS } from "../../../src/text/byte-level.ts";
import { joinTokens } from "../../../src/text/paraformer-text.ts";
import { QwenTokenizer } from "../../../src/text/qwen-tokenizer.ts";
import { readTags, richText } from "../../../src/text/sensevoice-text.ts";
import type { TextReaders } from "./reader.ts";

const tokens = new CtcTokens({
  table: Array.from({ length: 256 }, (_, byte) => btoa(String.fromCharCode(byte))),
});
const qwen = new QwenTokenizer({ tokens: [...BYTE_CHARACTERS, "<|im_start|>", "<|im_end|>"], merges: [] });

/** As many frames as a window has, with each label as probable as another. */
const frames = 500;
const scores = {
  frames,
  async of(labels: readonly number[]) {
    const columns = new Map([...new Set(labels)].map((label, column) => [label, column]));
    return { logProbs: new Float32Array(frames * columns.size), frames, vocabSize: tokens.size, columns };
  },
};
const draft = Array.from({ length: 300 }, (_, i) => ({ text: "字", start: i / 10 }));
const list = new Hotwords(["督工", "CapsWriter", "C++", "撒贝宁", "2026", "a".repeat(200)]);

export const ofSpeech: TextReaders = {
  "a text that hotwords are searched in": {
    codes: ["bad_option"],
    read: (text) => list.explain(text),
  },
  "a text that hotwords correct": { codes: ["bad_option"], read: (text) => list.correct(text) },
  "one hotword": {
    codes: ["bad_option"],
    read: (text) => new Hotwords([text]).explain("some text 一些文字"),
  },
  "phonemes as spelled": { codes: ["bad_option"], read: (text) => toPhonemes(text) },
  "phonemes as read": { codes: ["bad_option"], read: (text) => toPhonemes(text, "read") },
  "readings of a hotword": { codes: ["bad_option"], read: readingsOf },
  "a text with a word": { codes: [], read: (text) => [containsWord(text, "C++"), containsWord("C++", text)] },
  "a text to align by its labels": {
    codes: ["bad_option"],
    read: async (text) => settle((await alignByCtc(text, scores, tokens)) ?? []),
  },
  "a text to align with a draft": {
    codes: ["bad_option"],
    read: (text) => settle(alignByEdit(text, draft)),
  },
  "digits of a number": { codes: [], read: numberReadings },
  "a text for CTC's vocabulary": { codes: [], read: (text) => tokens.encode(text) },
  "a text for Qwen's vocabulary": { codes: [], read: (text) => qwen.encode(text, { specials: true }) },
  "a text for an error rate": { codes: [], read: (text) => countedUnits(text) },
  "tags of SenseVoice": { codes: [], read: (text) => [readTags(text), richText(text)] },
  "tokens of Paraformer": {
    codes: [],
    frames: { "unfinished pieces": (shape) => shape.replaceAll("a", "a@@") },
    read: (text) => joinTokens(text.split(/(?<=\s)/u)),
  },
};
