/**
 * Where an hour-long talk is cut, beside the same talk from faulty recorders: with an offset, a drift, rumble, clipping.
 * `node dist/tools/eval/cuts.js [SECONDS]`, after npm run build.
 */
import "../../src/node.ts";
import { MODEL_RATE } from "../../src/audio/limits.ts";
import { cutQuiet } from "../../src/longform/cuts.ts";
import { Samples, windowsOf } from "../../src/longform/windows.ts";
import { clipped, recorded, talk } from "../../test/helpers/builders/talk.ts";

const seconds = Number(process.argv[2] ?? 3600);
const { samples: clean } = await talk(1, { seconds });

const percent = (value: number): number => Math.round(327.68 * value);
const sine = (hertz: number, second: number): number => Math.sin(2 * Math.PI * hertz * second);
const faults: readonly [name: string, samples: () => Float32Array][] = [
  ["offset of 0 %", () => clean],
  ...[0.5, 2, 5].map((offset): [string, () => Float32Array] => [
    `offset of ${offset} %`,
    () => recorded(clean, () => percent(offset)),
  ]),
  ["offset of 5 %, clipped", () => clipped(recorded(clean, () => percent(5)))],
  ["drift of ±5 % in 30 s", () => recorded(clean, (second) => percent(5) * sine(1 / 30, second))],
  ["steps of 2 %, one in 7 s", () => recorded(clean, (second) => percent(2) * (Math.floor(second / 7) % 2))],
  ["5 % of rumble at 7 Hz", () => recorded(clean, (second) => percent(5) * sine(7, second))],
  ["2 % of rumble at 18 Hz", () => recorded(clean, (second) => percent(2) * sine(18, second))],
  ["−60 dB, floating point", () => clean.map((value) => value * 1e-3)],
];

let wanted: readonly number[] | undefined;
for (const [name, samples] of faults) {
  const found = await boundsOf(samples());
  wanted ??= found;
  console.log(
    `${name.padEnd(28)}${String(found.length / 2).padStart(6)} windows   ${compared(found, wanted)}`,
  );
}

async function boundsOf(samples: Float32Array): Promise<number[]> {
  async function* pieces(): AsyncGenerator<Float32Array, string> {
    for (let at = 0; at < samples.length; at += MODEL_RATE) yield samples.subarray(at, at + MODEL_RATE);
    return "read";
  }
  const bounds: number[] = [];
  const cutter = cutQuiet({ overlap: 2, pause: 0.8 });
  for await (const window of windowsOf(new Samples(pieces()), 30 * MODEL_RATE, cutter)) {
    bounds.push(window.start, window.start + window.samples.length);
  }
  return bounds;
}

function compared(found: readonly number[], bounds: readonly number[]): string {
  const known = new Set(bounds);
  const moved = found.filter((bound) => !known.has(bound)).length;
  if (moved === 0 && found.length === bounds.length) return "the same cuts";
  const apart = found.map((bound) => Math.min(...bounds.map((other) => Math.abs(other - bound))));
  const most = Math.max(...apart) / MODEL_RATE;
  return `${moved} of ${found.length} bounds moved, by ${most.toFixed(2)} s at most`;
}
