/** Audio from wherever it comes: plain 16-bit mono WAV at 16 kHz, and samples. */
import { readFileSync } from "node:fs";

export type AudioInput =
  | string
  | Float32Array
  | Int16Array
  | { readonly samples: Float32Array; readonly sampleRate: number };

export interface Audio {
  readonly samples: Float32Array;
  readonly duration: number;
  readonly warnings: readonly string[];
}

export async function loadAudio(input: AudioInput): Promise<Audio> {
  const bytes = typeof input === "string" ? readFileSync(input) : undefined;
  const samples = bytes === undefined ? floats(input as Exclude<AudioInput, string>) : pcm(bytes);
  return { samples, duration: samples.length / 16_000, warnings: [] };
}

function floats(input: Exclude<AudioInput, string>): Float32Array {
  if (input instanceof Float32Array) return input;
  return input instanceof Int16Array ? Float32Array.from(input, (x) => x / 32_768) : input.samples;
}

function pcm(bytes: Buffer): Float32Array {
  return Float32Array.from(
    { length: (bytes.length - 44) >> 1 },
    (_, i) => bytes.readInt16LE(44 + 2 * i) / 32_768,
  );
}
