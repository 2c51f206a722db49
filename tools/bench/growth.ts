/**
 * The cost of a second of audio by the length of the recording, demo model: 10 s of speech, over and over, in windows of 10 s,
 * so that all windows have the same work. Processor time on one thread, which other programs change little. The shortest
 * recording is transcribed as often as makes a minute, before and after each longer one.
 */
import { load } from "../../src/node.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { median } from "./peers.ts";
import type { Figures } from "./sections.ts";

const rate = 16_000;
const pieceSeconds = 10;

/** `lengths`: in seconds, from the shortest to the longest. */
export async function benchGrowth(
  path: string,
  lengths: readonly number[] = [60, 600, 3600, 7200],
): Promise<Figures> {
  const { samples } = await loadAudio("fixtures/audio/demo/zh-long.wav");
  const piece = Int16Array.from(samples.subarray(0, pieceSeconds * rate), (value) => value * 32_768);
  using model = await load(path, { backend: "wasm", threads: 1 });
  /** Processor seconds for each second of audio. */
  const costOf = async (seconds: number, times = 1): Promise<number> => {
    const recording = new Int16Array(seconds * rate);
    for (let at = 0; at < recording.length; at += piece.length) recording.set(piece, at);
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++)
      await model.transcribe(recording, { chunk: { seconds: pieceSeconds, cut: "fixed", overlap: 0 } });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6 / (seconds * times);
  };
  const shortest = (): Promise<number> => costOf(pieceSeconds, 6);
  await shortest(); // warms up
  const short = [await shortest()];
  const long: { [name: string]: number } = {};
  const ratios: { [name: string]: number } = {};
  for (const seconds of lengths) {
    const cost = await costOf(seconds);
    const before = short.at(-1)!;
    short.push(await shortest());
    long[`growth.${seconds}s.secondsPerSecond`] = cost;
    ratios[`growth.${seconds}s.ratio`] = cost / ((before + short.at(-1)!) / 2);
  }
  return { [`growth.${pieceSeconds}s.secondsPerSecond`]: median(short), ...long, ...ratios };
}
