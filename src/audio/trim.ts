/** Samples that a container says are no part of the recording: an encoder's delay before it, padding behind it. */
import type { AudioPiece } from "../platform/platform.ts";
import type { Tally } from "./compressed.ts";

/** In samples of the decoder, from the first one that it gives. */
export interface Cut {
  /** Samples before the recording. */
  skip: number;
  /** The recording's end; undefined until it is known, which is before the last samples are decoded. */
  end?: number | undefined;
}

/** The pieces without what `cut` leaves out; the tally counts what is left. */
export async function* trimmed(
  pieces: AsyncGenerator<AudioPiece, Tally>,
  cut: Cut,
): AsyncGenerator<AudioPiece, Tally> {
  let decoded = 0;
  let frames = 0;
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) return { ...next.value, frames };
      const { channels } = next.value;
      const length = channels[0]?.length ?? 0;
      const from = Math.min(length, Math.max(0, cut.skip - decoded));
      const to = Math.max(from, Math.min(length, (cut.end ?? Infinity) - decoded));
      decoded += length;
      frames += to - from;
      if (to > from) yield { ...next.value, channels: channels.map((samples) => samples.subarray(from, to)) };
    }
  } finally {
    await pieces.return({ frames, sampleRate: 0, errors: [] });
  }
}
