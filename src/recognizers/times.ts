/** Times in a result, as far as they were asked for. */
import { CtcUnavailableError, UsageError } from "../errors.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { toWords } from "../text/timestamps/words.ts";
import type { Recognition, RecognizeOptions, TimedText } from "./recognizer.ts";

export const ALIGN_METHODS = ["ctc-forced", "text"] as const;

export interface AlignMethod {
  /**
   * `ctc-forced`: the text's own characters through the CTC posteriors; `text`: by comparing it with the draft, as
   * Fun-ASR-GGUF does (the only way for Paraformer and SenseVoice).
   */
  readonly method?: (typeof ALIGN_METHODS)[number] | undefined;
  /** Seconds that are added to every time; none falls below 0. Fun-ASR-GGUF uses -0.03, later -0.24. */
  readonly offset?: number | undefined;
}

/** For a model whose only times are those of its own text: an alignment compares with it. Throws `ctc_unavailable`. */
export function checkTextAlign(align: AlignMethod, source: string): { readonly offset: number } {
  const { offset } = checkAlign(align);
  if (align.method === "ctc-forced") {
    throw new CtcUnavailableError(source, "the method ctc-forced", {
      remedy: "The method text compares the text with what the model writes itself",
    });
  }
  return { offset };
}

/** The values in use. Throws `bad_option`. */
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

export interface TimeMakers {
  /** The labels, as FunASR times them. */
  readonly characters: () => readonly TimedText[] | Promise<readonly TimedText[]>;
  /** The characters of the written text. */
  readonly units: () => readonly TimedUnit[] | Promise<readonly TimedUnit[]>;
}

export function wantsTimes({ timestamps = "none" }: RecognizeOptions): boolean {
  return timestamps !== "none";
}

export async function withTimes(
  { timestamps = "none" }: RecognizeOptions,
  make: TimeMakers,
): Promise<Pick<Recognition, "tokenTimes" | "characters" | "words">> {
  if (timestamps === "none") return {};
  if (timestamps === "token") return { tokenTimes: await make.characters() };
  const units = await make.units();
  return { characters: units, words: toWords(units) };
}
