/** What recognizers give. All times are seconds of the recording; probabilities and scores are 0 to 1. */
import type { Attempt } from "../decoding/generate.ts";
import type { Correction } from "../text/hotwords/hotwords.ts";
import type { SpeechTags } from "../text/sensevoice-text.ts";
import type { TimedText, TimedUnit } from "../text/timestamps/timed.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";

/** A label with its place in the audio. */
export interface TimedToken extends TimedText {
  /** Acoustic: the highest probability of the label within its frames. */
  readonly score: number;
}

/** A word that was offered to the language model, or to SeACo-Paraformer's bias. */
export interface OfferedHotword {
  readonly word: string;
  /** Why: the whole list was offered; by its sound; or among the CTC branch's best labels. */
  readonly by: "list" | "draft" | "ctc";
  /** How similar it sounds, or the mean probability of its labels. */
  readonly score?: number;
  /** The part of the draft that it was found at. */
  readonly heard?: string;
  /** Whether the text contains it, whatever its case and punctuation. */
  readonly found: boolean;
}

/** The text and what belongs to it. */
interface RecognizedText {
  readonly text: string;
  /** The tokens of `text`, without the stop token. */
  readonly tokens: readonly number[];
  /** Greedy text of the CTC branch, where it ran. */
  readonly ctcText?: string;
  /** SenseVoice's language, emotion and events. */
  readonly tags?: SpeechTags;
  /** SenseVoice's text with its tags as emoji. */
  readonly richText?: string;
  /** The words that the model was offered, best first; absent where none were given, or the model takes none. */
  readonly hotwords?: readonly OfferedHotword[];
  /** What hotwords and their rules changed in the text afterwards. */
  readonly corrections?: readonly Correction[];
}

/** Times, as far as the option `timestamps` asks for them. */
export interface TextTimes {
  /** The labels, as FunASR times them (`token`). */
  readonly tokenTimes?: readonly TimedToken[];
  /** Every character of the text, with the source of its time (`word`). */
  readonly characters?: readonly TimedUnit[];
  /** The words that the characters make (`word`). */
  readonly words?: readonly TimedUnit[];
}

/** Measures of how reliable the text is, as far as a model gives them. */
export interface Confidence {
  /** Natural logarithm of each token's probability (with the option `logprobs`). */
  readonly logprobs?: readonly number[];
  /** Their mean, that of the end token included. */
  readonly avgLogprob?: number;
  /** Bytes of the text over those of its zlib form: above 2.4 it repeats itself. */
  readonly compressionRatio?: number;
  /** SenseVoice's probability of no speech. */
  readonly noSpeechProb?: number;
  /** How similar the language model's text and the CTC draft are, where both exist. */
  readonly agreement?: number;
  /** The temperature that the text was sampled at; 0 is greedy. */
  readonly temperature?: number;
  /** All decodes of the language model, in order. */
  readonly attempts?: readonly Attempt[];
}

/** What was recognized in one window of audio. */
export interface Recognition extends RecognizedText, TextTimes, Confidence {
  readonly counts: TokenCounts;
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
}

export interface TokenCounts {
  readonly prefixTokens: number;
  readonly audioTokens: number;
  readonly suffixTokens: number;
  readonly generatedTokens: number;
  /** Steps of the language model after its prompts, those of all attempts; a step computes one token, or also drafted ones. */
  readonly steps: number;
  /** Drafted tokens that were the language model's own choice, each of which saved a step. */
  readonly accepted: number;
}

/** The counts of a model that has no prompt. */
export const withoutPrompt = (generatedTokens: number): TokenCounts => ({
  prefixTokens: 0,
  audioTokens: 0,
  suffixTokens: 0,
  generatedTokens,
  steps: 0,
  accepted: 0,
});

/** The result for audio without speech. */
export const emptyRecognition: Recognition = {
  text: "",
  tokens: [],
  counts: withoutPrompt(0),
  timings: {},
  warnings: [warning("silence", "there is nothing but silence")],
};

export type Step =
  | "audio"
  | "features"
  | "encode"
  | "ctc"
  | "hotwords"
  | "adapt"
  | "prefill"
  | "generate"
  | "predict"
  | "decode"
  | "align"
  | "punctuate";

/** Milliseconds by step; `audio` is reading and decoding. */
export type Timings = { readonly [step in Step]?: number };

/** The times of a given text in the audio. */
export interface Alignment {
  readonly text: string;
  /** Every character of the text. */
  readonly characters: readonly TimedUnit[];
  /** The words that the characters make. */
  readonly words: readonly TimedUnit[];
  /** What the model itself recognizes. */
  readonly recognizedText: string;
  /** How similar that and the text are, 0 to 1. */
  readonly agreement: number;
  readonly timings: Timings;
  readonly warnings: readonly Warning[];
}

/** One of a frame's best labels. */
interface RankedLabel {
  readonly id: number;
  /** Its text; U+FFFD for bytes that are not whole characters, empty for the blank. */
  readonly text: string;
  readonly probability: number;
}

/** The output of a CTC branch, frame by frame. */
export interface CtcResult {
  readonly text: string;
  /** The runs of labels that make the text. */
  readonly labels: readonly (TimedToken & { readonly id: number })[];
  /** The best labels of every frame of 60 ms. */
  readonly frames: readonly { readonly time: number; readonly labels: readonly RankedLabel[] }[];
  readonly timings: Timings;
}
