/** Windows to recognitions, in order, one or several at once, with callbacks and warnings that name the window's place in the recording. */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Recognition } from "../recognizers/result.ts";
import { StepGroup } from "../recognizers/step-pool.ts";
import type { Stopwatch } from "../recognizers/stopwatch.ts";
import { clock } from "../text/outputs/clock.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { withPlace } from "./events.ts";
import { inParallel } from "./in-parallel.ts";
import type { TranscribeOptions } from "./options.ts";
import type { WindowRecognizer } from "./window-recognizer.ts";
import { fromStore } from "./window-store.ts";
import type { Window } from "./windows.ts";

/** A window and its recognition, whose times begin with the window. */
export interface RecognizedWindow {
  readonly window: Window;
  readonly recognition: Recognition;
}

interface WindowsOptions {
  /** How many windows are recognized at once. */
  readonly atOnce: number;
  /** Whether windows overlap where speech was cut: these need the times of characters, whatever the caller asked for. */
  readonly overlaps: boolean;
  /** Receives the times of all steps. */
  readonly watch: Stopwatch;
  readonly onWarning: (about: Warning) => void;
}

/** A window, and the options for it. */
interface Placed {
  readonly window: Window;
  readonly own: TranscribeOptions;
}

export async function* recognizeWindows(
  windows: AsyncIterable<Window>,
  recognizer: WindowRecognizer,
  options: TranscribeOptions,
  { atOnce, overlaps, watch, onWarning }: WindowsOptions,
): AsyncGenerator<RecognizedWindow> {
  const group = atOnce > 1 ? new StepGroup(atOnce) : undefined;
  const recognize = async ({ window, own }: Placed, signal: AbortSignal): Promise<RecognizedWindow> => {
    const { samples } = window;
    const recognition = await fromStore(options.windows, samples, own.timestamps ?? "none", watch, () =>
      recognizer.recognize(samples, { ...own, signal }, group),
    );
    return { window, recognition };
  };
  const placed = placesOf(windows, options, overlaps);
  for await (const recognized of inParallel(placed, atOnce, recognize, options.signal)) {
    const { window, recognition } = recognized;
    watch.add(recognition.timings);
    for (const { code, message } of recognition.warnings) {
      const asked = code !== "approximate_times" || options.timestamps === "word";
      const place = clock(window.start / MODEL_RATE, ".");
      if (code !== "silence" && asked) onWarning(warning(code, `at ${place}: ${message}`));
    }
    yield recognized;
  }
}

async function* placesOf(
  windows: AsyncIterable<Window>,
  options: TranscribeOptions,
  overlaps: boolean,
): AsyncGenerator<Placed> {
  let part = 0;
  let beginsInSpeech = false;
  for await (const window of windows) {
    const endsInSpeech = window.ends === "speech";
    const timestamps = overlaps && (beginsInSpeech || endsInSpeech) ? "word" : options.timestamps;
    beginsInSpeech = endsInSpeech;
    const place = { part: part++, start: window.start / MODEL_RATE };
    yield { window, own: withPlace({ ...options, timestamps }, place) };
  }
}
