/**
 * Reads NIST's CTM (sclite's manual: `<file> <channel> <begin> <duration> <word> [<confidence>]`, sorted by file, channel
 * and time) and RTTM (Rich Transcription 2009's plan: ten fields, `<NA>` for what is not known). In both `;;` begins a
 * comment and blanks separate. Written without a look at the writers; throws on what the formats do not allow.
 */
interface CtmWord {
  readonly file: string;
  readonly channel: string;
  readonly start: number;
  readonly duration: number;
  readonly word: string;
  readonly confidence: number | undefined;
}

export function parseCtm(text: string): CtmWord[] {
  const words = rows(text).map((fields): CtmWord => {
    if (fields.length !== 5 && fields.length !== 6)
      throw new Error(`${fields.length} fields: ${fields.join(" ")}`);
    const [file = "", channel = "", start = "", duration = "", word = "", confidence] = fields;
    const sure = confidence === undefined ? undefined : number(confidence);
    if (sure !== undefined && (sure < 0 || sure > 1)) throw new Error(`confidence ${sure}`);
    return { file, channel, start: number(start), duration: number(duration), word, confidence: sure };
  });
  for (const [i, { start }] of words.entries()) {
    if (start < (words[i - 1]?.start ?? 0)) throw new Error(`word ${i} begins before the one before it`);
  }
  return words;
}

interface RttmTurn {
  readonly type: string;
  readonly file: string;
  readonly channel: string;
  readonly start: number;
  readonly duration: number;
  readonly orthography: string;
  readonly subtype: string;
  readonly speaker: string;
}

export function parseRttm(text: string): RttmTurn[] {
  return rows(text).map((fields) => {
    if (fields.length !== 10) throw new Error(`${fields.length} fields: ${fields.join(" ")}`);
    const [type = "", file = "", channel = "", start = "", duration = ""] = fields;
    const [orthography = "", subtype = "", speaker = ""] = fields.slice(5);
    if (type !== "SPEAKER") throw new Error(`a line of type ${type}`);
    const time = { start: number(start), duration: number(duration) };
    return { type, file, channel, ...time, orthography, subtype, speaker };
  });
}

const rows = (text: string): string[][] => {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  const lines = text.split("\n").slice(0, -1);
  return lines.filter((line) => !line.startsWith(";;")).map((line) => line.trim().split(/[ \t]+/u));
};

function number(field: string): number {
  if (!/^\d+(?:\.\d+)?$/u.test(field)) throw new Error(`${field} is no time`);
  return Number(field);
}
