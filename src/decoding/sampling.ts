/**
 * Random sampling of a token: temperature, then the k most likely, then the nucleus of probability p
 * (Holtzman et al., arXiv:1904.09751), in the order of Hugging Face's `generate`. Equal logits rank by id and
 * the random numbers come from a seed, so the same logits and seed give the same token anywhere.
 */
import { checkValues } from "../options/check.ts";
import { decodingOptions } from "../options/table.ts";
import { argmax } from "./greedy.ts";
import { seededRandom } from "./random.ts";

export interface SamplingOptions {
  /** 0 is greedy. */
  readonly temperature?: number | undefined;
  /** Sample from this many of the most likely tokens: 50 by default, 0 for all. */
  readonly topK?: number | undefined;
  /** Sample from the smallest set of most likely tokens with at least this probability; 1 for all. */
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
}

type Sampler = (logits: Float32Array) => number;

/** A sampler with its own stream of random numbers: one for each attempt. */
export function createSampler(options: SamplingOptions = {}): Sampler {
  const { temperature = 0, topK = 50, topP = 1, seed = 0 } = options;
  checkValues(options, decodingOptions);
  if (temperature === 0) return argmax;

  const random = seededRandom(seed);
  return (logits) => {
    const highest = logits[argmax(logits)] as number;
    const ids = topK > 0 ? best(logits, topK) : allIds(logits, topP < 1);
    const weights = ids.map((id) => Math.exp(((logits[id] as number) - highest) / temperature));
    const nucleus = topP < 1 ? nucleusSize(weights, topP) : weights.length;
    return pick(ids, weights, nucleus, random());
  };
}

function allIds(logits: Float32Array, ranked: boolean): number[] {
  const ids = Array.from(logits, (_, id) => id);
  return ranked ? ids.sort(byLogit(logits)) : ids;
}

/** The k best ids in order, by insertion: k is small, and few logits exceed the lowest of the list. */
function best(logits: Float32Array, k: number): number[] {
  const list: number[] = [];
  const compare = byLogit(logits);
  for (let id = 0; id < logits.length; id++) {
    const worst = list.at(-1);
    if (list.length === k && worst !== undefined && compare(worst, id) < 0) continue;
    let at = list.length;
    while (at > 0 && compare(list[at - 1] as number, id) > 0) at--;
    list.splice(at, 0, id);
    if (list.length > k) list.pop();
  }
  return list;
}

/** Highest logit first, lowest id among equals. */
function byLogit(logits: Float32Array): (a: number, b: number) => number {
  return (a, b) => (logits[b] as number) - (logits[a] as number) || a - b;
}

/** How many of the ranked weights add up to the share `topP` of their sum; at least one. */
function nucleusSize(weights: readonly number[], topP: number): number {
  const enough = topP * sum(weights, weights.length);
  let held = 0;
  const last = weights.findIndex((weight) => (held += weight) >= enough);
  return last < 0 ? weights.length : last + 1;
}

/** The id whose share of the first `count` weights contains the point `at` of [0, 1). */
function pick(ids: readonly number[], weights: readonly number[], count: number, at: number): number {
  let left = at * sum(weights, count);
  for (let i = 0; i < count; i++) {
    left -= weights[i] as number;
    if (left < 0) return ids[i] as number;
  }
  return ids[count - 1] as number; // reached by rounding only
}

function sum(values: readonly number[], count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i] as number;
  return total;
}
