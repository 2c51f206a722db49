/**
 * SenseVoice's pieces to text, and the content of its tags: language, emotion, event, and whether the text is in written
 * form. Also the text with its tags as emoji, as FunASR's rich_transcription_postprocess writes it. A tag is
 * recognized by its name, not by its position.
 */

export interface SpeechTags {
  /** Code of the spoken language: zh, en, yue, ja, ko, nospeech. */
  readonly language?: string;
  /** HAPPY, SAD, ANGRY, NEUTRAL, FEARFUL, DISGUSTED, SURPRISED or EMO_UNKNOWN. */
  readonly emotion?: string;
  /** The sound event: Speech, BGM, Applause, Laughter, … */
  readonly event?: string;
  /** Whether numbers and punctuation are written out. */
  readonly itn?: boolean;
}

const languages = new Set(["zh", "en", "yue", "ja", "ko", "nospeech"]);
const styles = new Map([
  ["withitn", true],
  ["woitn", false],
]);
const tagPattern = /<\|([^|<>]*)\|>/gu;

/** Joins pieces as SentencePiece does: `▁` is a space, except at the start. */
export function joinPieces(pieces: readonly string[]): string {
  return pieces.join("").replaceAll("▁", " ").replace(/^ /u, "");
}

export function isTag(piece: string): boolean {
  return piece.startsWith("<|") && piece.endsWith("|>");
}

/** The text without tags, and the first tag of each kind. */
export function readTags(tagged: string): { readonly text: string; readonly tags: SpeechTags } {
  const tags: { -readonly [name in keyof SpeechTags]: SpeechTags[name] } = {};
  for (const [, name = ""] of tagged.matchAll(tagPattern)) {
    if (languages.has(name)) tags.language ??= name;
    else if (styles.has(name)) tags.itn ??= styles.get(name) === true;
    else if (emotions.has(name) || name === "EMO_UNKNOWN") tags.emotion ??= name;
    else tags.event ??= name;
  }
  const text = tagged.replaceAll(tagPattern, "").replaceAll(/ {2,}/gu, " ");
  return { text: text.trim(), tags };
}

/** Among equals, the earlier one is chosen. */
const emotions = new Map([
  ["HAPPY", "😊"],
  ["SAD", "😔"],
  ["ANGRY", "😡"],
  ["NEUTRAL", ""],
  ["FEARFUL", "😰"],
  ["DISGUSTED", "🤢"],
  ["SURPRISED", "😮"],
]);
/** In the order in which they are written before the text. */
const events = new Map([
  ["BGM", "🎼"],
  ["Speech", ""],
  ["Applause", "👏"],
  ["Laughter", "😀"],
  ["Cry", "😭"],
  ["Sneeze", "🤧"],
  ["Breath", ""],
  ["Cough", "🤧"],
]);
const otherTags = ["EMO_UNKNOWN", "Sing", "Speech_Noise", "withitn", "woitn", "GBG", "Event_UNK"];
const emotionSigns = new Set([...emotions.values()].filter((sign) => sign !== ""));
const eventSigns = new Set(["🎼", "👏", "😀", "😭", "🤧", "😷"]);

/** For each part in one language, its events before it and its emotion after it; repetitions are written once. */
export function richText(tagged: string): string {
  const marked = tagged.replaceAll("<|nospeech|><|Event_UNK|>", "❓");
  const stretches = marked.split(/<\|(?:zh|en|yue|ja|ko|nospeech)\|>/u).map(withSigns);
  let rich = ` ${stretches[0]}`;
  let event = firstSign(rich);
  for (const stretch of stretches.slice(1)) {
    const sign = firstSign(stretch);
    const text = sign !== undefined && sign === event ? afterFirst(stretch) : stretch;
    if (text === "") continue;
    event = firstSign(text);
    const emotion = lastSign(text);
    if (emotion !== undefined && emotion === lastSign(rich)) rich = Array.from(rich).slice(0, -1).join("");
    rich += text.trim();
  }
  return rich.replaceAll("The.", " ").trim();
}

function withSigns(stretch: string): string {
  const counts = new Map<string, number>();
  let text = stretch;
  for (const name of [...emotions.keys(), ...events.keys(), ...otherTags]) {
    const parts = text.split(`<|${name}|>`);
    counts.set(name, parts.length - 1);
    text = parts.join("");
  }
  let emotion = "NEUTRAL";
  for (const name of emotions.keys()) if (counts.get(name)! > counts.get(emotion)!) emotion = name;
  for (const [name, sign] of events) if (counts.get(name)! > 0) text = sign + text;
  text += emotions.get(emotion);
  for (const sign of [...emotionSigns, ...eventSigns]) {
    text = text.replaceAll(` ${sign}`, sign).replaceAll(`${sign} `, sign);
  }
  return text.trim();
}

const afterFirst = (text: string): string => Array.from(text).slice(1).join("");

function firstSign(text: string): string | undefined {
  const sign = Array.from(text)[0];
  return sign !== undefined && eventSigns.has(sign) ? sign : undefined;
}

function lastSign(text: string): string | undefined {
  const sign = Array.from(text).at(-1);
  return sign !== undefined && emotionSigns.has(sign) ? sign : undefined;
}

/** A word, and its pieces. */
interface PieceWord {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Pieces to words: `▁` begins a word, and Latin letters continue one. As FunASR's SenseVoiceSmall.post, except that the
 * first piece is treated like all others (there it keeps its `▁` and is never continued).
 */
export function wordsOf(pieces: readonly string[]): PieceWord[] {
  const words: PieceWord[] = [];
  for (const [i, piece] of pieces.entries()) {
    const text = piece.replace(/^▁/u, "");
    if (text === "") continue;
    const before = words.at(-1);
    const goesOn = before !== undefined && text === piece && isLatin(before.text) && isLatin(text);
    if (goesOn) words[words.length - 1] = { text: before.text + text, first: before.first, last: i };
    else words.push({ text, first: i, last: i });
  }
  return words;
}

const isLatin = (text: string): boolean => /^[A-Za-z]+$/.test(text);
