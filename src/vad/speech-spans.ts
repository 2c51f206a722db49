/** The spans of speech in a recording: by a model, or by its level. */
import { streamAudio } from "../audio/container.ts";
import type { AudioInput } from "../audio/container.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import type { ModelFiles } from "../containers/open-model.ts";
import type { EngineChoice } from "../engine/shared.ts";
import { cutQuiet } from "../longform/cuts.ts";
import { Samples, windowsOf } from "../longform/windows.ts";
import { loadVad } from "./vad.ts";
import type { SampleSpan } from "../longform/cutter.ts";
import type { VadRules } from "./state-machine.ts";

/** In seconds of the recording. */
export interface SpeechSpan {
  readonly start: number;
  readonly end: number;
}

export interface DetectOptions extends VadRules, Pick<EngineChoice, "engine" | "backend"> {
  /** An FSMN-VAD in any container. Without one, speech is audio that is louder than the background, between pauses. */
  readonly vad?: ModelFiles | undefined;
  /** Without a model: how many seconds of quiet are a pause; 0.8 by default. */
  readonly pause?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const WINDOW = 30 * MODEL_RATE;

/** See `detectSpeech`, which has checked the options. */
export async function speechSpans(input: AudioInput, options: DetectOptions): Promise<SpeechSpan[]> {
  const { vad } = options;
  const spans = await (vad === undefined ? byLevel(input, options) : byModel(input, vad, options));
  return spans.map(({ start, end }) => ({ start: start / MODEL_RATE, end: end / MODEL_RATE }));
}

async function byModel(input: AudioInput, file: ModelFiles, options: DetectOptions): Promise<SampleSpan[]> {
  const { engine, backend, signal } = options;
  using vad = await loadVad(file, { engine, backend, signal });
  const stream = vad.listen(options);
  const spans: SampleSpan[] = [];
  let length = 0;
  for await (const piece of streamAudio(input, { signal: options.signal })) {
    spans.push(...(await stream.push(piece)));
    length += piece.length;
  }
  return [...spans, ...(await stream.end(length))];
}

async function byLevel(input: AudioInput, { pause = 0.8, signal }: DetectOptions): Promise<SampleSpan[]> {
  await using samples = new Samples(streamAudio(input, { signal }));
  const spans: SampleSpan[] = [];
  for await (const window of windowsOf(samples, WINDOW, cutQuiet({ overlap: 0, pause }))) {
    const end = window.start + window.samples.length;
    const last = spans.at(-1);
    if (last !== undefined && last.end === window.start) spans[spans.length - 1] = { start: last.start, end };
    else spans.push({ start: window.start, end });
  }
  return spans;
}
