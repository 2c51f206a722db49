/** The text that each layer of a model would give if it were the last: its best labels, row by row. */
import type { Engine } from "../engine/engine.ts";
import type { BackendName } from "../nn/backend.ts";
import { checkLogProbs } from "../nn/finite.ts";
import { dispose, tensor, values } from "../nn/ops.ts";
import { formatStageName } from "../nn/stage-name.ts";
import { platform } from "../platform/current.ts";
import type { Activation } from "../activations/recorder.ts";
import type { TextLens } from "./recognizer.ts";
import { logSoftmaxRows } from "../decoding/log-softmax.ts";

/** One of a row's best labels. */
export interface LensLabel {
  readonly id: number;
  readonly text: string;
  readonly probability: number;
}

export interface LensOptions {
  /** The head that reads: the language model's, or the CTC branch's. */
  readonly of: "llm" | "ctc";
  /** The number of labels of each row; 1 by default. */
  readonly top?: number | undefined;
}

export interface LensLayer {
  /** The layer's stage. */
  readonly name: string;
  /** The text of its best labels. */
  readonly text: string;
  /** Share of rows whose best label is the last layer's. */
  readonly agreement: number;
  /** The best labels of each frame (CTC) or of each generated token (LLM), the most likely first. */
  readonly rows: readonly (readonly LensLabel[])[];
}

/** Reads the layers' activations in `stages` through the lens; a decoder's have a row for each token. */
export async function readLayers(
  { engine, backend }: { readonly engine: Engine; readonly backend: BackendName },
  lens: TextLens,
  stages: ReadonlyMap<string, Activation>,
  top: number,
  signal?: AbortSignal,
): Promise<LensLayer[]> {
  const read: { name: string; rows: LensLabel[][] }[] = [];
  for (const name of lens.layers) {
    signal?.throwIfAborted();
    const hidden = rowsOf(name, lens, stages);
    if (hidden === undefined) continue;
    read.push({ name, rows: await engine.run(backend, () => readRows(lens, name, hidden, top), { signal }) });
    await platform().yieldNow();
  }
  const last = read.at(-1)?.rows ?? [];
  return read.map(({ name, rows }) => ({
    name,
    text: lens.text(rows.map(([best]) => best!.id)),
    agreement:
      rows.length === 0 ? 1 : rows.filter(([best], i) => best!.id === last[i]?.[0]?.id).length / rows.length,
    rows,
  }));
}

interface Rows {
  readonly values: Float32Array;
  readonly width: number;
}

/** Frames: all of them. Tokens: the prompt's last row, which predicts token 1, then the row of each token. */
function rowsOf(name: string, { rows }: TextLens, stages: ReadonlyMap<string, Activation>): Rows | undefined {
  const whole = stages.get(name);
  if (whole === undefined) return undefined;
  const width = whole.shape[1]!;
  if (rows === "frames") return { values: whole.values, width };
  const parts = [whole.values.subarray(whole.values.length - width)];
  for (let token = 1; ; token++) {
    const row = stages.get(formatStageName({ path: name, token }));
    if (row === undefined) break;
    parts.push(row.values);
  }
  const all = new Float32Array(parts.length * width);
  for (const [i, part] of parts.entries()) all.set(part, i * width);
  return { values: all, width };
}

async function readRows(
  lens: TextLens,
  layer: string,
  { values: hidden, width }: Rows,
  top: number,
): Promise<LensLabel[][]> {
  const x = tensor(hidden, [hidden.length / width, width]);
  const result: LensLabel[][] = [];
  try {
    const logits = lens.read(x, layer); // [rows, V]
    const vocabSize = logits.shape[1]!;
    try {
      const logProbs = logSoftmaxRows((await values(logits)).slice(), vocabSize);
      checkLogProbs(layer, logProbs, vocabSize);
      for (let row = 0; row * vocabSize < logProbs.length; row++) {
        result.push(best(logProbs.subarray(row * vocabSize, (row + 1) * vocabSize), top, lens));
      }
    } finally {
      dispose(logits);
    }
  } finally {
    dispose(x);
  }
  return result;
}

/** The most likely labels; of equals, the lowest id first. */
function best(logProbs: Float32Array, top: number, lens: TextLens): LensLabel[] {
  const ids: number[] = [];
  for (const [id, value] of logProbs.entries()) {
    if (ids.length === top && !(value > logProbs[ids.at(-1)!]!)) continue;
    const at = ids.findIndex((other) => value > logProbs[other]!);
    ids.splice(at < 0 ? ids.length : at, 0, id);
    ids.length = Math.min(ids.length, top);
  }
  return ids.map((id) => ({ id, text: lens.label(id), probability: Math.exp(logProbs[id]!) }));
}
