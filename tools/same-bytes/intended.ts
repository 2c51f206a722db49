/**
 * What may differ between the two checkouts, and how their names for the same value correspond. All tables that a
 * deliberate change of names or of output extends are here and in flags.ts.
 */

/** A difference that is wanted: it is counted, but neither printed nor a failure. */
interface Intended {
  /** Matches `CASE: THING`, as the program prints a difference. */
  readonly thing: RegExp;
  /** Why the two may differ. */
  readonly why: string;
}

export const intended: readonly Intended[] = [
  {
    thing: /: (?:out|aligned)\.srt/u,
    why: "cues have up to two lines of 42 columns, end at borders of clauses, and keep their full stops",
  },
  {
    thing: /: times after the end of the audio in the old checkout$/u,
    why: "nothing ends after the audio; where the old checkout wrote such times, all but the times is compared",
  },
  {
    thing: /^text llm nano-bf16 (?:cpu|wasm): out\./u,
    why: "behind a loop of the random model, generation begins anew where the CTC draft goes on; one mark less is kept",
  },
  {
    thing: /^text fixed demo-long wasm: out\.json: (?:segments\[3\]\.characters\[36\]|units\[170\])\.end$/u,
    why: "a character of the window that ends at 54 s lasted 50 ms longer than the window",
  },
  {
    thing: /^text vad demo-long wasm: out\./u,
    why: "speech that fills a window is cut by levels, which are measured without offset and relative to the recording's",
  },
  {
    thing:
      /^text ctc-blank demo-long wasm: out\.(?:srt|ctm|json: (?:segments\[0\]\.)?(?:(?:words|characters|units)\[0\]\.)?start)/u,
    why: "likewise: the levels decide which silence before the first word is left out",
  },
  {
    thing: /^convert (?:tiny-sensevoice|sensevoice-bf16)-crispasr-/u,
    why: "the layout has the CMVN tensors that CrispASR writes since 0.8.45",
  },
  {
    thing: /^convert tiny-sensevoice-official-f16:/u,
    why: "the query embedding is float32, as the official program reads it",
  },
];

/** A stage of the old archive that has another name in the new one. */
export interface StageRename {
  readonly from: RegExp;
  /** As the replacement of `String.replace`: a text with `$1`, or a function of the whole match and its groups. */
  readonly to: string | ((match: string, ...groups: string[]) => string);
}

/** The first that matches is applied. A suffix `@PASS` that becomes a token index is a rename of `/@(\d+)$/u`. */
export const stageRenames: readonly StageRename[] = [];

/** Metadata of archives, which hold more (the version that wrote them). */
export const archiveMetadata: readonly string[] = ["text", "tokens"];

/** A field of JSON output that is compared wherever it occurs. Fields that are not listed are ignored. */
export interface Field {
  readonly old: string;
  /** Names of the same value in the new checkout's JSON, where it may be another: the first that an object has. */
  readonly new?: readonly string[];
  /** Decimals to which numbers are compared, where one of the two rounds them. */
  readonly decimals?: number;
}

export const jsonFields: readonly Field[] = [
  // texts and tokens
  { old: "text" },
  { old: "ctcText" },
  { old: "recognizedText" },
  { old: "id" },
  { old: "tokens" },
  { old: "generatedTokens" },
  // times in seconds: version 2 of the JSON rounds all of them to milliseconds, version 1 those of segments
  { old: "start", decimals: 3 },
  { old: "end", decimals: 3 },
  { old: "time", decimals: 3 },
  { old: "duration", decimals: 3 },
  // probabilities, likewise
  { old: "score", decimals: 3 },
  { old: "probability", decimals: 3 },
  { old: "avgLogprob" },
  { old: "agreement" },
  // what holds them
  { old: "segments" },
  { old: "words" },
  { old: "characters" },
  { old: "tokenTimes" },
  { old: "labels" },
  { old: "frames" },
];
