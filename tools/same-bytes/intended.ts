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
    thing: /\.json: segments\[\d+\]\.(?:ctcText|recognizedText|tokenTimes)/u,
    why: "version 2 of the JSON has every field of the library's segments",
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
  { old: "ctcText", new: ["ctcText", "recognizedText"] },
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
  { old: "characters", new: ["tokenTimes", "characters"] },
  { old: "units", new: ["characters", "units"] },
  { old: "labels" },
  { old: "frames" },
];
