/** Live recognition: a stream of audio to events, while it comes. */
import { streamAudio } from "../audio/container.ts";
import type { AudioInput } from "../audio/container.ts";
import { CtcUnavailableError } from "../errors.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import { warningsOf } from "../audio/warnings.ts";
import type { MarkWriter } from "../longform/marked-segments.ts";
import { planChunks } from "../longform/plan.ts";
import type { WindowRecognizer } from "../longform/window-recognizer.ts";
import type { Vad } from "../vad/vad.ts";
import type { LiveEnd, LiveEvent } from "./events.ts";
import { LevelStream } from "./level-stream.ts";
import type { ListenOptions } from "./options.ts";
import { inSteps, Lag } from "./steps.ts";
import { Utterances } from "./utterances.ts";

/** Seconds of audio after which speech is looked for. */
const STEP = 0.16;
const TICK = 0.32;

interface Context {
  readonly vad?: Pick<Vad, "listen"> | undefined;
  readonly punctuation?: MarkWriter | undefined;
  /** Milliseconds, by which the work is found to be slower than the audio. */
  readonly clock?: () => number;
}

/** See `Transcriber.listen`, which has checked the options. */
export async function* listenTo(
  recognizer: WindowRecognizer,
  input: AudioInput,
  options: ListenOptions,
  { vad, punctuation, clock = () => performance.now() }: Context,
): AsyncGenerator<LiveEvent, LiveEnd> {
  const { chunk = {}, tick = TICK, final, signal } = options;
  if (final === "draft" && !recognizer.recognizer.hasTimes) throw new CtcUnavailableError("final", "a draft");
  const { cut = vad === undefined ? "quiet" : "vad" } = chunk;
  const { windowSamples, pauseSamples } = planChunks(
    { chunk },
    { hasTimes: false, vad, recommended: recognizer.recommended, draft: async () => [] },
  )!;
  const pause = pauseSamples / MODEL_RATE;
  const lag = new Lag(clock);
  const utterances = new Utterances({
    recognizer,
    options,
    speech: cut === "vad" ? vad!.listen({ maxEndSilence: 1000 * pause }) : new LevelStream(pause),
    punctuation,
    mostSamples: windowSamples,
    tickSamples: Math.round(tick * MODEL_RATE),
    lag,
  });
  const size = Math.round(Math.min(STEP, tick) * MODEL_RATE);
  const steps = inSteps(streamAudio(input, { signal }), size, lag);
  try {
    for (;;) {
      const next = await steps.next();
      recognizer.checkUsable();
      if (next.done === true) {
        yield* utterances.end();
        return { duration: next.value.duration, warnings: warningsOf(next.value) };
      }
      lag.given(next.value.length / MODEL_RATE);
      yield* utterances.take(next.value);
    }
  } finally {
    await steps.return(undefined as never);
  }
}
