/** Values of flags that their rules alone cannot read. What is refused throws `bad_option`; `flag` is its name, for the message. */
import { refuse } from "../../options/parse.ts";

/** Words separated by commas. */
export function words(text: string): string[] {
  return text
    .split(/[,，]/u)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** `3-7` and `3`: the half-open range [from, to) that ends after the last number. */
export function range(text: string, flag: string): readonly [number, number] {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/u.exec(text) ?? [];
  if (from === undefined || Number(from) > Number(to)) refuse(flag, text, "a number, or FROM-TO");
  return [Number(from), Number(to) + 1];
}

/** `0,3`: whole numbers separated by commas; or the word `each`. */
export function indicesOrEach(text: string, flag: string): readonly number[] | "each" {
  if (text === "each") return text;
  return words(text).map((word) => {
    if (/^\d{1,9}$/u.test(word)) return Number(word);
    return refuse(flag, text, "numbers separated by commas, or each");
  });
}
