/** Rows of SenseVoice's query table, which every checkpoint has in this order. FunASR's SenseVoiceSmall. */

export const eventQuery = 1;
export const emotionQuery = 2;
export const languageQueries = { auto: 0, zh: 3, en: 4, yue: 7, ja: 11, ko: 12, nospeech: 13 } as const;
/** With and without inverse text normalization: digits, punctuation, capitals. */
export const styleQueries = { withitn: 14, woitn: 15 } as const;

/** The rows of the languages as keys of files name them: `lang_zh`. */
export const languageKeys: readonly (readonly [key: string, row: number])[] = Object.entries(
  languageQueries,
).map(([language, row]) => [`lang_${language}`, row]);
