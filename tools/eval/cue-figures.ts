/**
 * Figures of subtitles against what style guides ask for, taken from a SubRip file alone, so that files of other programs
 * can be measured as well. Speeds count all
 * characters of a cue, a line break as one; where Chinese, Japanese or Korean is limited, narrow ones count as half.
 */

interface Subtitle {
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Numbers of cues, except where the name states another unit. */
type CueFigures = Readonly<Record<string, number>>;

const BLOCK = /^\d+\n(\d+):(\d\d):(\d\d),(\d{3}) --> (\d+):(\d\d):(\d\d),(\d{3})\n([^]*)$/u;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/gu;
/** English articles and prepositions, which belong to the words after them. */
const LEANS = new Set(
  (
    "a an the about above across after against along among around at before behind below beside between beyond by " +
    "down during for from in inside into near of off on onto out outside over past since through to toward towards under " +
    "until up upon with within without"
  ).split(" "),
);
const SENTENCE = /[.。!！?？…][\p{Pe}\p{Pf}"'”’]*$/u;
const CLAUSE = /[,，、;；:：—–-][\p{Pe}\p{Pf}"'”’]*$/u;
const STOPS = /[.。](?!\d)/gu;
/** Seconds of two frames at 25 frames a second. */
const TWO_FRAMES = 0.08;

export function readSubRip(content: string): Subtitle[] {
  return content
    .trim()
    .split("\n\n")
    .map((block) => BLOCK.exec(block))
    .filter((match) => match !== null)
    .map((match) => {
      const at = (first: number): number =>
        ((Number(match[first]) * 60 + Number(match[first + 1])) * 60 + Number(match[first + 2])) * 1000 +
        Number(match[first + 3]);
      return { start: at(1), end: at(5), lines: match[9]!.trim().split("\n") };
    });
}

/** `spoken` is the transcript, where it is known; its letters and its stops are counted against those of the cues. */
export function cueFigures(cues: readonly Subtitle[], spoken?: string): CueFigures {
  const of = (holds: (cue: Subtitle, i: number) => boolean): number => cues.filter(holds).length;
  const text = cues.map(textOf).join("\n");
  return {
    cues: cues.length,
    "of two lines or more": of(({ lines }) => lines.length > 1),
    "of a single word": of((cue) => !isCjk(cue) && !/\s/u.test(textOf(cue))),
    "of a single CJK character": of((cue) => isCjk(cue) && letters(textOf(cue)).length === 1),
    "end on an article or preposition": of(({ lines }) => leans(lines.at(-1)!)),
    "end within a CJK word": of((cue, i) => splitsWord(textOf(cue), cues[i + 1])),
    "end with a sentence": of((cue) => SENTENCE.test(textOf(cue))),
    "end with a clause": of((cue) => CLAUSE.test(textOf(cue))),
    "lines end on an article or preposition": count(cues, leans),
    "lines of more than 42 columns, 18 CJK": count(
      cues,
      (line, cue) => widthOf(line) > (isCjk(cue) ? 36 : 42),
    ),
    "under 0.7 s": of((cue) => seconds(cue) < 0.7),
    "under 0.8 s": of((cue) => seconds(cue) < 0.8),
    "over 7 s": of((cue) => seconds(cue) > 7),
    "above 20 characters a second": of((cue) => speed(cue) > 20),
    "above 17 characters a second, 9 CJK": of((cue) => (isCjk(cue) ? wideSpeed(cue) > 9 : speed(cue) > 17)),
    "gaps under two frames": of((cue, i) => gap(cue, cues[i + 1]) < TWO_FRAMES),
    overlaps: of((cue, i) => gap(cue, cues[i + 1]) < 0),
    ...(spoken === undefined
      ? {}
      : {
          "letters lost, of the whole text": letters(spoken).length - letters(text).length,
          "stops lost, of the whole text": stops(spoken) - stops(text),
        }),
  };
}

const textOf = ({ lines }: Subtitle): string => lines.join("\n");
const isCjk = (cue: Subtitle): boolean => CJK.test(textOf(cue));
const seconds = ({ start, end }: Subtitle): number => (end - start) / 1000;
const speed = (cue: Subtitle): number => Array.from(textOf(cue)).length / seconds(cue);
const wideSpeed = (cue: Subtitle): number => widthOf(cue.lines.join(" ")) / 2 / seconds(cue);
const gap = ({ end }: Subtitle, next: Subtitle | undefined): number =>
  next === undefined ? Infinity : (next.start - end) / 1000;
const letters = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, "");
const stops = (text: string): number => text.match(STOPS)?.length ?? 0;
const widthOf = (line: string): number => Array.from(line).length + (line.match(WIDE)?.length ?? 0);

function count(cues: readonly Subtitle[], holds: (line: string, cue: Subtitle) => boolean): number {
  return cues.reduce((sum, cue) => sum + cue.lines.filter((line) => holds(line, cue)).length, 0);
}

/** Whether the last word of a line is one that leans, with or without punctuation behind it. */
function leans(line: string): boolean {
  return LEANS.has(
    line
      .split(" ")
      .at(-1)!
      .replaceAll(/[^\p{L}]/gu, "")
      .toLowerCase(),
  );
}

/** Whether a word of the dictionary goes on in the next cue. */
function splitsWord(text: string, next: Subtitle | undefined): boolean {
  const following = next === undefined ? "" : textOf(next);
  if (!CJK.test(text.slice(-1)) || !CJK.test(following.charAt(0))) return false;
  const words = new Intl.Segmenter("zh", { granularity: "word" }).segment(text + following);
  return words.containing(text.length)?.index !== text.length;
}
