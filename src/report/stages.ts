/** Which stages a report draws in which way, by their names and shapes. */
import type { StageReader } from "../diff/archives/index.ts";
import type { StageValues } from "../diff/compare.ts";
import { SECONDS_PER_FRAME } from "../decoding/ctc.ts";
import type { Grid } from "./grid.ts";
import type { Axis } from "./plot.ts";

/** A stage as rows of features; undefined for a stage without rows. */
export function gridOf({ shape, values }: StageValues): Grid | undefined {
  const cols = shape.at(-1) ?? 0;
  return shape.length === 2 && values.length > 0 ? { rows: values.length / cols, cols, values } : undefined;
}

/** One head of a stage [heads, T, S]. */
export function headOf({ shape, values }: StageValues, head: number): Grid {
  const [, rows = 0, cols = 0] = shape;
  return { rows, cols, values: values.subarray(head * rows * cols, (head + 1) * rows * cols) };
}

/** The number of encoder frames of this clip, from the shape of the features. */
export function frameCount(ours: StageReader): number | undefined {
  return (ours.stages.get("cmvn") ?? ours.stages.get("lfr"))?.[0];
}

/**
 * An axis of `rows` rows: in seconds where they are frames of the encoder (Paraformer's alphas have one more at the end,
 * SenseVoice has four queries before them) or of the filter bank, else by number.
 */
export function timeAxis(ours: StageReader, rows: number, name = ""): Axis {
  const frames = frameCount(ours);
  const languageModel = /^(?:llm|prompt)\b/u.test(name);
  if (frames === undefined || languageModel) return { label: "position", low: 0, high: rows };
  const fine = ours.stages.get("fbank")?.[0];
  if (rows === frames || rows === frames + 1)
    return { label: "seconds", low: 0, high: rows * SECONDS_PER_FRAME };
  if (rows === fine) return { label: "seconds", low: 0, high: rows / 100 };
  if (rows === frames + queryRows)
    return { label: "seconds", low: -queryRows * SECONDS_PER_FRAME, high: frames * SECONDS_PER_FRAME };
  return { label: "position", low: 0, high: rows };
}

const queryRows = 4;

/** The outputs of the main parts that have more than one row of features. */
export function landmarks(ours: StageReader): string[] {
  const rows = ([, shape]: readonly [string, readonly number[]]): boolean =>
    shape.length === 2 && shape.every((size) => size > 1);
  const names = [...ours.stages].filter(rows).map(([name]) => name);
  return landmarkNames(names).slice(0, maxLandmarks);
}

/** Stages that are not part of a layer, and not token ids or positions, by their names. */
export const landmarkNames = (names: readonly string[]): string[] =>
  names.filter((name) => !/\.\d+(?:\.|$)/u.test(name) && !notFeatures.test(name));

const notFeatures =
  /log_probs|logits|linear\d|ctc_lo|output_layer|lm_head|ids$|generated|samples|predictor\./u;
const maxLandmarks = 10;

const probabilities = ".probabilities";

/** Attention stages by their common path: of each kind of layer the first, the middle and the last. */
export function attentionNames(names: readonly string[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const name of names) {
    if (!name.endsWith(probabilities)) continue;
    const kind = pathOfAttention(name).replaceAll(/\.\d+(?=\.)/gu, "");
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return new Map([...kinds].map(([kind, layers]) => [kind, spread(layers)]));
}

export const pathOfAttention = (name: string): string => name.slice(0, -probabilities.length);

/** A page has no room for every layer of a large model. */
const layersOfAKind = 3;

function spread(names: readonly string[]): string[] {
  const last = names.length - 1;
  const chosen = Array.from({ length: layersOfAKind }, (_, i) =>
    Math.round((i * last) / (layersOfAKind - 1)),
  );
  return [...new Set(chosen)].map((i) => names[i]!);
}

/** The blocks between the encoder and the language model, in their order. */
export const adaptorAttention = (names: readonly string[]): string[] =>
  names.filter((name) => /adaptor\.blocks\.\d+\.self_attn\.probabilities$/u.test(name));
