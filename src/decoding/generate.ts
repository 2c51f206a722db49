/**
 * From logits to tokens: sample one, stop at the end token or in a loop, and where the text is not plausible, try again
 * at a higher temperature (Whisper's fallback: Radford et al., arXiv:2212.04356, 4.5). The prompt is processed once:
 * every attempt starts from its logits.
 */
import { nonFinite, RuntimeError } from "../errors.ts";
import { checkValues } from "../options/check.ts";
import { decodingOptions } from "../options/table.ts";
import { shouldStop } from "./greedy.ts";
import type { CutLoop, JudgeLoop, StopReason } from "./greedy.ts";
import { logProbability } from "./log-softmax.ts";
import { createPenalty } from "./repetition-penalty.ts";
import type { Penalty } from "./repetition-penalty.ts";
import { createSampler } from "./sampling.ts";
import type { SamplingOptions } from "./sampling.ts";

export interface DecodingOptions extends SamplingOptions {
  /** The logits of tokens that are already in the text are divided by this; 1, the default, is no penalty. */
  readonly repetitionPenalty?: number | undefined;
  /**
   * Further attempts where the text runs into a loop or is improbable. None by default, as in the original: a loop is
   * cut, with a warning. `{}` takes Whisper's thresholds and the temperatures 0.3, 0.6, 0.9.
   */
  readonly fallback?: FallbackOptions | undefined;
  /** Whether to report the log probability of each token (about 1 ms a token). `fallback` implies it. */
  readonly logprobs?: boolean | undefined;
}

interface FallbackOptions {
  /** Temperature of the second attempt, the third, and so on. */
  readonly temperatures?: readonly number[] | undefined;
  /** A text with a higher compression ratio counts as a repetition, unless the CTC draft has one too; 2.4 by default. */
  readonly compressionRatio?: number | undefined;
  /** A text whose tokens have a lower mean log probability counts as improbable; -1 by default. */
  readonly avgLogprob?: number | undefined;
}

/** One decoding of the text after the prompt. */
export interface Attempt {
  readonly temperature: number;
  readonly text: string;
  readonly generatedTokens: number;
  /** Why it ended: at its end token, at the maximum number of tokens, or in a loop. */
  readonly stop: StopReason;
  /** Mean log probability of its tokens, the end token among them; with `logprobs` only. */
  readonly avgLogprob?: number;
  readonly compressionRatio: number;
}

/** The tokens of an attempt. */
export interface Generated {
  readonly tokens: readonly number[];
  /** Log probability of each token; empty without `logprobs`. */
  readonly logprobs: readonly number[];
  /** That of the end token. */
  readonly endLogprob?: number;
  readonly attempt: Attempt;
  /** The loop that the text was cut in. */
  readonly cut?: CutLoop;
}

/** A sampled token, and its log probability where that was asked for. */
export interface SampledToken {
  readonly id: number;
  readonly logprob?: number;
}

/** The state of a language model that has processed its prompt. */
export interface DecoderState {
  /** Token after token, each as `sample` chooses it from its logits [V]; without end. */
  tokens(sample: (logits: Float32Array) => SampledToken): AsyncIterable<SampledToken>;
  /** Drops all tokens after the prompt. */
  rewind(): void;
}

/** Whether each step needs its best token only, so that no logits need to leave the backend. */
export function isGreedy({ temperature = 0, repetitionPenalty = 1, ...options }: DecodingOptions): boolean {
  return temperature === 0 && repetitionPenalty === 1 && !needsLogprobs(options);
}

function needsLogprobs({ logprobs, fallback }: Pick<DecodingOptions, "logprobs" | "fallback">): boolean {
  return logprobs === true || fallback !== undefined;
}

/** Receives the tokens of an attempt as they are generated. */
export interface TokenSink {
  /** Called with every token but the end token. */
  push(id: number): void;
  /** Called after the last token. */
  end(): void;
}

interface DecodeRequest {
  readonly options: DecodingOptions;
  readonly endIds: readonly number[];
  /** Creates the judge of the loops of an attempt. */
  readonly judgeLoops?: (() => JudgeLoop) | undefined;
  /** The text of another decoder: where it repeats itself, so may this one. */
  readonly draft?: string | undefined;
  /** The maximum number of tokens. */
  readonly maxTokens: number;
  /** Tokens that are taken instead of the model's own, the end token with them. */
  readonly given?: readonly number[] | undefined;
  readonly textOf: (tokens: readonly number[]) => string;
  /** Creates the receiver of the tokens of an attempt (0, 1, …). */
  readonly sinkOf: (attempt: number) => TokenSink;
  /** Awaited after each token. */
  readonly betweenTokens: (done: number, total: number) => Promise<void>;
}

export interface Decoded {
  readonly best: Generated;
  /** All attempts, in order; `best` is one of them. */
  readonly attempts: readonly Attempt[];
}

/** What differs between attempts. */
interface FallbackAttempt {
  readonly temperature: number;
  readonly sample: (logits: Float32Array) => number;
}

/** Throws `bad_option` before anything is computed. */
export function planFallbacks(options: DecodingOptions): readonly FallbackAttempt[] {
  checkValues(options, decodingOptions);
  const { seed = 0, fallback } = options;
  const further = fallback === undefined ? [] : (fallback.temperatures ?? [0.3, 0.6, 0.9]);
  return [options.temperature ?? 0, ...further].map((temperature, i) => ({
    temperature,
    sample: createSampler({ ...options, temperature, seed: (seed + i) % 2 ** 32 }),
  }));
}

/** Attempts until one is plausible; else the best: without a loop first, then the most probable, then the first. */
export async function decode(prompt: DecoderState, request: DecodeRequest): Promise<Decoded> {
  const { fallback } = request.options;
  const limits = fallback && (await limitsOf(fallback, request.draft ?? ""));
  const all: Generated[] = [];
  for (const [index, plan] of planFallbacks(request.options).entries()) {
    if (index > 0) prompt.rewind();
    const written = await attempt(prompt, plan, index, request);
    all.push(written);
    if (limits === undefined || isGood(written, limits)) break;
  }
  const last = all.at(-1)!;
  const good = limits === undefined || isGood(last, limits);
  const best = good ? last : all.reduce((one, other) => (rank(other) > rank(one) ? other : one));
  return { best, attempts: all.map((written) => written.attempt) };
}

interface Limits {
  readonly compressionRatio: number;
  readonly avgLogprob: number;
}

/** Speech that repeats itself, as its draft shows, has a text that does. */
async function limitsOf(
  { compressionRatio: most = 2.4, avgLogprob = -1 }: FallbackOptions,
  draft: string,
): Promise<Limits> {
  const repeats = (await compressionRatio(draft)) > most;
  return { compressionRatio: repeats ? Infinity : most, avgLogprob };
}

const isLoop = ({ attempt: { stop }, cut }: Generated): boolean => stop === "loop" && cut?.spoken !== true;

function isGood(written: Generated, { compressionRatio: most, avgLogprob: least }: Limits): boolean {
  const { avgLogprob = 0, compressionRatio: ratio } = written.attempt;
  return !isLoop(written) && ratio <= most && avgLogprob >= least;
}

/** Log probabilities are negative, so a text without a loop goes before any with one. */
function rank(written: Generated): number {
  return Math.exp(written.attempt.avgLogprob ?? 0) - (isLoop(written) ? 1 : 0);
}

async function attempt(
  prompt: DecoderState,
  { temperature, sample }: FallbackAttempt,
  index: number,
  { options, endIds, judgeLoops, maxTokens, given, textOf, sinkOf, betweenTokens }: DecodeRequest,
): Promise<Generated> {
  const penalize: Penalty = createPenalty(options.repetitionPenalty);
  const confident = needsLogprobs(options);
  const tokens: number[] = [];
  const logprobs: number[] = [];
  const sink = sinkOf(index);
  const judgeLoop = judgeLoops?.();
  const sampleToken = (logits: Float32Array): SampledToken => {
    const best = sample(penalize(logits, tokens)); // refuses NaN, also where a token is given
    const id = given?.[tokens.length] ?? best;
    if (!Number.isFinite(logits[id])) throw nonFinite("search", `logit ${id} is ${logits[id]}`);
    return confident ? { id, logprob: logProbability(logits, id) } : { id };
  };
  for await (const { id, logprob } of prompt.tokens(sampleToken)) {
    tokens.push(id);
    if (logprob !== undefined) logprobs.push(logprob);
    const stop = shouldStop(tokens, { endIds, maxTokens, judgeLoop });
    if (stop?.reason !== "end") sink.push(id);
    if (stop !== undefined) {
      sink.end();
      const endLogprob = stop.reason === "end" ? logprobs.at(-1) : undefined;
      tokens.splice(stop.keep);
      logprobs.splice(stop.keep);
      const text = textOf(tokens);
      return {
        tokens,
        logprobs,
        ...(endLogprob === undefined ? {} : { endLogprob }),
        ...(stop.cut === undefined ? {} : { cut: stop.cut }),
        attempt: {
          temperature,
          text,
          generatedTokens: tokens.length,
          stop: stop.reason,
          ...(confident ? { avgLogprob: meanLogprob(logprobs, endLogprob) } : {}),
          compressionRatio: await compressionRatio(text),
        },
      };
    }
    await betweenTokens(tokens.length, maxTokens);
  }
  throw new RuntimeError("internal", "decoding", "no more tokens", { wanted: "a source that does not end" });
}

/** The mean over the tokens and, where there is one, the end token. */
export function meanLogprob(logprobs: readonly number[], end: number | undefined): number {
  const all = end === undefined ? logprobs : [...logprobs, end];
  return all.length === 0 ? 0 : all.reduce((sum, value) => sum + value, 0) / all.length;
}

/**
 * The zlib compression ratio of a text: bytes over compressed bytes, to two digits. Whisper's measure of repetition
 * (Radford et al., arXiv:2212.04356, 4.5): a text above about 2.4 repeats itself. Short texts are below 1.
 */
export async function compressionRatio(text: string): Promise<number> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0) return 0;
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  let size = 0;
  for await (const part of compressed) size += (part as Uint8Array).length;
  return Math.round((100 * bytes.length) / size) / 100;
}
