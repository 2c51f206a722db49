/**
 * The parts of attention (../attention), for hooks that read or replace them: scores q·kᵀ·scale per head, their softmax
 * (the probabilities), and the average of the values by these. Heads, groups, lengths and causality are defined there.
 */
import { demand, matrix, required } from "../../kernel.ts";
import type { KernelDefinition, Shape, Shapes } from "../../kernel.ts";

export interface ScoresAttrs {
  readonly heads: number;
  readonly kvHeads: number;
  readonly scale: number;
  /** Rows of k in use. */
  readonly length: number;
}

/** {q [T, heads·D], k [S, kvHeads·D]} → [heads, T, length], those of masked positions included. */
export const attentionScores: KernelDefinition<"q" | "k", ScoresAttrs> = {
  name: "AttentionScores",
  outputs: (inputs, { heads, kvHeads, length }) => {
    const [frames, width] = matrix("AttentionScores", inputs, "q");
    const [rows, columns] = matrix("AttentionScores", inputs, "k");
    const fits = grouped(heads, kvHeads) && columns * heads === width * kvHeads && columns % kvHeads === 0;
    const found = `q [${frames}, ${width}], k [${rows}, ${columns}], ${heads} heads over ${kvHeads}`;
    demand(fits, "AttentionScores", found, "heads of one size");
    demand(length >= 1 && length <= rows, "AttentionScores", `${length} rows in use`, `1 to ${rows}`);
    return [[heads, frames, length]];
  },
};

export interface ProbabilitiesAttrs {
  /** The T queries are the last of the S positions and attend to none after themselves. */
  readonly causal: boolean;
}

/** {scores [heads, T, S]} → [heads, T, S]: softmax over what each query attends to, 0 for the rest. */
export const attentionProbabilities: KernelDefinition<"scores", ProbabilitiesAttrs> = {
  name: "AttentionProbabilities",
  outputs: (inputs, { causal }) => {
    const shape = perHead("AttentionProbabilities", inputs, "scores");
    const [, queries, positions] = shape;
    const found = `${queries} causal queries of ${positions} positions`;
    demand(!causal || queries <= positions, "AttentionProbabilities", found, "no more than positions");
    return [shape];
  },
};

export interface ContextAttrs {
  readonly kvHeads: number;
}

/** {probabilities [heads, T, S], v [S or more, kvHeads·D]} → [T, heads·D] */
export const attentionContext: KernelDefinition<"probabilities" | "v", ContextAttrs> = {
  name: "AttentionContext",
  outputs: (inputs, { kvHeads }) => {
    const [heads, queries, positions] = perHead("AttentionContext", inputs, "probabilities");
    const [rows, columns] = matrix("AttentionContext", inputs, "v");
    const fits = grouped(heads, kvHeads) && columns % kvHeads === 0 && positions <= rows;
    const found = `${heads} heads of ${positions} positions, v [${rows}, ${columns}] of ${kvHeads} heads`;
    demand(fits, "AttentionContext", found, "a row of v for each position, whole heads in it");
    return [[queries, (columns / kvHeads) * heads]];
  },
};

const grouped = (heads: number, kvHeads: number): boolean => heads % kvHeads === 0;

function perHead<In extends string>(
  kernel: string,
  inputs: Shapes<In>,
  name: In,
): readonly [heads: number, queries: number, positions: number] {
  const shape: Shape = required(kernel, inputs, name);
  const [heads, queries, positions] = shape;
  const fits = shape.length === 3 && heads !== undefined && queries !== undefined && positions !== undefined;
  demand(fits, kernel, `${name} is [${shape.join(", ")}]`, "[heads, T, S]");
  return [heads, queries, positions];
}
