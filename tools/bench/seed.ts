/**
 * The whole job at full size, synthetic weights: 60 s of samples to 255 tokens, ours with drafts that are right as often as
 * in real texts, against onnxruntime-node and node-llama-cpp, which compute the same parts in the same order. Ours counts
 * its front end and all that is between the parts, theirs the parts alone.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { alternately, medians, totalOf } from "./sides.ts";
import type { Side } from "./sides.ts";

const rounds = 5;

export async function benchSeed(): Promise<Figures> {
  const program = (name: string): string =>
    fileURLToPath(new URL(`${name}${extname(import.meta.url)}`, import.meta.url));
  const sides = await alternately(rounds, [[program("seed-ours")], [program("seed-native")]]);
  const [ours, native] = sides as [Side, Side];
  const totals = ({ rounds: all }: Side): number[] => all.map(totalOf);
  return {
    "seed.seconds": median(totals(ours)),
    "seed.nativeSeconds": median(totals(native)),
    "seed.ratio": median(totals(ours)) / median(totals(native)),
    "seed.ratioOfMinima": Math.min(...totals(ours)) / Math.min(...totals(native)),
    ...prefixed("ours", ours),
    ...prefixed("native", native),
    "memory.peakBytes": ours.peakBytes,
    "memory.nativePeakBytes": native.peakBytes,
  };
}

/** The median of each part, and its minimum. */
function prefixed(side: string, { rounds: all }: Side): Figures {
  const figures: { [name: string]: number } = {};
  for (const [part, seconds] of Object.entries(medians(all))) {
    figures[`${side}.${part}.seconds`] = seconds;
    figures[`${side}.${part}.leastSeconds`] = Math.min(...all.map((parts) => parts[part]!));
  }
  return figures;
}
