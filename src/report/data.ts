/** The input of a report: stages by name, from any archive, and the recognition result. */
import type { StageReader } from "../diff/archives/index.ts";
import type { Comparison } from "../diff/compare.ts";
import type { Content } from "./markup.ts";

export interface ReportData {
  readonly title: string;
  /** What was run on what: model, audio, backend. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly ours: StageReader;
  /** The reference, and the comparison with it. */
  readonly reference?: StageReader | undefined;
  readonly difference?: Difference | undefined;
  readonly recognized?: RecognizedText | undefined;
  /** The text of an id of the CTC head or of Paraformer's decoder; the id itself unless given. */
  readonly labelText?: ((id: number) => string) | undefined;
}

/** A comparison of all stages: diff()'s report is one. */
export interface Difference {
  readonly reference: string;
  /** The model on its own: errors add up. */
  readonly raw: DifferencePass;
  /** Each stage computed from the reference's values: its own error alone. */
  readonly teacherForced?: DifferencePass | undefined;
  readonly unmatched?: readonly string[];
}

export interface DifferencePass {
  readonly tolerance: { readonly relativeL2: number; readonly cosine: number };
  /** In the order of the forward pass. */
  readonly stages: readonly StageDifference[];
  readonly firstDivergent: string | undefined;
}

export interface StageDifference {
  readonly name: string;
  readonly comparison: Comparison | undefined;
  readonly problem: string | undefined;
}

/** The result of the recognition: a transcription, or a CTC draft. */
export interface RecognizedText {
  readonly text: string;
  /** Seconds of audio. */
  readonly duration?: number | undefined;
  readonly ctcText?: string;
  /** The words of the text (in Chinese, characters) with their times, in seconds. */
  readonly words?: readonly Placed[];
  /** The CTC label of each frame of the audio. */
  readonly frames?: readonly unknown[];
  readonly counts?: {
    readonly prefixTokens: number;
    readonly audioTokens: number;
  };
}

export interface Placed {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A part of the page. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: Content;
}
