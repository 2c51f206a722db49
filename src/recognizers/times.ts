/** The times of a result, as far as the options ask for them. */
import { CtcUnavailableError, UsageError } from "../errors.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { within } from "../text/timestamps/within.ts";
import { toWords } from "../text/timestamps/words.ts";
import { ALIGN_METHODS } from "./options.ts";
import type { AlignMethod, RecognizeOptions } from "./options.ts";
import type { TextTimes, TimedToken } from "./result.ts";

/** For a model that times only its own text, which a given text is then compared with. Throws `ctc_unavailable`. */
export function checkTextAlign(align: AlignMethod, source: string): { readonly offset: number } {
  const { offset } = checkAlign(align);
  if (align.method === "ctc-forced") {
    throw new CtcUnavailableError(source, "the method ctc-forced", {
      remedy: "Use the method text: it compares the text with the one that the model writes",
    });
  }
  return { offset };
}

/** The options with their defaults. Throws `bad_option`. */
export function checkAlign({ method = "ctc-forced", offset = 0 }: AlignMethod): {
  readonly method: (typeof ALIGN_METHODS)[number];
  readonly offset: number;
} {
  if (!ALIGN_METHODS.includes(method))
    throw new UsageError("bad_option", "align.method", JSON.stringify(method), {
      wanted: ALIGN_METHODS.join(" or "),
    });
  if (!(Math.abs(offset) <= 60))
    throw new UsageError("bad_option", "align.offset", String(offset), { wanted: "seconds, -60 to 60" });
  return { method, offset };
}

interface TimeMakers {
  /** The labels, as FunASR times them. */
  readonly tokens: () => readonly TimedToken[] | Promise<readonly TimedToken[]>;
  /** The characters of the written text. */
  readonly characters: () => readonly TimedUnit[] | Promise<readonly TimedUnit[]>;
}

export function wantsTimes({ timestamps = "none" }: RecognizeOptions): boolean {
  return timestamps !== "none";
}

export async function withTimes(
  { timestamps = "none" }: RecognizeOptions,
  make: TimeMakers,
): Promise<TextTimes> {
  if (timestamps === "none") return {};
  if (timestamps === "token") return { tokenTimes: await make.tokens() };
  const characters = await make.characters();
  return { characters, words: toWords(characters) };
}

/** The result with no time after `end`, where its audio ends, in seconds. */
export function timesWithin<Result extends TextTimes>(result: Result, end: number): Result {
  const { tokenTimes, characters, words } = result;
  const bounded = characters && within(characters, end);
  const same = bounded === characters;
  return {
    ...result,
    ...(tokenTimes === undefined ? {} : { tokenTimes: within(tokenTimes, end) }),
    ...(bounded === undefined ? {} : { characters: bounded }),
    ...(words === undefined
      ? {}
      : { words: bounded === undefined || same ? within(words, end) : toWords(bounded) }),
  };
}
