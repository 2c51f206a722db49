/** Times in a result, as far as they were asked for. */
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { Recognition, RecognizeOptions, TimedText } from "./recognizer.ts";

export interface TimeMakers {
  /** The labels, as FunASR times them. */
  readonly characters: () => readonly TimedText[];
  /** The characters of the written text. */
  readonly units: () => readonly TimedUnit[];
}

export function wantsTimes({ timestamps = "none" }: RecognizeOptions): boolean {
  return timestamps !== "none";
}

export function withTimes(
  { timestamps = "none" }: RecognizeOptions,
  make: TimeMakers,
): Pick<Recognition, "characters" | "units" | "words"> {
  if (timestamps === "none") return {};
  if (timestamps === "character") return { characters: make.characters() };
  const units = make.units();
  return { units, words: toWords(units) };
}
