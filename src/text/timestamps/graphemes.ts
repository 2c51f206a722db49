/**
 * What must not be cut inside: grapheme clusters, as `Intl.Segmenter` finds them, and what is written as one sign but
 * is several clusters. The latter are a consonant stacked below another one (Khmer, Burmese; a cluster only since
 * Unicode 16), a Thai or Lao vowel that is written before its consonant, and what may not begin a line in Japanese
 * (UAX #14, classes CJ and NS): small kana, the long sound ー and iteration marks.
 */

/** Texts without any of these have no cluster of several letters, or only letters of one word. */
const COMPOUND =
  /[\p{M}\p{Logical_Order_Exception}\p{Extended_Pictographic}\u200c\u0e33\u0eb3\uff9e\uff9f]|\u200d/u;
const SMALL_KANA = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ\u31f0-\u31ffｧ-ｯ"; // also those of Ainu and of half width
const ITERATION = "々〻ゝゞヽヾ";
const NEVER_FIRST = new RegExp(`^[ーｰﾞﾟ${SMALL_KANA}${ITERATION}]$`, "u");
const JAPANESE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ーｰﾞﾟ]/u;
/** Signs that stack the next consonant: Khmer, Burmese. */
const STACKS = /[\u17d2\u1039]$/u;
const BEFORE_CONSONANT = /^\p{Logical_Order_Exception}$/u;
const LETTER = /^\p{L}/u;

/** For each character (a code point of a text) whether it must stay with the one before it. */
export function staysWithPrevious(characters: readonly string[]): boolean[] {
  const text = characters.join("");
  const starts = COMPOUND.test(text) ? clusterStarts(text) : undefined;
  let at = 0;
  return characters.map((character, i) => {
    const offset = at;
    at += character.length;
    const before = characters[i - 1];
    if (before === undefined) return false;
    if (starts?.has(offset) === false) return true;
    if (NEVER_FIRST.test(character)) return JAPANESE.test(before);
    return LETTER.test(character) && (STACKS.test(before) || BEFORE_CONSONANT.test(before));
  });
}

/** The offsets in the string at which a grapheme cluster begins. */
export function clusterStarts(text: string, segmenter = ownSegmenter()): ReadonlySet<number> {
  if (segmenter !== undefined) return new Set(Array.from(segmenter.segment(text), ({ index }) => index));
  return new Set(Array.from(text.matchAll(CLUSTER), ({ index }) => index));
}

/** Without `Intl.Segmenter`: a character and its marks; a joiner takes the next character, too. */
const CLUSTER =
  /[^](?:[\p{M}\u200c\uff9e\uff9f\p{Emoji_Modifier}\u0e33\u0eb3]|\u200d\p{Extended_Pictographic}?)*/gu;

/** Undefined where the engine has none, as Firefox before version 125. */
function ownSegmenter(): Intl.Segmenter | undefined {
  const { Segmenter } = Intl as { readonly Segmenter?: typeof Intl.Segmenter };
  return Segmenter === undefined ? undefined : new Segmenter("und", { granularity: "grapheme" });
}
