/** Segments and partial results, as callbacks and as an async generator. */
import type { StreamOptions, TranscribeOptions } from "./options.ts";
import type { PartialResult, Segment, Transcription } from "./result.ts";

type Place = Pick<PartialResult, "part" | "start">;

/** The options for one of several windows: its progress and its partial results carry its place in the recording. */
export function withPlace(options: TranscribeOptions, place: Place): TranscribeOptions {
  const { onProgress } = options;
  const located =
    onProgress === undefined
      ? {}
      : {
          onProgress: (progress: Parameters<typeof onProgress>[0]) =>
            onProgress({ ...progress, segment: place.part, seconds: place.start }),
        };
  return withPartials({ ...options, ...located }, place);
}

/** The options for one window, with callbacks that turn its tokens and draft into partial results, if these are wanted. */
export function withPartials(options: TranscribeOptions, place: Place): TranscribeOptions {
  const { onPartial, onToken, onDraft } = options;
  if (onPartial === undefined) return options;
  let last = "";
  const emit = (source: PartialResult["source"], all: string): void => {
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
      emit("draft", draft);
    },
    onToken: (piece, attempt) => {
      onToken?.(piece, attempt);
      written = { text: (attempt === written.attempt ? written.text : "") + piece, attempt };
      emit("text", written.text);
    },
  };
}

/**
 * Runs `transcribe`, and yields its segments, and its partial results where these are wanted, as they come; the
 * generator's return value is the transcription. See {@link yieldingEvents}.
 */
export function withEvents(
  transcribe: (options: TranscribeOptions) => Promise<Transcription>,
  { partials = false, ...options }: StreamOptions,
): AsyncGenerator<Segment | PartialResult, Transcription> {
  return yieldingEvents<Segment | PartialResult, Transcription>(options.signal, (push, signal) => {
    const onSegment = (segment: Segment): void => {
      options.onSegment?.(segment);
      push(segment);
    };
    const onPartial = (partial: PartialResult): void => {
      options.onPartial?.(partial);
      push(partial);
    };
    return transcribe({ ...options, signal, onSegment, ...(partials ? { onPartial } : {}) });
  });
}

/**
 * Runs `work`, and yields what it pushes; the generator's return value is its result. The work does not wait for the next
 * value to be asked for. Leaving the loop early aborts the work's signal, as `given` does, and waits until it has stopped.
 */
export async function* yieldingEvents<Event, Result>(
  given: AbortSignal | undefined,
  work: (push: (event: Event) => void, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<Event, Result> {
  const left = new AbortController();
  const signals = given === undefined ? [left.signal] : [left.signal, given];
  const events: Event[] = [];
  let ended = false;
  let wake = (): void => {};
  const push = (event: Event): void => {
    events.push(event);
    wake();
  };
  const result = work(push, AbortSignal.any(signals)).finally(() => {
    ended = true;
    wake();
  });
  result.catch(() => {}); // thrown below, unless the loop was left
  try {
    for (;;) {
      if (events.length > 0) yield events.shift()!;
      else if (ended) return await result;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    left.abort();
    await result.catch(() => {});
  }
}
