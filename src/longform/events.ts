/** What is written of a part while it is still being recognized. */
import type { Segment } from "./segment.ts";
import { toAsyncGenerator } from "./async-generator.ts";
import type { StreamOptions, TranscribeOptions, Transcription } from "../transcriber/types.ts";

/** Text that may still change; each one replaces the one before it of the same part. */
export interface PartialResult {
  /** Tells it from a segment in `transcribeStream`, and in the command line's `--json-lines`. */
  readonly event: "partial";
  /** 0, 1, 2, …: which part of the recording, as in `onProgress`. A part in which nothing is said has no segment. */
  readonly part: number;
  /** Where the part begins, in seconds of the recording. */
  readonly start: number;
  /**
   * `draft`: the CTC branch's text, where it runs before the language model anyway (times, a search for hotwords);
   * `text`: what is written so far of the text proper. A further attempt begins it again.
   */
  readonly source: "draft" | "text";
  /** All of it that there is so far. */
  readonly text: string;
}

/** The options for one part, whose tokens and draft `onPartial` hears as texts. Without `onPartial`, the options alone. */
export function withPartials(
  options: TranscribeOptions,
  place: Pick<PartialResult, "part" | "start">,
): TranscribeOptions {
  const { onPartial, onToken, onDraft } = options;
  if (onPartial === undefined) return options;
  let last = "";
  const tell = (source: PartialResult["source"], all: string): void => {
    const text = all.trim();
    if (text === "" || source + text === last) return;
    last = source + text;
    onPartial({ event: "partial", ...place, source, text });
  };
  let written = { text: "", attempt: 0 };
  return {
    ...options,
    onDraft: (draft) => {
      onDraft?.(draft);
      tell("draft", draft);
    },
    onToken: (piece, attempt) => {
      onToken?.(piece, attempt);
      written = { text: (attempt === written.attempt ? written.text : "") + piece, attempt };
      tell("text", written.text);
    },
  };
}

/** Segments, and partial results where they are wanted, as `transcribe` tells of them; its result is returned. */
export function withEvents(
  transcribe: (options: TranscribeOptions) => Promise<Transcription>,
  { partials = false, ...options }: StreamOptions,
): AsyncGenerator<Segment | PartialResult, Transcription> {
  const work = (
    tell: (event: Segment | PartialResult) => void,
    signal: AbortSignal,
  ): Promise<Transcription> => {
    const onSegment = (segment: Segment): void => {
      options.onSegment?.(segment);
      tell(segment);
    };
    const onPartial = (partial: PartialResult): void => {
      options.onPartial?.(partial);
      tell(partial);
    };
    return transcribe({ ...options, signal, onSegment, ...(partials ? { onPartial } : {}) });
  };
  return toAsyncGenerator(work, options.signal);
}
