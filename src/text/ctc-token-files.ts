/**
 * The two text files with a CTC table, read into the base64 entries that {@link CtcTokens} takes:
 * `multilingual.tiktoken` of the checkpoint (the table only) and `tokens.txt` of the ONNX exports (every id,
 * special tokens and `<blk>` included). Both have one line for each token, "base64 id".
 */
import { ModelFormatError } from "../errors.ts";
import { CTC_SPECIALS } from "./ctc-tokens.ts";

const SPACE = "IA=="; // a line of tokens.txt without a first field stands for a space

export function parseTiktoken(text: string, where = "multilingual.tiktoken"): string[] {
  return parseLines(text, where);
}

export function parseTokensTxt(text: string, where = "tokens.txt"): string[] {
  const entries = parseLines(text, where);
  if (entries.length <= CTC_SPECIALS)
    throw bad(
      where,
      `${entries.length} lines`,
      `more than ${CTC_SPECIALS}: the table and the special tokens`,
    );
  return entries.slice(0, entries.length - CTC_SPECIALS);
}

function parseLines(text: string, where: string): string[] {
  const lines = text.split(/\r?\n/u).filter((line) => line.trim() !== "");
  const entries: string[] = [];
  for (const [index, line] of lines.entries()) {
    const fields = line.trim().split(/\s+/u);
    const [token, rank] = fields.length === 1 ? [SPACE, fields[0]] : fields;
    if (fields.length > 2 || token === undefined || rank !== String(index))
      throw bad(
        where,
        `line ${index + 1} is ${JSON.stringify(line.slice(0, 80))}`,
        `base64 and the id ${index}`,
      );
    entries.push(token);
  }
  return entries;
}

function bad(where: string, found: string, wanted: string): ModelFormatError {
  return new ModelFormatError("bad_tokenizer", where, found, { wanted });
}
