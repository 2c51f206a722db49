/** The language model's half of Fun-ASR-Nano: adapt the encoder's rows, splice them into the prompt, prefill, generate. */
import { UsageError } from "../errors.ts";
import { audioRows } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { FunAsrNano } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import type { Engine } from "../engine/engine.ts";
import { offerTurn } from "../engine/scheduler.ts";
import type { Slots } from "../engine/slots.ts";
import type { BackendName, CompiledDecoder } from "../nn/backend.ts";
import type { Tensor } from "../nn/ops.ts";
import { cleanText } from "../text/postprocess.ts";
import { promptIds } from "../text/prompt.ts";
import type { PromptOptions } from "../text/prompt.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { decode, isGreedy } from "../decoding/generate.ts";
import type { Attempt, Decoded, TokenSink } from "../decoding/generate.ts";
import type { ProgressStage, RecognizeOptions } from "./options.ts";
import type { TokenCounts } from "./result.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { compiledTokens, steppedTokens } from "./token-source.ts";
import type { TokenSource } from "./token-source.ts";
import { LogitCapture } from "./capture-logits.ts";
import { withDisposal } from "./between-steps.ts";

const defaultMaxNewTokens = 512;
/** Tokens that a compiled loop writes in one call where `onToken` is given. */
const tokensPerCall = 8;

export interface Generator {
  readonly model: FunAsrNano;
  readonly tokenizer: QwenTokenizer;
  /** Tokens that end the answer. */
  readonly endIds: readonly number[];
  /** The backend's compiled decoding, made when it is first asked for; undefined where it has none. */
  readonly compiled: () => Promise<CompiledDecoder | undefined>;
  /** The one place of the compiled decoding, whose cache serves one text at a time. */
  readonly compiledUse: Slots;
  readonly engine: Engine;
  /** Where the language model computes. */
  readonly backend: BackendName;
}

export interface GenerateContext {
  readonly options: RecognizeOptions;
  readonly turn: (stage: ProgressStage) => BetweenSteps;
  readonly watch: Stopwatch;
}

/** The text that the language model wrote, and how it was generated. */
export interface GenerationResult {
  readonly text: string;
  readonly tokens: readonly number[];
  /** Of each token, where the option `logprobs` is set. */
  readonly logprobs?: readonly number[];
  readonly avgLogprob?: number;
  readonly compressionRatio: number;
  readonly temperature: number;
  readonly attempts: readonly Attempt[];
  readonly counts: TokenCounts;
  readonly warnings: readonly Warning[];
}

/** encoded: [T, D], which the caller frees. */
export async function generateText(
  writer: Generator,
  encoded: Tensor,
  promptOptions: PromptOptions,
  context: GenerateContext,
): Promise<GenerationResult> {
  const { adapt, llm } = writer.model;
  const beforePrompt = (): Promise<void> => context.turn("prefill")(0, llm.config.layers);
  const adapted = await context.watch.time("adapt", () => adapt(encoded, beforePrompt)); // [T, llm size]
  return withDisposal(adapted, () =>
    writer.engine.runNested(writer.backend, () => write(writer, adapted, promptOptions, context)),
  );
}

async function write(
  writer: Generator,
  adapted: Tensor,
  promptOptions: PromptOptions,
  { options, turn, watch }: GenerateContext,
): Promise<GenerationResult> {
  const { model, tokenizer, endIds } = writer;
  const { llm, config } = model;
  const { prefix, suffix } = promptIds(tokenizer, promptOptions);
  const frames = adapted.shape[0]!;
  const lowFrameRate = options.lowFrameRate ?? config.useLowFrameRate;
  const audioTokens = audioRows(frames, lowFrameRate);
  const promptTokens = prefix.length + audioTokens + suffix.length;
  const maxTokens = Math.min(
    mostTokens(options.maxNewTokens, frames),
    llm.config.contextLength - promptTokens,
  );
  if (maxTokens < 1) {
    throw new UsageError("bad_option", "audio and prompt", `${promptTokens} positions`, {
      wanted: `fewer than ${llm.config.contextLength}, the model's context`,
      remedy: "Transcribe a shorter window, or use a shorter context and fewer hotwords",
    });
  }

  const { promptIds: idStage, generated } = model;
  await idStage.emitValues(Float32Array.from([...prefix, ...Array<number>(audioTokens).fill(0), ...suffix]));
  const source = await tokenSource(writer, promptTokens, maxTokens, options);
  const logits = new LogitCapture(generated.logits);
  try {
    const embeds = await watch.time("adapt", () => model.splice(prefix, adapted, audioTokens, suffix)); // [L, llm size]
    await withDisposal(embeds, () => watch.time("prefill", () => source.begin(embeds, turn("prefill"))));
    const decoded = await watch.time("generate", () =>
      decode(logits.of(source), {
        options,
        endIds,
        maxTokens,
        textOf: (tokens) => cleanText(tokenizer.decode(tokens)),
        sinkOf: (attempt) => textSink(tokenizer, attempt, options.onToken),
        betweenTokens: turn("generate"),
      }),
    );
    const { attempt, logprobs } = decoded.best;
    await logits.emit();
    const tokens = [...(await generated.ids.emitValues(Float32Array.from(decoded.best.tokens)))];
    const { text, temperature, avgLogprob, compressionRatio } = attempt;
    return {
      text,
      tokens,
      ...(avgLogprob === undefined ? {} : { avgLogprob, logprobs }),
      compressionRatio,
      temperature,
      attempts: decoded.attempts,
      counts: {
        prefixTokens: prefix.length,
        audioTokens,
        suffixTokens: suffix.length,
        generatedTokens: tokens.length,
      },
      warnings: warningsOf(decoded, maxTokens),
    };
  } finally {
    source.dispose();
  }
}

/** The backend's compiled loop where it has one, there is no hook and decoding is greedy; else one step for each token. */
async function tokenSource(
  { model, compiled, compiledUse }: Generator,
  rows: number,
  tokens: number,
  options: RecognizeOptions,
): Promise<TokenSource> {
  const decoder = options.hook === undefined && isGreedy(options) ? await compiled() : undefined;
  if (decoder?.fits(rows, tokens) !== true) return steppedTokens(model.llm, rows, tokens);
  await offerTurn(async () => compiledUse.acquire(options.signal));
  const call = options.onToken === undefined ? tokens : tokensPerCall;
  return compiledTokens(decoder, tokens, call, () => compiledUse.release());
}

/** `auto`: 20 tokens per second of audio (16 rows of 60 ms), plus 32, which no speech exceeds. */
function mostTokens(wanted: RecognizeOptions["maxNewTokens"], frames: number): number {
  if (wanted === "auto") return 32 + Math.ceil(1.2 * frames);
  return wanted ?? defaultMaxNewTokens;
}

function warningsOf({ best, attempts }: Decoded, maxTokens: number): Warning[] {
  const { stop, temperature } = best.attempt;
  const warnings: Warning[] = [];
  if (attempts.length > 1)
    warnings.push(
      warning("retried", `${attempts.length} attempts; the text is of temperature ${temperature}`),
    );
  if (stop === "loop")
    warnings.push(warning("repetition", "the text began to repeat itself and was cut there"));
  if (stop === "length") warnings.push(warning("truncated", `the text was cut after ${maxTokens} tokens`));
  return warnings;
}

/** Calls `onToken` with the text as it is generated, whole characters only. */
function textSink(
  tokenizer: QwenTokenizer,
  attempt: number,
  onToken: RecognizeOptions["onToken"],
): TokenSink {
  const stream = new Utf8Stream();
  const emit = (text: string): void => {
    if (text !== "") onToken?.(text, attempt);
  };
  return {
    // Control tokens have no text.
    push: (id) => emit(tokenizer.isSpecial(id) ? "" : stream.push(tokenizer.bytes(id))),
    end: () => emit(stream.end()),
  };
}
