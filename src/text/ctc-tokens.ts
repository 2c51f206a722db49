/**
 * The vocabulary of the CTC head: a tiktoken table of byte strings, then 1,679 special tokens that no file lists.
 * Their order is that of SenseVoice's Whisper-like tokenizer (`whisper_lib/tokenizer.py`); the last timestamp
 * doubles as the CTC blank. Special strings in a text are ordinary text here, as upstream.
 */
import { ModelFormatError } from "../errors.ts";
import { bytePairEncode } from "./bpe.ts";
import { decodeUtf8 } from "./utf8-stream.ts";

/** Whisper's 99 languages in Whisper's order, then what SenseVoice added. */
const LANGUAGES =
  "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la " +
  "mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be " +
  "tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue minnan wuyu dialect " +
  "zh/en en/zh";
const EVENTS = "ASR AED SER Speech /Speech BGM /BGM Laughter /Laughter Applause /Applause";
const EMOTIONS = "HAPPY SAD ANGRY NEUTRAL";
const TASKS = "translate transcribe startoflm startofprev nospeech notimestamps";
const RESERVED = 50;
const TIMESTAMPS = 1501; // 0.00, 0.02 … 30.00 s

/** Names of the special tokens without their `<|` and `|>`, in id order. */
const SPECIALS: readonly string[] = [
  ..."endoftext startoftranscript".split(" "),
  ...[LANGUAGES, EVENTS, EMOTIONS, TASKS].flatMap((names) => names.split(" ")),
  ...Array.from({ length: RESERVED }, (_, i) => `SPECIAL_TOKEN_${i + 1}`),
  ...Array.from({ length: TIMESTAMPS }, (_, i) => (i * 0.02).toFixed(2)),
];

/** How many ids follow those of the table. */
export const CTC_SPECIALS = SPECIALS.length;

/** GPT-2's pattern: contractions | letters | numbers | other characters, each with one space before | spaces. */
const PIECES =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

interface CtcTokensConfig {
  /** Base64 of each entry's bytes, in rank order; the special tokens are implicit. */
  readonly table: readonly string[];
  /** Rows of the CTC head; the table and the special tokens by default. */
  readonly vocabSize?: number | undefined;
  /** The last row by default. */
  readonly blankId?: number | undefined;
}

export class CtcTokens {
  readonly size: number;
  readonly blankId: number;
  /** The first id that `decode` drops. */
  readonly firstTimestamp: number;
  readonly #entries: readonly string[]; // byte strings: one character for each byte
  readonly #rankOf = new Map<string, number>();
  readonly #where: string;

  constructor({ table, vocabSize, blankId }: CtcTokensConfig, where = "ctc.tokens") {
    this.#where = where;
    this.#entries = table.map((text, rank) => this.#readEntry(text, rank));
    this.size = table.length + CTC_SPECIALS;
    this.firstTimestamp = this.size - TIMESTAMPS;
    this.blankId = blankId ?? this.size - 1;
    if (vocabSize !== undefined && vocabSize !== this.size)
      throw this.#bad(
        `${table.length} entries and ${CTC_SPECIALS} special tokens for ${vocabSize} rows`,
        `${vocabSize - CTC_SPECIALS} entries`,
      );
    if (!(Number.isInteger(this.blankId) && this.blankId >= 0 && this.blankId < this.size))
      throw this.#bad(`blank id ${this.blankId}`, `0 to ${this.size - 1}`);
    for (let byte = 0; byte < 256; byte++) {
      if (!this.#rankOf.has(String.fromCharCode(byte)))
        throw this.#bad(`no entry stands for byte ${byte}`, "all 256 bytes");
    }
  }

  /** The id of a special token by its name, for example `<|nospeech|>`. */
  id(name: string): number {
    const index = SPECIALS.indexOf(name.slice(2, -2));
    if (index < 0 || name !== `<|${SPECIALS[index]}|>`)
      throw this.#bad(`there is no token ${name}`, "a special token of the model");
    return this.#entries.length + index;
  }

  /** The bytes of a token; empty for timestamps, blank and ids outside the vocabulary. */
  bytes(id: number): Uint8Array {
    if (!(Number.isInteger(id) && id >= 0 && id < this.firstTimestamp)) return new Uint8Array(0);
    const entry = this.#entries[id] ?? `<|${SPECIALS[id - this.#entries.length]}|>`;
    return Uint8Array.from(entry, (character) => character.charCodeAt(0));
  }

  /** The text of all tokens; their bytes are joined first, since one character may span several. */
  decode(ids: Iterable<number>): string {
    return decodeUtf8([...ids].map((id) => this.bytes(id)));
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (const [piece] of text.matchAll(PIECES)) {
      const bytes = byteString(piece);
      const whole = this.#rankOf.get(bytes); // a whole entry is used even where no sequence of merges gives it
      const symbols =
        whole === undefined ? bytePairEncode(bytes, (l, r) => this.#rankOf.get(l + r)) : [bytes];
      for (const symbol of symbols) ids.push(this.#rankOf.get(symbol) as number);
    }
    return ids;
  }

  #readEntry(text: string, rank: number): string {
    if (text === "" || !/^[A-Za-z0-9+/]*={0,2}$/u.test(text) || text.length % 4 !== 0)
      throw this.#bad(`entry ${rank} is ${JSON.stringify(text.slice(0, 80))}`, "base64");
    const bytes = atob(text);
    const other = this.#rankOf.get(bytes);
    if (other !== undefined)
      throw this.#bad(`entries ${other} and ${rank} are both ${text.slice(0, 80)}`, "each entry once");
    this.#rankOf.set(bytes, rank);
    return bytes;
  }

  #bad(found: string, wanted: string): ModelFormatError {
    return new ModelFormatError("bad_tokenizer", this.#where, found, { wanted });
  }
}

const utf8 = new TextEncoder();
const ASCII = /^[\0-\x7f]*$/u;

/** The UTF-8 bytes of `text`, one character for each. */
function byteString(text: string): string {
  if (ASCII.test(text)) return text;
  let out = "";
  for (const byte of utf8.encode(text)) out += String.fromCharCode(byte);
  return out;
}
