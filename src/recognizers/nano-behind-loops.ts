/**
 * The speech behind a loop: where the CTC draft goes on and the language model's text does not, the text is generated
 * again from there: from the encoder's rows of the window, else from the rest of the window encoded alone. Of each text
 * stays what the draft has too. What no pass recognized is the draft's own text.
 */
import type { Tensor } from "../nn/ops.ts";
import { rows } from "../nn/ops.ts";
import { agreement } from "../text/agreement.ts";
import { withoutClauseMark } from "../text/phrase-border.ts";
import { warning } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import type { JudgeLoop } from "../decoding/greedy.ts";
import { withDisposal } from "./between-steps.ts";
import { runPass } from "./nano-pass.ts";
import type { Generator } from "./nano-generator.ts";
import type { Pass, PassRequest } from "./nano-pass.ts";
import { agreementBound } from "./shared.ts";
import type { SpokenLoops } from "./spoken-loops.ts";
import type { DraftPart, Restart } from "./spoken-loops.ts";
import { followed, spaceAfter, spell, textsOf, without, writtenText } from "./written-text.ts";
import type { WrittenText } from "./written-text.ts";

/** Encodes a window's features from a row on alone, and gives the encoder's rows [T - row, D] and the draft of them. */
export type ReadAlone = <Result>(
  row: number,
  work: (encoded: Tensor, draft: readonly DraftPart[]) => Promise<Result>,
) => Promise<Result>;

interface Window {
  readonly writer: Generator;
  readonly encoded: Tensor; // [T, D]
  readonly request: PassRequest;
  readonly loops: SpokenLoops;
  readonly alone: ReadAlone;
}

interface Mended {
  readonly written: WrittenText;
  /** The pass that wrote its end. */
  readonly last: Pass;
  readonly warnings: readonly Warning[];
}

/** Drops what was not spoken from loops, and generates again what the text lacks behind them. */
export async function behindLoops(window: Window, first: Pass): Promise<Mended> {
  const { tokenizer } = window.writer;
  const spoken = withoutUnspoken(window.loops, first);
  const mended = await continued(window, first, spoken);
  const { written, last } = mended;
  if (last.decoded.best.cut === undefined) return mended;
  const keep = withoutClauseMark(textsOf(tokenizer, written.tokens));
  const hasMark = keep > 0 && keep < written.tokens.length;
  return hasMark ? { ...mended, written: without(written, keep, written.tokens.length) } : mended;
}

/** A text as far as it was spoken. */
interface SpokenText {
  readonly written: WrittenText;
  /** Where it is to be generated again, and what it has there. */
  readonly lost?: { readonly restart: Restart; readonly rest: WrittenText } | undefined;
}

/** The text without the passes that were not spoken. */
function withoutUnspoken(loops: SpokenLoops, { decoded: { best }, logits }: Pass): SpokenText {
  let written = writtenText(best, logits);
  let settled = 0;
  for (;;) {
    const fault = loops.fault(written.tokens, settled, best.cut);
    if (fault === undefined) return { written };
    const { spoken, keep, resume, end, rest, restart } = fault;
    if (restart !== undefined) {
      const before = without(written, rest, written.tokens.length);
      return {
        written: without(before, keep, resume),
        lost: { restart, rest: without(written, 0, rest) },
      };
    }
    if (spoken && keep < resume) written = without(written, keep, resume);
    settled = end - (spoken ? resume - keep : 0);
  }
}

/** The text with what follows it, pass after pass, until the draft has no more. */
async function continued(
  window: Window,
  first: Pass,
  { written: before, lost }: SpokenText,
): Promise<Mended> {
  const { writer, request } = window;
  let found: Found = { pass: first, written: before, lost, loops: window.loops };
  let written = before;
  let passes = 0;
  const requestOf = (judge: SpokenLoops, draft: string): PassRequest => ({
    ...request,
    ...attemptAfter(first, ++passes, spell(writer.tokenizer, written), request),
    judgeLoops: () => judge.judge(),
    draft,
    maxTokens: request.maxTokens - written.tokens.length,
  });
  const append = (by: WrittenText): WrittenText => followed(written, written.tokens.length, by);
  while (found.lost !== undefined) {
    const { pass, loops } = found;
    const { restart, rest } = found.lost;
    if (request.maxTokens <= written.tokens.length) return { written, last: pass, warnings: [lostSpeech] };
    const next: Found | undefined =
      (await inWindow(window, loops, restart, requestOf)) ??
      (await byItself(window, loops, restart, requestOf));
    if (next === undefined) {
      if (agreement(spell(writer.tokenizer, rest), restart.draft) >= agreementBound)
        return { written: append(rest), last: pass, warnings: [lostSpeech] };
      const last = await draftItself(window, restart, requestOf(loops, restart.draft));
      const drafted = writtenText(last.decoded.best, last.logits);
      return { written: append(drafted), last, warnings: [draftedSpeech] };
    }
    written = append(next.written);
    found = next;
  }
  return { written, last: found.pass, warnings: [] };
}

interface Found extends SpokenText {
  readonly pass: Pass;
  /** By the draft of the rows that it was generated from. */
  readonly loops: SpokenLoops;
}

type RequestOf = (loops: SpokenLoops, draft: string) => PassRequest;

/** A pass over the encoder's rows from the restart on; undefined where nothing of its text was spoken. */
async function inWindow(
  { writer, encoded }: Window,
  all: SpokenLoops,
  { row, draft }: Restart,
  requestOf: RequestOf,
): Promise<Found | undefined> {
  const loops = all.from(row);
  const rest = rows(encoded, row, encoded.shape[0]! - row); // [T - row, D]
  const pass = await withDisposal(rest, () => runPass(writer, rest, requestOf(loops, draft)));
  return spokenPart(pass, loops);
}

/** The same with rows that the encoder gives without what is before them. */
function byItself(
  { writer, alone }: Window,
  all: SpokenLoops,
  { row }: Restart,
  requestOf: RequestOf,
): Promise<Found | undefined> {
  return alone(row, async (encoded, parts) => {
    const loops = all.replaced(
      parts.map((part) => ({ ...part, start: part.start + row, end: part.end + row })),
    );
    if (loops.length < all.from(row).length / 2) return undefined;
    const text = parts.map((part) => part.text).join("");
    return spokenPart(await runPass(writer, encoded, requestOf(loops, text)), loops);
  });
}

function spokenPart(pass: Pass, loops: SpokenLoops): Found | undefined {
  const known = withoutUnspoken(loops, pass);
  const { keep, restart } = loops.spokenText(known.written.tokens);
  const read: SpokenText = {
    written: without(known.written, keep, known.written.tokens.length),
    lost: restart && { restart, rest: without(known.written, 0, keep) },
  };
  const spoken = known.lost === undefined ? read : known;
  return spoken.written.tokens.length === 0 ? undefined : { ...spoken, pass, loops };
}

/** A pass in which the draft's text takes the place of the language model's. */
async function draftItself(
  { writer, encoded }: Window,
  { row, draft }: Restart,
  request: PassRequest,
): Promise<Pass> {
  const tokens = writer.tokenizer.encode(draft, { specials: false });
  const given = [...tokens, writer.endIds[0]!];
  const rest = rows(encoded, row, encoded.shape[0]! - row); // [T - row, D]
  return withDisposal(rest, () => runPass(writer, rest, { ...request, given, judgeLoops: () => allowed }));
}

const allowed: JudgeLoop = (tokens) => ({ keep: tokens.length, until: Infinity, spoken: true });

/** One attempt at the temperature of the first pass's best; `kept` is the text before it. */
function attemptAfter(
  { decoded: { best, attempts } }: Pass,
  passes: number,
  kept: string,
  { options }: PassRequest,
): Pick<PassRequest, "options" | "firstAttempt" | "onAttempt"> {
  const { temperature, avgLogprob } = best.attempt;
  const number = attempts.length - 1 + passes;
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

const draftedSpeech = warning(
  "repetition",
  "the text repeats itself, and the speech that follows was recognized by the CTC draft only, whose text it has there",
);
