/**
 * Top-label search: hotwords among the less probable labels of the CTC head. A word that the draft got wrong may still
 * be among the best twenty labels of its frames: its characters are followed along a trie from frame to frame, across
 * blanks and the remaining frames of a label, but not across frames of other labels.
 *
 * After Fun-ASR-GGUF's radar, with an additional bound on how much less probable than the draft the word may be. With
 * twenty labels a frame, common words occur by chance, at a probability of one in a million.
 */
import { frameSeconds } from "../../decoding/ctc.ts";
import type { TopLabels } from "../../decoding/ctc.ts";
import { buildTrie, fold, followLabel } from "./trie.ts";
import type { TrieNode } from "./trie.ts";

interface TopLabelOptions {
  readonly blank: number;
  /** The text of a label; undefined where its bytes are not whole characters. */
  readonly textOf: (label: number) => string | undefined;
  /** Natural logarithm of the smallest mean ratio to the draft's own labels. */
  readonly minLogRatio?: number;
}

/** One label of a hit's path, and the part of the word that it stands for. */
interface LabelStep {
  readonly frame: number;
  readonly label: number;
  readonly text: string;
  readonly logProb: number;
}

export interface TopLabelHit {
  readonly word: string;
  readonly steps: readonly LabelStep[];
  /** First and last frame, in seconds. */
  readonly start: number;
  readonly end: number;
  /** Mean probability of its labels. */
  readonly score: number;
  /** Mean of log p(label) - log p(draft's label): 0 is the draft itself. */
  readonly logRatio: number;
}

const LOOK_AHEAD = 15;
const MIN_LOG_RATIO = Math.log(1 / 20);
/** A word must replace at least this many non-blank frames of the draft. */
const MIN_SPOKEN_FRAMES = 2;

/** The hits that do not overlap, in order of time. */
export function findInTopLabels(
  top: TopLabels,
  words: Iterable<string>,
  options: TopLabelOptions,
): TopLabelHit[] {
  const { blank, minLogRatio = MIN_LOG_RATIO } = options;
  const spoken = (frame: number): boolean => top.ids[frame * top.count] !== blank;
  const walk = createWalk(top, options);
  const root = buildTrie(words);
  const hits: (TopLabelHit & { spokenFrames: number; blankFrames: number })[] = [];
  for (let frame = 0; frame < top.frames; frame++) {
    if (!spoken(frame)) continue;
    for (const [word, steps] of walk(frame, root)) {
      const hit = { word, steps, ...measure(top, steps) };
      const spokenFrames = steps.filter((step) => spoken(step.frame)).length;
      const blankFrames = countBlanks(steps, spoken);
      if (spokenFrames >= MIN_SPOKEN_FRAMES && hit.logRatio >= minLogRatio)
        hits.push({ ...hit, spokenFrames, blankFrames });
    }
  }
  hits.sort(
    (a, b) =>
      b.spokenFrames - a.spokenFrames ||
      a.blankFrames - b.blankFrames ||
      b.word.length - a.word.length ||
      b.score - a.score ||
      a.start - b.start,
  );
  const kept: TopLabelHit[] = [];
  for (const { spokenFrames: _, blankFrames: __, ...hit } of hits)
    if (kept.every((other) => hit.end < other.start || hit.start > other.end)) kept.push(hit);
  return kept.toSorted((a, b) => a.start - b.start);
}

type Walk = (frame: number, node: TrieNode) => ReadonlyMap<string, readonly LabelStep[]>;

/** The most probable path through the trie for each word that continues at `frame`. */
function createWalk(top: TopLabels, { blank, textOf }: TopLabelOptions): Walk {
  const memory = new Map<TrieNode, Map<number, ReadonlyMap<string, readonly LabelStep[]>>>();
  const best = (frame: number): number => top.ids[frame * top.count] as number;

  const walk: Walk = (frame, node) => {
    const known = memory.get(node)?.get(frame);
    if (known !== undefined) return known;
    const found = new Map<string, readonly LabelStep[]>();
    for (let rank = 0; rank < top.count; rank++) {
      const label = top.ids[frame * top.count + rank] as number;
      const followed = label === blank ? undefined : followLabel(node, textOf(label) ?? "");
      if (followed === undefined) continue;
      const { node: next, text } = followed;
      const step = { frame, label, text, logProb: top.logProbs[frame * top.count + rank] as number };
      for (const word of next.words) keepBetter(found, word, [step]);
      for (const reached of framesAfter(frame))
        for (const [word, rest] of walk(reached, next)) keepBetter(found, word, [step, ...rest]);
    }
    memory.set(node, (memory.get(node) ?? new Map()).set(frame, found));
    return found;
  };

  /** Frames that may have the next label: up to and including the first that is neither blank nor the same label. */
  function* framesAfter(frame: number): Generator<number> {
    let ownRun = true;
    for (let next = frame + 1; next < top.frames && next <= frame + LOOK_AHEAD; next++) {
      yield next;
      ownRun &&= best(next) === best(frame);
      if (best(next) !== blank && !ownRun) return;
    }
  }

  return walk;
}

function keepBetter(
  found: Map<string, readonly LabelStep[]>,
  word: string,
  steps: readonly LabelStep[],
): void {
  const other = found.get(word);
  if (other === undefined || meanProbability(steps) > meanProbability(other)) found.set(word, steps);
}

function meanProbability(steps: readonly LabelStep[]): number {
  return steps.reduce((sum, { logProb }) => sum + Math.exp(logProb), 0) / steps.length;
}

function measure(top: TopLabels, steps: readonly LabelStep[]): Omit<TopLabelHit, "word" | "steps"> {
  const ratios = steps.map(({ frame, logProb }) => logProb - (top.logProbs[frame * top.count] as number));
  return {
    start: frameSeconds(steps[0]!.frame),
    end: frameSeconds(steps.at(-1)!.frame),
    score: meanProbability(steps),
    logRatio: ratios.reduce((a, b) => a + b, 0) / steps.length,
  };
}

function countBlanks(steps: readonly LabelStep[], spoken: (frame: number) => boolean): number {
  let blanks = 0;
  for (let frame = steps[0]!.frame; frame <= steps.at(-1)!.frame; frame++) if (!spoken(frame)) blanks++;
  return blanks;
}

/** A piece of draft text and its start in seconds. */
export interface DraftPiece {
  readonly text: string;
  readonly start: number;
}

/** How far outside a hit's frames, in seconds, a draft label may begin and still be replaced. */
const SLACK = 0.02;

/** The draft with the hits in place of the pieces at their times; each piece is the part of one label. */
export function applyHits(draft: readonly DraftPiece[], hits: readonly TopLabelHit[]): DraftPiece[] {
  const covered = ({ start }: DraftPiece): boolean =>
    hits.some((hit) => start >= hit.start - SLACK && start <= hit.end + SLACK);
  const kept = draft.filter((piece) => !covered(piece));
  return [...kept, ...hits.flatMap(toPieces)].sort((a, b) => a.start - b.start);
}

/** The word as written, cut into the letters of each label. */
function toPieces({ word, steps }: TopLabelHit): DraftPiece[] {
  const characters = Array.from(word);
  let at = 0;
  return steps.map(({ frame, text }, index) => {
    const from = at;
    let left = text.length;
    while (
      at < characters.length &&
      (left > 0 || fold(characters[at] as string) === "" || index === steps.length - 1)
    )
      left -= fold(characters[at++] as string).length;
    return { text: characters.slice(from, at).join(""), start: frameSeconds(frame) };
  });
}
