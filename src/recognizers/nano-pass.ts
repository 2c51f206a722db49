/** One pass of Fun-ASR-Nano's language model: adapt the encoder's rows, splice them into the prompt, prefill, generate. */
import { UsageError } from "../errors.ts";
import { audioRows } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { offerTurn } from "../engine/scheduler.ts";
import type { Tensor } from "../nn/ops.ts";
import { cleanText } from "../text/postprocess.ts";
import { promptIds } from "../text/prompt.ts";
import type { PromptOptions } from "../text/prompt.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import { Utf8Stream } from "../text/utf8-stream.ts";
import { frameSeconds } from "../decoding/ctc.ts";
import { decode, isGreedy } from "../decoding/generate.ts";
import type { Decoded, TokenSink } from "../decoding/generate.ts";
import type { JudgeLoop } from "../decoding/greedy.ts";
import type { ProgressStage, RecognizeOptions } from "./options.ts";
import type { TokenCounts } from "./result.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { draftingOf, mostDrafted } from "./drafting.ts";
import type { Arrival, Stepper } from "./step-pool.ts";
import { compiledTokens, steppedTokens } from "./token-source.ts";
import type { Drafting, Size, StepCounts, TokenSource } from "./token-source.ts";
import type { Generator } from "./nano-generator.ts";
import { LogitCapture } from "./capture-logits.ts";
import { withDisposal } from "./between-steps.ts";

const defaultMaxNewTokens = 512;
/** Tokens that a compiled loop writes in one call where `onToken` is given. */
const tokensPerCall = 8;

export interface PassContext {
  readonly options: RecognizeOptions;
  readonly turn: (stage: ProgressStage) => BetweenSteps;
  readonly watch: Stopwatch;
  /** That of the window, where it is one of a group. */
  readonly arrival: Arrival | undefined;
}

export interface PassRequest extends PassContext {
  readonly prompt: PromptOptions;
  /** Creates the judge of the loops of an attempt. */
  readonly judgeLoops: () => JudgeLoop;
  /** The CTC branch's text of these rows, where there is one. */
  readonly draft: string | undefined;
  readonly maxTokens: number;
  /** Counts the steps of all passes of a window. */
  readonly steps: StepCounts;
  /** Tokens that are taken instead of the model's own, the end token with them. */
  readonly given?: readonly number[];
  /** Called before the first token of an attempt (0, 1, …). */
  readonly onAttempt?: (attempt: number) => void;
  /** The number of the first attempt. */
  readonly firstAttempt?: number;
}

export interface Pass {
  readonly decoded: Decoded;
  /** Of the best attempt [V], one for each token, where a hook wants them. */
  readonly logits: readonly Float32Array[];
  readonly counts: Pick<TokenCounts, "prefixTokens" | "audioTokens" | "suffixTokens">;
  /** The number of tokens after which a text is cut. */
  readonly maxTokens: number;
}

/** encoded: [T, D], which the caller frees. */
export async function runPass(writer: Generator, encoded: Tensor, request: PassRequest): Promise<Pass> {
  const { adapt, llm } = writer.model;
  const beforePrompt = (): Promise<void> => request.turn("prefill")(0, llm.config.layers);
  const adapted = await request.watch.time("adapt", () => adapt(encoded, beforePrompt)); // [T, llm size]
  return withDisposal(adapted, () =>
    writer.engine.runNested(writer.backend, ({ equalRows }) => write(writer, adapted, request, equalRows)),
  );
}

async function write(
  writer: Generator,
  adapted: Tensor,
  request: PassRequest,
  equalRows: boolean,
): Promise<Pass> {
  const { model, tokenizer, endIds } = writer;
  const { options, turn, watch, prompt, judgeLoops, draft, arrival } = request;
  const { llm, config } = model;
  const { prefix, suffix } = promptIds(tokenizer, prompt);
  const frames = adapted.shape[0]!;
  const lowFrameRate = options.lowFrameRate ?? config.useLowFrameRate;
  const audioTokens = audioRows(frames, lowFrameRate);
  const promptTokens = prefix.length + audioTokens + suffix.length;
  const maxTokens = Math.min(request.maxTokens, llm.config.contextLength - promptTokens);
  if (maxTokens < 1) {
    throw new UsageError("bad_option", "audio and prompt", `${promptTokens} positions`, {
      wanted: `fewer than ${llm.config.contextLength}, the model's context`,
      remedy: "Transcribe a shorter window, or use a shorter context and fewer hotwords",
    });
  }

  const { promptIds: idStage, generated } = model;
  await idStage.emitValues(Float32Array.from([...prefix, ...Array<number>(audioTokens).fill(0), ...suffix]));
  const drafting = equalRows ? draftingOf(tokenizer, endIds[0]!, request) : undefined;
  const join = equalRows && options.hook === undefined ? () => writer.pool.join(arrival) : undefined;
  const known = join && writer.start.of(prefix);
  const size = {
    rows: promptTokens,
    tokens: maxTokens,
    expected: Math.min(maxTokens, expectedTokens(frames)),
    known,
  };
  const source = await tokenSource(writer, size, request, drafting, join);
  const capture = new LogitCapture(generated.logits);
  try {
    const embed = (from: number): Tensor => model.splice(prefix.slice(from), adapted, audioTokens, suffix); // [L - from, llm size]
    await watch.time("prefill", () => source.begin(embed, turn("prefill")));
    const decoded = await watch.time("generate", () =>
      decode(capture.of(source), {
        options,
        endIds,
        judgeLoops,
        draft,
        maxTokens,
        given: request.given,
        textOf: (tokens) => cleanText(tokenizer.decode(tokens)),
        sinkOf: (attempt) => textSink(writer.tokenizer, attempt, request),
        betweenTokens: turn("generate"),
      }),
    );
    const counts = { prefixTokens: prefix.length, audioTokens, suffixTokens: suffix.length };
    return { decoded, logits: capture.rows, counts, maxTokens };
  } finally {
    source.dispose();
  }
}

/** The backend's compiled loop where it has one, there is no hook, no given token and decoding is greedy; else one step for each token. */
async function tokenSource(
  { model, compiled, compiledUse }: Generator,
  size: Size,
  { options, given, steps }: PassRequest,
  drafting: Drafting | undefined,
  join: (() => Stepper) | undefined,
): Promise<TokenSource> {
  const isFree = options.hook === undefined && given === undefined && isGreedy(options);
  const { rows, tokens } = size;
  const decoder = isFree ? await compiled() : undefined;
  if (decoder?.fits(rows, tokens) !== true) return steppedTokens(model.llm, size, steps, drafting, join);
  await offerTurn(async () => compiledUse.acquire(options.signal));
  const call = options.onToken === undefined ? tokens : tokensPerCall;
  return compiledTokens(decoder, tokens, call, steps, () => compiledUse.release());
}

/** Bytes of the cache of a window's text, as long as is expected, and of the logits of a step, all float32. */
export function textBytes(
  { model: { llm, config }, tokenizer }: Generator,
  seconds: number,
  options: RecognizeOptions,
): number {
  const { layers, kvHeads, headDim, vocabSize, contextLength } = llm.config;
  const frames = Math.ceil(seconds / frameSeconds(1));
  const words = Array.isArray(options.hotwords) ? (options.hotwords as readonly string[]) : [];
  const { prefix, suffix } = promptIds(tokenizer, { ...options, hotwords: words });
  const audio = audioRows(frames, options.lowFrameRate ?? config.useLowFrameRate);
  const tokens = Math.min(expectedTokens(frames), mostTokens(options.maxNewTokens, frames));
  const positions = prefix.length + audio + suffix.length + tokens;
  const cache = 2 * layers * kvHeads * headDim * Math.min(positions, contextLength);
  const rows = 1 + mostDrafted(options);
  return 4 * (cache + 2 * rows * vocabSize); // logits: as they are computed, and as they are read
}

/** `auto`: 20 tokens per second of audio (16 rows of 60 ms), plus 32, which no speech exceeds. */
export function mostTokens(wanted: RecognizeOptions["maxNewTokens"], frames: number): number {
  if (wanted === "auto") return 32 + Math.ceil(1.2 * frames);
  return wanted ?? defaultMaxNewTokens;
}

/** 5 tokens per second of audio, plus 32: more than nearly all speech has. */
const expectedTokens = (frames: number): number => 32 + Math.ceil(0.3 * frames);

/** Calls `onToken` with the text as it is generated, whole characters only. */
function textSink(
  tokenizer: QwenTokenizer,
  attempt: number,
  { options: { onToken }, onAttempt, firstAttempt = 0 }: PassRequest,
): TokenSink {
  const stream = new Utf8Stream();
  onAttempt?.(firstAttempt + attempt);
  const emit = (text: string): void => {
    if (text !== "") onToken?.(text, firstAttempt + attempt);
  };
  return {
    // Control tokens have no text.
    push: (id) => emit(tokenizer.isSpecial(id) ? "" : stream.push(tokenizer.bytes(id))),
    end: () => emit(stream.end()),
  };
}
