/** The language of a text, for replies that state one. */
import type { Transcription } from "../longform/result.ts";
import { findLanguage, MLT_LANGUAGES } from "../text/languages.ts";

type Language = (typeof MLT_LANGUAGES)[number];

/** What the client said it is, or what the model found. */
export function namedLanguage(
  { segments }: Pick<Transcription, "segments">,
  asked: string | undefined,
): Language | undefined {
  const found = segments.find(({ tags }) => tags?.language !== undefined)?.tags?.language;
  try {
    return findLanguage(asked) ?? findLanguage(found);
  } catch {
    return undefined; // a tag of the model that is no language
  }
}

/** Scripts of one language, the first that fits. Latin letters belong to many; most texts in them are English. */
const scripts: readonly (readonly [RegExp, string])[] = [
  [/[\p{sc=Hira}\p{sc=Kana}]/u, "ja"],
  [/\p{sc=Hang}/u, "ko"],
  [/\p{sc=Han}/u, "zh"],
  [/\p{sc=Thai}/u, "th"],
  [/\p{sc=Arab}/u, "ar"],
  [/\p{sc=Deva}/u, "hi"],
  [/\p{sc=Grek}/u, "el"],
  [/\p{sc=Latn}/u, "en"],
];

/** The likely language of a text, by its letters. */
export function languageIn(text: string): Language | undefined {
  const code = scripts.find(([script]) => script.test(text))?.[1];
  return MLT_LANGUAGES.find((language) => language.code === code);
}
