/** The samples of fixtures/audio/tiny.wav, by the shortest way: its header has the canonical 44 bytes. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export const tinyWav = resolve(import.meta.dirname, "../../../fixtures/audio/tiny.wav");

export function tinySamples(): Float32Array {
  const bytes = readFileSync(tinyWav);
  return Float32Array.from(
    new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length)),
    (v) => v / 32768,
  );
}

/** Σ amplitude · sin(2π · hz · t) at 16 kHz. */
export function tones(
  samples: number,
  ...parts: readonly (readonly [amplitude: number, hz: number])[]
): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) =>
    parts.reduce((sum, [amplitude, hz]) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / 16000), 0),
  );
}

/** Greatest difference of two rows of numbers. */
export function furthest(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  let most = 0;
  for (let i = 0; i < ours.length; i++) {
    const difference = Math.abs(ours[i]! - theirs[i]!);
    if (!(difference <= most)) most = difference;
  }
  return most;
}
