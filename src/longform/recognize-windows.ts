/** Windows to recognitions, one after the other, with callbacks and warnings that name the window's place in the recording. */
import { MODEL_RATE } from "../audio/limits.ts";
import type { Recognition } from "../recognizers/result.ts";
import type { Stopwatch } from "../recognizers/stopwatch.ts";
import { clock } from "../text/outputs/clock.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { withPlace } from "./events.ts";
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
  /** Whether windows overlap where speech was cut: these need the times of characters, whatever the caller asked for. */
  readonly overlaps: boolean;
  /** Receives the times of all steps. */
  readonly watch: Stopwatch;
  readonly onWarning: (about: Warning) => void;
}

export async function* recognizeWindows(
  windows: AsyncIterable<Window>,
  recognizer: WindowRecognizer,
  options: TranscribeOptions,
  { overlaps, watch, onWarning }: WindowsOptions,
): AsyncGenerator<RecognizedWindow> {
  let part = 0;
  let beginsInSpeech = false;
  for await (const window of windows) {
    const start = window.start / MODEL_RATE;
    const endsInSpeech = window.ends === "speech";
    const timestamps = overlaps && (beginsInSpeech || endsInSpeech) ? "word" : options.timestamps;
    beginsInSpeech = endsInSpeech;
    const own = withPlace({ ...options, timestamps }, { part: part++, start });
    const recognition = await fromStore(options.windows, window.samples, timestamps ?? "none", watch, () =>
      recognizer.recognize(window.samples, own),
    );
    watch.add(recognition.timings);
    for (const { code, message } of recognition.warnings) {
      const asked = code !== "approximate_times" || options.timestamps === "word";
      if (code !== "silence" && asked) onWarning(warning(code, `at ${clock(start, ".")}: ${message}`));
    }
    yield { window, recognition };
  }
}
