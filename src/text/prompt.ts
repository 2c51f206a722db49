/**
 * The ChatML prompt around the audio: the text before the audio embeddings and the text after them.
 *
 * `official` is FunASR's `get_prompt` and `generate_chatml`. Its template has a place for context, which upstream
 * always leaves empty and which is filled here when a context is given. `fun-asr-gguf` is the wording of that project:
 * a header only with a context, a hotword line only with hotwords.
 *
 * A user's words are plain text: `<|im_end|>` among the hotwords is its characters, never the token.
 */
import { checkValues } from "../options/check.ts";
import { promptOptions } from "../options/table.ts";
import { findLanguage } from "./languages.ts";
import type { QwenTokenizer } from "./qwen-tokenizer.ts";

type PromptStyle = "official" | "fun-asr-gguf";

export interface PromptOptions {
  /** Name or code of the spoken language; "auto" or nothing leaves the choice to the model. */
  readonly language?: string | undefined;
  /** A name of the language that goes into the prompt unchanged ("四川话"), instead of `language`. */
  readonly languageText?: string | undefined;
  /** Words that may be spoken, best first. */
  readonly hotwords?: readonly string[] | undefined;
  /** What the recording is about. */
  readonly context?: string | undefined;
  /** Inverse text normalization: write "2026" for "twenty twenty-six". On by default. */
  readonly itn?: boolean | undefined;
  readonly promptStyle?: PromptStyle | undefined;
}

/** A control token and the plain text that follows it. */
interface Turn {
  readonly special: string;
  readonly text: string;
}

interface Prompt {
  /** The text before the audio embeddings. */
  readonly prefix: string;
  /** The text after them. */
  readonly suffix: string;
}

interface PromptIds {
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
}

const TASK = "请结合上下文信息，更加准确地完成语音转写任务。";
const EMPTY_CONTEXT = "如果没有相关信息，我们会留空。";

/** The user's line: task, language and hotwords. */
export function userPrompt(options: PromptOptions): string {
  const { context = "", itn = true, promptStyle = "official" } = options;
  checkValues({ promptStyle }, promptOptions);
  const hotwords = (options.hotwords ?? []).map((word) => word.trim()).filter((word) => word !== "");
  const about = context.trim();
  const official = promptStyle === "official";

  const header = official ? hotwords.length > 0 || about !== "" : about !== "";
  let text = header ? `${TASK}${official ? EMPTY_CONTEXT : ""}\n\n\n**上下文信息：**${about}\n\n\n` : "";
  if (hotwords.length > 0) text += `热词列表：[${hotwords.join(", ")}]\n`;
  const language = options.languageText ?? findLanguage(options.language)?.name;
  text += language === undefined ? "语音转写" : `语音转写成${language}`;
  return `${text}${itn ? "" : "，不进行文本规整"}：`;
}

function prefixTurns(user: string): Turn[] {
  return [
    { special: "<|im_start|>", text: "system\nYou are a helpful assistant." },
    { special: "<|im_end|>", text: "\n" },
    { special: "<|im_start|>", text: `user\n${user}` },
  ];
}

const SUFFIX_TURNS: readonly Turn[] = [
  { special: "<|im_end|>", text: "\n" },
  { special: "<|im_start|>", text: "assistant\n" },
];

/** The two strings, for reading. */
export function prompt(options: PromptOptions): Prompt {
  return { prefix: write(prefixTurns(userPrompt(options))), suffix: write(SUFFIX_TURNS) };
}

function write(turns: readonly Turn[]): string {
  return turns.map(({ special, text }) => special + text).join("");
}

/** The two strings as tokens. Prefix and suffix are tokenized separately, as upstream does at its speech marker. */
export function promptIds(tokenizer: QwenTokenizer, options: PromptOptions): PromptIds {
  const tokenize = (turns: readonly Turn[]): number[] =>
    turns.flatMap(({ special, text }) => [
      tokenizer.id(special),
      ...tokenizer.encode(text, { specials: false }),
    ]);
  return { prefix: tokenize(prefixTurns(userPrompt(options))), suffix: tokenize(SUFFIX_TURNS) };
}
