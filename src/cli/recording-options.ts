/** The flags of commands that take recordings of any length: which part of them, and how they are cut. */
import { Option } from "commander";
import type { Command } from "commander";
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from "../audio/limits.ts";
import { cutKinds } from "../longform/plan.ts";
import type { TranscribeOptions } from "../transcriber/transcriber.ts";
import { nonNegative, numberWithin, wholeNumber } from "./parse.ts";

export interface RecordingFlags {
  readonly offsetT?: number;
  readonly duration?: number;
  readonly pcm?: number;
  readonly chunkSeconds?: number;
  readonly overlap?: number;
  readonly pause?: number;
  readonly cut?: (typeof cutKinds)[number];
  readonly vad?: string;
}

export function recordingOptions(command: Command): Command {
  return command
    .option("--offset-t <ms>", "(-ot) begin so many milliseconds into the recording", nonNegative)
    .option("-d, --duration <ms>", "transcribe so many milliseconds of it", numberWithin(1, Infinity))
    .option(
      "--pcm <rate>",
      "the input is bare 16-bit little-endian mono samples at this rate",
      wholeNumber(MIN_SAMPLE_RATE, MAX_SAMPLE_RATE),
    )
    .option(
      "--chunk-seconds <seconds>",
      "longest stretch that is recognized at once (default: 30)",
      numberWithin(1, 600),
    )
    .option("--overlap <seconds>", "what two stretches share where speech is cut (default: 2)", nonNegative)
    .option(
      "--pause <seconds>",
      "quiet that ends a stretch of a longer recording (default: 0.8)",
      numberWithin(0.1, 600),
    )
    .addOption(
      new Option("--cut <where>", "where longer recordings are cut (default: quiet; vad with --vad)").choices(
        cutKinds,
      ),
    )
    .option("--vad <file>", "a detector of speech (fsmn-vad GGUF) to cut longer recordings by");
}

export function recordingRules(flags: RecordingFlags): TranscribeOptions {
  const { offsetT, duration, chunkSeconds: seconds, overlap, pause, cut } = flags;
  return {
    start: offsetT === undefined ? undefined : offsetT / 1000,
    duration: duration === undefined ? undefined : duration / 1000,
    chunk: { seconds, overlap, pause, cut },
  };
}
