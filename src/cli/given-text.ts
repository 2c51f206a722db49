/** The text to align, from a file: plain, SubRip, WebVTT, or our JSON. Its lines or cues are kept as parts. */
import { extname } from "node:path";
import { UsageError } from "../errors.ts";
import { readText } from "../adapters/node/text-file.ts";

interface GivenText {
  /** The lines, cues or segments in order, trimmed. */
  readonly parts: readonly string[];
  /** Whether the parts are cues, which stay as they are. */
  readonly cues: boolean;
}

/** Throws `bad_option` for a file without text. */
export async function readGivenText(path: string): Promise<GivenText> {
  const content = (await readText(path)).replace(/^\uFEFF/u, "").replaceAll(/\r\n?/gu, "\n");
  const extension = extname(path).toLowerCase();
  const cues = extension === ".srt" || extension === ".vtt";
  const written = cues
    ? cuesOf(content, extension === ".vtt")
    : extension === ".json"
      ? segmentsOf(content, path)
      : content.split("\n");
  const parts = written.map((part) => part.replaceAll(/\s+/gu, " ").trim()).filter((part) => part !== "");
  if (parts.length === 0) throw new UsageError("bad_option", path, "no text", { wanted: "a text to align" });
  return { parts, cues };
}

/** The line of a cue's times. An arrow alone may be text. */
const TIMES = /^\s*(?:\d+:)?\d+:\d+[.,]\d+\s*-->/u;
const MARKUP = /<[^<>]*>|\{\\[^{}]*\}/gu;
const REFERENCES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  lrm: "",
  rlm: "",
};

/**
 * The text of each cue, without formatting tags. In WebVTT, what has no times is a header, a style or a comment; in
 * SubRip it is text behind an empty line.
 */
function cuesOf(content: string, isVtt: boolean): string[] {
  return content.split(/\n{2,}/u).map((block) => {
    const lines = block.split("\n");
    const times = lines.findIndex((line) => TIMES.test(line));
    if (isVtt && times < 0) return "";
    const plain = lines.slice(times + 1).map((line) => line.replaceAll(MARKUP, "").trim());
    const { text } = joinParts(plain.filter((line) => line !== ""));
    return isVtt ? text.replaceAll(/&(\w+);/gu, (whole, name: string) => REFERENCES[name] ?? whole) : text;
  });
}

/** The texts of the segments, or else the whole text, of JSON as `-oj` writes it. */
function segmentsOf(content: string, path: string): string[] {
  const refuse = (found: string, cause?: unknown): UsageError =>
    new UsageError("bad_option", path, found, {
      wanted: "an object with a text, or with segments that have one",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw refuse("not JSON", cause);
  }
  const { text, segments } = (value ?? {}) as { readonly text?: unknown; readonly segments?: unknown };
  const texts: unknown[] = Array.isArray(segments)
    ? segments.map((segment) => (segment as { readonly text?: unknown } | null)?.text)
    : [text];
  if (!texts.every((one) => typeof one === "string")) throw refuse("JSON without texts");
  return texts;
}

export interface JoinedText {
  readonly text: string;
  /** The code points [from, to) of each part. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Po}]/u;

/** Joins the parts with spaces, but without one between two characters of scripts that use none. */
export function joinParts(parts: readonly string[]): JoinedText {
  const spans: { from: number; to: number }[] = [];
  const pieces: string[] = [];
  let length = 0;
  let last = ""; // the last character of the text so far
  for (const part of parts) {
    const normal = part.normalize("NFC");
    const characters = Array.from(normal);
    const tight = IDEOGRAPH.test(last) && IDEOGRAPH.test(characters[0] ?? "，");
    if (length > 0 && !tight) {
      pieces.push(" ");
      length++;
    }
    spans.push({ from: length, to: length + characters.length });
    pieces.push(normal);
    length += characters.length;
    last = characters.at(-1) ?? last;
  }
  return { text: pieces.join(""), spans };
}
