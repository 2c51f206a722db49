/** Audio from wherever it comes: plain 16-bit mono WAV at 16 kHz, and samples. */
import { readFileSync } from "node:fs";

export type AudioInput = string | Float32Array;

export interface Audio {
  readonly samples: Float32Array;
  readonly duration: number;
  readonly warnings: readonly string[];
}

export async function loadAudio(input: AudioInput): Promise<Audio> {
  const bytes = typeof input === "string" ? readFileSync(input) : undefined;
  const samples =
    bytes === undefined
      ? (input as Float32Array)
      : Float32Array.from(
          { length: (bytes.length - 44) >> 1 },
          (_, i) => bytes.readInt16LE(44 + 2 * i) / 32_768,
        );
  return { samples, duration: samples.length / 16_000, warnings: [] };
}
