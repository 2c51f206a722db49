/** Sound of the demo model's clips as clients send it. */
import { readFileSync } from "node:fs";
import { clip } from "./app.ts";

/** 16-bit samples at 16 kHz, and seconds of silence behind them. */
export function pcmOf(name: string, silence = 1): Buffer {
  return Buffer.concat([readFileSync(clip(name)).subarray(44), Buffer.alloc(silence * 32_000)]);
}

/** The same as float32. */
export function floatsOf(name: string, silence = 1): Buffer {
  const pcm = pcmOf(name, silence);
  const floats = Float32Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(2 * i) / 32_768);
  return Buffer.from(floats.buffer);
}

/** Bytes in messages of a size. */
export function* messagesOf(bytes: Uint8Array, size = 3201): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
