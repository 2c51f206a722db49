/**
 * Fun-ASR-Nano from features to text: encode, (CTC,) adapt, splice into the prompt, prefill, greedy decoding, text.
 * FunASR's FunASRNano.inference_llm.
 */
import { CtcUnavailableError, ModelFormatError, UsageError } from "../errors.ts";
import { audioRows } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { CtcBranch, FunAsrNano } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { Turn } from "../nn/chain.ts";
import { dispose, tensor, values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { ctcGreedy, frameSeconds } from "../search/ctc.ts";
import type { CtcLabel, Posteriors } from "../search/ctc.ts";
import { alignLabels } from "../search/forced-align.ts";
import { argmax, shouldStop } from "../search/greedy.ts";
import { CtcTokens } from "../text/ctc-tokens.ts";
import { cleanText } from "../text/postprocess.ts";
import { promptIds } from "../text/prompt.ts";
import { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import { alignByEdit } from "../text/timestamps/edit-align.ts";
import { alignByForce } from "../text/timestamps/forced-text.ts";
import { settle } from "../text/timestamps/timed.ts";
import type { TimedUnit } from "../text/timestamps/timed.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { posteriorsOf } from "./posteriors.ts";
import { wantsTimes, withTimes } from "./times.ts";
import { withoutPrompt } from "./recognizer.ts";
import type {
  Features,
  ProgressStage,
  Recognition,
  RecognizeOptions,
  Recognizer,
  RecognizerContext,
  TimedText,
} from "./recognizer.ts";
import { Stopwatch } from "./stopwatch.ts";
import { freeing, turnsFor } from "./turns.ts";
import { vocabulary } from "./vocabulary.ts";

const defaultMaxNewTokens = 512;

export function funAsrNanoRecognizer(model: FunAsrNano, context: RecognizerContext): Recognizer {
  return new FunAsrNanoRecognizer(model, context);
}

/** What greedy CTC heard. */
interface Draft {
  readonly posteriors: Posteriors;
  readonly labels: readonly CtcLabel[];
  readonly ids: number[];
  readonly text: string;
}

class FunAsrNanoRecognizer implements Recognizer {
  readonly hasCtc: boolean;
  readonly needsCmvn = false;
  readonly #model: FunAsrNano;
  readonly #source: string;
  readonly #tokenizer: QwenTokenizer;
  readonly #ctcTokens: CtcTokens | undefined;
  readonly #endIds: readonly number[];

  constructor(model: FunAsrNano, context: RecognizerContext) {
    const { source, metadata } = context;
    this.hasCtc = model.ctc !== undefined;
    this.#model = model;
    this.#source = source;
    this.#tokenizer = new QwenTokenizer(
      {
        tokens: vocabulary(context, "tokenizer.ggml.tokens"),
        merges: vocabulary(context, "tokenizer.ggml.merges"),
        tokenTypes: metadata.get("tokenizer.ggml.token_type") as readonly number[] | undefined,
      },
      `${source}: tokenizer.ggml`,
    );
    if (this.#tokenizer.size > model.llm.config.vocabSize) {
      throw new ModelFormatError("bad_tokenizer", source, `${this.#tokenizer.size} tokens`, {
        wanted: `at most ${model.llm.config.vocabSize}, the rows of the embedding`,
      });
    }
    // Upstream stops at <|im_end|> only; ending at <|endoftext|> as well is what every port does, and harmless.
    this.#endIds = [this.#tokenizer.id("<|im_end|>"), this.#tokenizer.id("<|endoftext|>")];
    if (model.ctc !== undefined) {
      const { vocabSize, blankId } = model.ctc.config;
      const table = vocabulary(context, "fun-asr-nano.ctc.tokens");
      this.#ctcTokens = new CtcTokens({ table, vocabSize, blankId }, `${source}: fun-asr-nano.ctc.tokens`);
    }
  }

  async recognize(features: Features, options: RecognizeOptions): Promise<Recognition> {
    const mode = options.mode ?? "full";
    const timed = wantsTimes(options);
    const watch = new Stopwatch<"encode" | "ctc" | "adapt" | "prefill" | "generate">();
    const turn = turnsFor(options);
    const warnings: Warning[] = [];
    const needsCtc = mode === "ctc" || timed;
    const ctc = needsCtc ? this.#requireCtc(mode === "ctc" ? "the mode ctc" : "timestamps") : undefined;

    const input = tensor(features.values, [features.rows, features.cols]); // [T, 560]
    const encoded = await freeing(input, () =>
      watch.time("encode", () => this.#model.encode(input, turn("encode"))),
    );
    return freeing(encoded, async () => {
      const draft =
        ctc === undefined ? undefined : await watch.time("ctc", () => this.#draft(ctc, encoded, turn("ctc")));
      const written =
        mode === "ctc"
          ? { text: draft!.text, tokens: draft!.ids, counts: withoutPrompt(draft!.ids.length) }
          : await this.#write(encoded, options, turn, watch, warnings);
      return {
        ...written,
        ...(draft === undefined ? {} : { ctcText: draft.text }),
        ...withTimes(options, {
          characters: () => this.#align(draft!.posteriors, written.text),
          units: () => this.#place(draft!, written.text.trim()),
        }),
        timings: watch.times,
        warnings,
      };
    });
  }

  /** The language model's part: adapt, splice, prefill, one token after the other. */
  async #write(
    encoded: Tensor,
    options: RecognizeOptions,
    turn: (stage: ProgressStage) => Turn,
    watch: Stopwatch<"adapt" | "prefill" | "generate">,
    warnings: Warning[],
  ): Promise<Pick<Recognition, "text" | "tokens" | "counts">> {
    const { llm, config } = this.#model;
    const { prefix, suffix } = promptIds(this.#tokenizer, options);
    const lowFrameRate =
      options.audioRows === undefined ? config.useLowFrameRate : options.audioRows === "eighth";
    const audioTokens = audioRows(encoded.shape[0]!, lowFrameRate);
    const promptTokens = prefix.length + audioTokens + suffix.length;
    const maxNewTokens = Math.min(
      options.maxNewTokens ?? defaultMaxNewTokens,
      llm.config.contextLength - promptTokens,
    );
    if (maxNewTokens < 1) {
      throw new UsageError("bad_option", "audio and prompt", `${promptTokens} positions`, {
        wanted: `fewer than ${llm.config.contextLength}, the model's context`,
        remedy: "Transcribe a shorter stretch, or use a shorter context and fewer hotwords",
      });
    }

    const embeds = await watch.time("adapt", () => {
      const adapted = this.#model.adapt(encoded); // [T, llm size]
      const spliced = this.#model.splice(prefix, adapted, audioTokens, suffix); // [L, llm size]
      dispose(adapted);
      return spliced;
    });
    const cache = llm.newCache(promptTokens + maxNewTokens);
    try {
      const first = await freeing(embeds, () =>
        watch.time("prefill", () => llm.prefill(embeds, cache, turn("prefill"))),
      );
      const tokens = await watch.time("generate", () =>
        this.#generate(first, (id) => llm.step(id, cache), maxNewTokens, options, turn("generate"), warnings),
      );
      const counts = {
        prefixTokens: prefix.length,
        audioTokens,
        suffixTokens: suffix.length,
        generatedTokens: tokens.length,
      };
      return { text: cleanText(this.#tokenizer.decode(tokens)), tokens, counts };
    } finally {
      cache.dispose();
    }
  }

  async #generate(
    first: Tensor,
    step: (id: number) => Tensor,
    maxTokens: number,
    { onToken }: RecognizeOptions,
    turn: Turn,
    warnings: Warning[],
  ): Promise<number[]> {
    const stream = new Utf8Stream();
    const tokens: number[] = [];
    let logits = first; // [1, V]
    for (;;) {
      const id = argmax(await freeing(logits, () => values(logits)));
      tokens.push(id);
      const stop = shouldStop(tokens, { endIds: this.#endIds, maxTokens });
      if (stop?.reason !== "end") emit(onToken, stream.push(this.#spoken(id)));
      if (stop !== undefined) {
        if (stop.reason === "loop")
          warnings.push(warning("repetition", "the text began to repeat itself and was cut there"));
        if (stop.reason === "length")
          warnings.push(warning("truncated", `the text was cut after ${maxTokens} tokens`));
        tokens.length = stop.keep;
        emit(onToken, stream.end());
        return tokens;
      }
      await turn(tokens.length, maxTokens);
      logits = step(id);
    }
  }

  /** The bytes of a token that is part of the text; control tokens have none. */
  #spoken(id: number): Uint8Array {
    return this.#tokenizer.isSpecial(id) ? new Uint8Array(0) : this.#tokenizer.bytes(id);
  }

  /** Greedy CTC: the posteriors, best labels and text. */
  async #draft(ctc: CtcBranch, encoded: Tensor, turn: Turn): Promise<Draft> {
    const { vocabSize, blankId } = ctc.config;
    const hidden = ctc.decoder(encoded); // [T, D']
    const posteriors = await freeing(hidden, () => posteriorsOf(hidden, ctc.head, vocabSize, turn));
    const labels = ctcGreedy(posteriors, blankId);
    const ids = labels.map(({ id }) => id);
    const text = this.#ctcTokens!.decode(ids).replaceAll("<|nospeech|>", "");
    return { posteriors, labels, ids, text };
  }

  /** Where the characters of `text` are, by forced alignment of its CTC tokens. */
  #align(posteriors: Posteriors, text: string): TimedText[] {
    const ids = this.#ctcTokens!.encode(text);
    return alignLabels(posteriors, ids, this.#ctcTokens!.blankId).map(({ id, start, end, score }) => ({
      text: this.#ctcTokens!.decode([id]),
      start: frameSeconds(start),
      end: frameSeconds(end),
      score: Math.round(score * 1000) / 1000,
    }));
  }

  /** Where the characters of the written text are: as they were spoken, or else next to those of the draft. */
  #place({ posteriors, labels }: Draft, text: string): TimedUnit[] {
    const tokens = this.#ctcTokens!;
    const pieces = (): { text: string; start: number }[] =>
      labels.map(({ id, start }) => ({ text: tokens.decode([id]), start: frameSeconds(start) }));
    return settle(alignByForce(text, posteriors, tokens) ?? alignByEdit(text, pieces()));
  }

  #requireCtc(feature: string): CtcBranch {
    if (this.#model.ctc === undefined) throw new CtcUnavailableError(this.#source, feature);
    return this.#model.ctc;
  }
}

function emit(onToken: ((text: string) => void) | undefined, text: string): void {
  if (text !== "") onToken?.(text);
}
