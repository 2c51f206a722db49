/**
 * The language model's half of Fun-ASR-Nano: a pass over the whole window, and, where its text is caught in a loop and
 * the CTC draft goes on, further passes over the rows behind the loop.
 */
import type { Tensor } from "../nn/ops.ts";
import { rows } from "../nn/ops.ts";
import { agreement } from "../text/agreement.ts";
import { withoutClauseMark } from "../text/phrase-border.ts";
import { cleanText } from "../text/postprocess.ts";
import type { PromptOptions } from "../text/prompt.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { compressionRatio, meanLogprob } from "../decoding/generate.ts";
import type { Attempt } from "../decoding/generate.ts";
import type { Loop } from "../decoding/loops.ts";
import { withDisposal } from "./between-steps.ts";
import { emitRows } from "./capture-logits.ts";
import { mostTokens, runPass } from "./nano-pass.ts";
import type { Generator, Pass, PassContext, PassRequest } from "./nano-pass.ts";
import type { TokenCounts } from "./result.ts";
import { agreementBound } from "./shared.ts";
import { SpokenLoops } from "./spoken-loops.ts";
import type { DraftPart } from "./spoken-loops.ts";
import { followed, spaceAfter, spell, textsOf, without, writtenText } from "./written-text.ts";
import type { WrittenText } from "./written-text.ts";

export interface GenerateContext extends PassContext {
  /** The CTC branch's labels, where there are any. */
  readonly draft: readonly DraftPart[] | undefined;
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
  prompt: PromptOptions,
  { draft, ...context }: GenerateContext,
): Promise<GenerationResult> {
  const { tokenizer, model } = writer;
  const loops = new SpokenLoops((tokens) => textsOf(tokenizer, tokens), draft);
  const request: PassRequest = {
    ...context,
    prompt,
    judgeLoops: () => loops.judge(),
    draft: draft?.map(({ text }) => text).join(""),
    maxTokens: mostTokens(context.options.maxNewTokens, encoded.shape[0]!),
  };
  const pass = await runPass(writer, encoded, request);
  const { attempts, best } = pass.decoded;
  const { written, last, isComplete } = await behindLoops(writer, encoded, request, loops, pass);

  await emitRows(model.generated.logits, written.logits);
  const ids = await model.generated.ids.emitValues(Float32Array.from(written.tokens));
  const { tokens, logprobs, endLogprob } = written;
  const whole = written.tokens === best.tokens;
  const text = whole ? best.attempt.text : cleanText(spell(tokenizer, written));
  return {
    text,
    tokens: [...ids],
    ...(best.attempt.avgLogprob === undefined
      ? {}
      : { avgLogprob: meanLogprob(logprobs, endLogprob), logprobs }),
    compressionRatio: whole ? best.attempt.compressionRatio : await compressionRatio(text),
    temperature: best.attempt.temperature,
    attempts,
    counts: { ...pass.counts, generatedTokens: tokens.length },
    warnings: [...warningsOf(attempts, best.attempt.temperature, last), ...(isComplete ? [] : [lostSpeech])],
  };
}

interface Mended {
  readonly written: WrittenText;
  /** The pass that wrote its end. */
  readonly last: Pass;
  /** False where the draft has speech behind a loop that no pass recognized. */
  readonly isComplete: boolean;
}

/** Drops what was not spoken from loops, and generates again what the text lacks behind them. */
async function behindLoops(
  writer: Generator,
  encoded: Tensor,
  request: PassRequest,
  loops: SpokenLoops,
  first: Pass,
): Promise<Mended> {
  const { tokenizer } = writer;
  let last = first;
  let written = writtenText(first.decoded.best, first.logits);
  let cut: Loop | undefined = first.decoded.best.cut;
  let [row, restarts, settled] = [0, 0, 0];
  let isComplete = true;
  for (;;) {
    const fault =
      loops.fault(written.tokens, settled, cut) ??
      (last !== first && settled < written.tokens.length ? loops.behind(written.tokens) : undefined);
    if (fault === undefined) break;
    const { keep, resume, end, restart } = fault;
    const left = request.maxTokens - keep;
    if (restart !== undefined && restart.row > row && left > 0) {
      restarts++;
      const kept = {
        tokens: written.tokens.slice(0, keep),
        borders: written.borders.filter((b) => b < keep),
      };
      const pass = await restartedPass(writer, encoded, restart.row, {
        ...request,
        ...attemptAfter(first, restarts, spell(tokenizer, kept), request),
        judgeLoops: () => loops.from(restart.row).judge(),
        draft: restart.draft,
        maxTokens: left,
      });
      const { best } = pass.decoded;
      const before = agreement(tokenizer.decode(written.tokens.slice(resume)), restart.draft);
      const now = agreement(best.attempt.text, restart.draft);
      if (now >= agreementBound && now > before) {
        written = followed(written, keep, writtenText(best, pass.logits));
        cut = best.cut && { ...best.cut, start: best.cut.start + keep };
        [last, row, settled] = [pass, restart.row, keep];
        continue;
      }
      isComplete &&= before >= agreementBound;
    }
    if (fault.spoken && keep < resume) written = without(written, keep, resume);
    settled = end - (fault.spoken ? resume - keep : 0);
  }
  if (last.decoded.best.cut !== undefined) {
    const keep = withoutClauseMark(textsOf(tokenizer, written.tokens));
    if (keep > 0 && keep < written.tokens.length) written = without(written, keep, written.tokens.length);
  }
  return { written, last, isComplete };
}

/** A pass over the rows from `row` on. */
function restartedPass(writer: Generator, encoded: Tensor, row: number, request: PassRequest): Promise<Pass> {
  const rest = rows(encoded, row, encoded.shape[0]! - row); // [T - row, D]
  return withDisposal(rest, () => runPass(writer, rest, request));
}

/** One attempt at the temperature of the first pass's best; `kept` is the text before it. */
function attemptAfter(
  { decoded: { best, attempts } }: Pass,
  restarts: number,
  kept: string,
  { options }: PassRequest,
): Pick<PassRequest, "options" | "firstAttempt" | "onAttempt"> {
  const { temperature, avgLogprob } = best.attempt;
  const number = attempts.length - 1 + restarts;
  return {
    options: {
      ...options,
      temperature,
      fallback: undefined,
      logprobs: avgLogprob !== undefined,
      seed: ((options.seed ?? 0) + number) % 2 ** 32,
    },
    firstAttempt: number,
    onAttempt: (attempt) => options.onToken?.(kept + spaceAfter(kept, "…"), attempt),
  };
}

const lostSpeech = warning(
  "repetition",
  "the text repeats itself, and the speech that follows, as the CTC draft shows, is missing from it",
);

function warningsOf(attempts: readonly Attempt[], temperature: number, last: Pass): Warning[] {
  const { attempt, cut } = last.decoded.best;
  const warnings: Warning[] = [];
  if (attempts.length > 1)
    warnings.push(
      warning("retried", `${attempts.length} attempts; the text is of temperature ${temperature}`),
    );
  if (cut !== undefined && !cut.spoken)
    warnings.push(warning("repetition", "the text began to repeat itself and was cut there"));
  if (attempt.stop === "length")
    warnings.push(warning("truncated", `the text was cut after ${last.maxTokens} tokens`));
  return warnings;
}
