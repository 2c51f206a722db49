/**
 * The language model's half of Fun-ASR-Nano: a pass over the whole window, and further ones where its text lacks speech
 * behind a loop.
 */
import type { Tensor } from "../nn/ops.ts";
import { cleanText } from "../text/postprocess.ts";
import type { PromptOptions } from "../text/prompt.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import { compressionRatio, meanLogprob } from "../decoding/generate.ts";
import type { Attempt } from "../decoding/generate.ts";
import { emitRows } from "./capture-logits.ts";
import { mostTokens, runPass } from "./nano-pass.ts";
import type { Generator } from "./nano-generator.ts";
import type { Pass, PassContext, PassRequest } from "./nano-pass.ts";
import type { TokenCounts } from "./result.ts";
import { behindLoops } from "./nano-behind-loops.ts";
import type { ReadAlone } from "./nano-behind-loops.ts";
import { StepCounts } from "./token-source.ts";
import { SpokenLoops } from "./spoken-loops.ts";
import type { DraftPart } from "./spoken-loops.ts";
import { spell, textsOf } from "./written-text.ts";

export interface GenerateContext extends PassContext {
  /** The CTC branch's labels, where there are any. */
  readonly draft: readonly DraftPart[] | undefined;
  readonly alone: ReadAlone;
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
  { draft, alone, ...context }: GenerateContext,
): Promise<GenerationResult> {
  const { tokenizer, model } = writer;
  const loops = new SpokenLoops((tokens) => textsOf(tokenizer, tokens), draft);
  const steps = new StepCounts();
  const request: PassRequest = {
    ...context,
    steps,
    prompt,
    judgeLoops: () => loops.judge(),
    draft: draft?.map(({ text }) => text).join(""),
    maxTokens: mostTokens(context.options.maxNewTokens, encoded.shape[0]!),
  };
  const pass = await runPass(writer, encoded, request);
  const { attempts, best } = pass.decoded;
  const { written, last, warnings } = await behindLoops({ writer, encoded, request, loops, alone }, pass);

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
    counts: {
      ...pass.counts,
      generatedTokens: tokens.length,
      steps: steps.steps,
      accepted: steps.accepted,
    },
    warnings: [...warningsOf(attempts, best.attempt.temperature, last), ...warnings],
  };
}

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
