/** What must not be in an output file: controls that a terminal, a player or a spreadsheet would obey. */

/** C0 and C1 without white space, and what turns the direction of writing (marks such as U+200E stay). */
const CONTROLS = /(?!\s)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

export function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS, "");
}

/** The text on one line, for rows of tables, tiers and cues. */
export function oneLine(text: string): string {
  return withoutControls(text).replaceAll(/\s+/gu, " ").trim();
}

/** What players take for a tag: whatever is in angle brackets, over lines too, and the beginning of one. */
const TAG = /<[^<>]*>|<[\p{L}/!?]/u;
/** An arrow in a cue's text would end the cue for some readers; however long, it becomes a short one. */
const ARROW = /(?<!-)-{2,}>/gu;

/** SubRip cannot escape: brackets of tags and of SubStation's codes become similar ones. */
export function forSubRip(text: string): string {
  const plain = text.replaceAll(ARROW, "->").replaceAll("{", "(").replaceAll("}", ")");
  return TAG.test(plain) ? plain.replaceAll("<", "‹").replaceAll(">", "›") : plain;
}

export function forWebVtt(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Square brackets are tags in LRC, and cannot be escaped: they become round. */
export function forLyrics(text: string): string {
  return text.replaceAll("[", "(").replaceAll("]", ")");
}

/** What spreadsheets read as the beginning of a formula. */
const FORMULA = /^[=+\-@＝＋－＠]/u;

/** A cell that spreadsheets show as it is written: an apostrophe before it marks text. */
export function asText(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}
