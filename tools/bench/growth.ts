/**
 * The cost of a second of audio by the length of the recording, demo model: 10 s of speech, over and over, in windows of 10 s,
 * so that all windows have the same work. Processor time on one thread, which other programs change little. Recordings of
 * 10 s and longer ones are transcribed alternately, each as often as makes ten minutes or more.
 */
import { load } from "../../src/node.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { interleaved } from "./peers.ts";
import type { Figures } from "./sections.ts";

const rate = 16_000;
const pieceSeconds = 10;
/** Audio of one measurement, at least. */
const measuredSeconds = 600;
/** Measurements of recordings that are shorter than an hour; longer ones are measured once. */
const rounds = 5;

/** `lengths`: in seconds, from the shortest to the longest. */
export async function benchGrowth(
  path: string,
  lengths: readonly number[] = [60, 600, 3600, 7200],
): Promise<Figures> {
  const { samples } = await loadAudio("fixtures/audio/demo/zh-long.wav");
  const piece = Int16Array.from(samples.subarray(0, pieceSeconds * rate), (value) => value * 32_768);
  using model = await load(path, { backend: "wasm", threads: 1 });
  /** Processor seconds for each second of audio. */
  const costOf = async (seconds: number): Promise<number> => {
    const recording = new Int16Array(seconds * rate);
    for (let at = 0; at < recording.length; at += piece.length) recording.set(piece, at);
    const times = Math.ceil(measuredSeconds / seconds);
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++)
      await model.transcribe(recording, { chunk: { seconds: pieceSeconds, cut: "fixed", overlap: 0 } });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6 / (seconds * times);
  };
  await costOf(pieceSeconds); // warms up
  const figures: { [name: string]: number } = {};
  for (const seconds of lengths) {
    const { short, long } = await interleaved(seconds < 3600 ? rounds : 1, {
      short: () => costOf(pieceSeconds),
      long: () => costOf(seconds),
    });
    figures[`growth.${seconds}s.secondsPerSecond`] = long;
    figures[`growth.${seconds}s.ratio`] = long / short;
  }
  return figures;
}
