/** What a caller can ask of a recognizer, and the values that each option has. */
import type { DecodingOptions } from "../decoding/generate.ts";
import type { Hook } from "../nn/hook-point.ts";
import type { Hotwords } from "../text/hotwords/hotwords.ts";
import type { PromptOptions } from "../text/prompt.ts";

export type ProgressStage = "load" | "encode" | "ctc" | "prefill" | "generate" | "decode";

export interface Progress {
  readonly stage: ProgressStage;
  readonly done: number;
  /** For `generate`, the maximum. */
  readonly total: number;
  /** Of a recording that is recognized in windows: the number of the window, from 0. */
  readonly segment?: number;
  /** Where that window begins, in seconds of the recording. */
  readonly seconds?: number;
}

const SILENCE_GATES = ["level", "ctc", "off"] as const;
export const HOTWORD_SEARCHES = ["auto", "none", "draft", "ctc"] as const;
export const ALIGN_METHODS = ["ctc-forced", "text"] as const;

export interface AlignMethod {
  /**
   * `ctc-forced`: the text's own characters through the CTC posteriors; `text`: by comparison with the draft, as
   * Fun-ASR-GGUF does (the only way for Paraformer and SenseVoice).
   */
  readonly method?: (typeof ALIGN_METHODS)[number] | undefined;
  /** Seconds added to every time; no time falls below 0. Fun-ASR-GGUF uses -0.03, later -0.24. */
  readonly offset?: number | undefined;
}

export interface HotwordRequest {
  /** Words that are likely in the audio, best first, or a searchable list of them. */
  readonly hotwords?: readonly string[] | Hotwords | undefined;
  /**
   * Which words are offered to the model. `none`: all of them, as upstream; `draft`: those that sound like a part of the
   * CTC draft, or of a Paraformer's text without hotwords; `ctc`: also those among the twenty best CTC labels of its
   * frames, which come first. `auto`: `none` for a plain list of up to ten words, and for any list of up to a thousand where
   * the model itself chooses among them (SeACo-Paraformer), else `draft`.
   */
  readonly hotwordSearch?: (typeof HOTWORD_SEARCHES)[number] | undefined;
}

export interface RecognizeOptions extends Omit<PromptOptions, "hotwords">, HotwordRequest, DecodingOptions {
  /**
   * `llm`: the language model writes the text; `ctc`: the text is the CTC branch's draft (much faster). Models without
   * a language model give the same text for both.
   */
  readonly decoder?: "llm" | "ctc" | undefined;
  /**
   * When the CTC branch runs: `auto`, the default, always, where the model has one, so that its draft checks the text
   * (`agreement`); `off`: only where another option needs it.
   */
  readonly ctc?: "auto" | "off" | undefined;
  /**
   * What drafts the language model's next tokens. A step computes those of the draft together with the last token, and
   * each is still chosen from its own logits: the text is the same, in fewer steps. `ctc`, the default: the CTC branch's
   * text, where that runs, the backend computes equal rows (`wasm`, `cpu`) and there is no hook; `off`: nothing.
   */
  readonly draft?: "ctc" | "off" | undefined;
  /**
   * Tokens that are drafted for a step; by default 3, and 5 where the last draft was right. There are fewer where drafts are
   * wrong, and where many windows share a step.
   */
  readonly draftTokens?: number | undefined;
  /**
   * Times by CTC forced alignment or from the predictor's alphas. `token`: of the labels, as FunASR gives them
   * (`tokenTimes`); `word`: of each character of the written text (numbers as they were spoken, punctuation in between)
   * and of its words (`characters`, `words`).
   */
  readonly timestamps?: "none" | "token" | "word" | undefined;
  /** How the times of `word` are found, for models with a CTC branch. */
  readonly align?: AlignMethod | undefined;
  /**
   * When audio counts as silence and has no text: `level`, the default, where the loudest 30 ms are under -70 dB of full
   * scale and less than 20 dB above their background; `ctc`: also where the CTC branch finds no label; `off`: never.
   */
  readonly silenceGate?: (typeof SILENCE_GATES)[number] | undefined;
  /**
   * Whether the language model gets an eighth of the encoder's rows (upstream's `use_low_frame_rate`) or all of them; the
   * checkpoint's setting by default.
   */
  readonly lowFrameRate?: boolean | undefined;
  /** Most tokens that are generated: 512, as in the original, by default; `auto`: 20 per second of audio, plus 32. */
  readonly maxNewTokens?: number | "auto" | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with text as it is generated, whole characters only. A further attempt (1, 2, …) begins again, also one behind a loop. */
  readonly onToken?: ((text: string, attempt: number) => void) | undefined;
  /** Called with the CTC branch's draft, where it runs before the language model. */
  readonly onDraft?: ((text: string) => void) | undefined;
  /**
   * Gets the stages that it wants, with the values that the forward pass continues with (those that `run` has patched,
   * ablated or scaled included), and may replace them.
   */
  readonly hook?: Hook | undefined;
}

export type AlignRequest = AlignMethod & Pick<RecognizeOptions, "signal" | "onProgress" | "language">;

export type CtcRequest = Pick<RecognizeOptions, "signal" | "onProgress" | "hook" | "language" | "itn"> & {
  /** How many labels of each frame; 1 by default. */
  readonly topK?: number | undefined;
};

/** What changes the text of a recognizer's `pieces`. */
export type PiecesRequest = Pick<RecognizeOptions, "signal" | "language" | "itn">;
