/** Recordings made of parts of the demo's clips, one behind the other. */
import { readFileSync } from "node:fs";
import { fixture } from "../environment/fixtures.ts";

const rate = 16_000;

/** 16 kHz samples of fixtures/audio/demo, whose headers have the canonical 44 bytes, from one second to another. */
export function clipSamples(name: string, from = 0, to = Infinity): Float32Array {
  const bytes = readFileSync(fixture(`audio/demo/${name}.wav`));
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
  return Float32Array.from(samples.slice(Math.round(from * rate), Math.round(to * rate)), (v) => v / 32_768);
}

/** The parts, each with a pause behind it. */
export function joined(parts: readonly Float32Array[], pauseSeconds: number): Float32Array {
  const pause = Math.round(pauseSeconds * rate);
  const all = new Float32Array(parts.reduce((length, part) => length + part.length + pause, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length + pause;
  }
  return all;
}

/** The same part several times. */
export function times<Part>(part: Part, count: number): Part[] {
  return Array.from({ length: count }, () => part);
}
