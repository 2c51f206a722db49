/** Voice activity detection over a recording of any length. */
import type { AudioInput } from "../audio/container.ts";
import { checkNames, checkValues } from "../options/check.ts";
import type { NamesOf } from "../options/check.ts";
import { eventOptions } from "../options/methods.ts";
import type { DetectOptions, SpeechSpan } from "./speech-spans.ts";

export type { DetectOptions, SpeechSpan };

const optionNames: NamesOf<DetectOptions> = {
  engine: true,
  backend: true,
  vad: true,
  pause: true,
  maxSegment: true,
  maxEndSilence: true,
  signal: true,
};

/** Throws what reading audio and loading a model throw, and the signal's reason. */
export async function detectSpeech(input: AudioInput, options: DetectOptions = {}): Promise<SpeechSpan[]> {
  checkNames(options, optionNames);
  checkValues(options, { signal: eventOptions.signal });
  options.signal?.throwIfAborted();
  // loaded when it is called, as in `load`
  const { speechSpans } = await import("./speech-spans.ts");
  return speechSpans(input, options);
}
