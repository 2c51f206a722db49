/** Two models tensor by tensor, in whatever containers, namings and formats they are: by canonical names. */
import type { Format } from "../kernels/formats/table.ts";
import type { Checkpoint, MetadataValue, TensorEntry } from "../src/checkpoints/checkpoint.ts";
import { tensorValues } from "./writers/tensor-chunks.ts";
import { checkNames } from "../src/options/check.ts";
import type { NamesOf } from "../src/options/check.ts";

export interface TensorDifference {
  readonly name: string;
  /** Undefined where the tensor is missing. */
  readonly formats: readonly [Format | undefined, Format | undefined];
  readonly shapes: readonly [readonly number[] | undefined, readonly number[] | undefined];
  /** √(Σ (a − b)² / Σ b²) and max |a − b|; infinite where a value is no number or the shapes differ. */
  readonly relativeL2: number;
  readonly maxAbs: number;
}

export interface KeyDifference {
  readonly key: string;
  readonly values: readonly [MetadataValue | undefined, MetadataValue | undefined];
}

export interface ModelDifference {
  /** All tensors of both, in the order of the first. */
  readonly tensors: readonly TensorDifference[];
  /** Keys whose values differ. */
  readonly keys: readonly KeyDifference[];
}

export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    | ((done: { readonly tensor: string; readonly done: number; readonly total: number }) => void)
    | undefined;
}

const optionNames: NamesOf<CompareOptions> = {
  signal: true,
  onProgress: true,
};

export async function compareModels(
  a: Checkpoint,
  b: Checkpoint,
  options: CompareOptions = {},
): Promise<ModelDifference> {
  checkNames(options, optionNames);
  const names = new Set([...a.tensors.keys(), ...b.tensors.keys()]);
  const tensors: TensorDifference[] = [];
  for (const name of names) {
    tensors.push(await compareTensors(name, a.tensors.get(name), b.tensors.get(name), options.signal));
    options.onProgress?.({ tensor: name, done: tensors.length, total: names.size });
  }
  const keys = [...new Set([...a.metadata.keys(), ...b.metadata.keys()])]
    .map((key) => ({ key, values: [a.metadata.get(key), b.metadata.get(key)] as const }))
    .filter(({ values: [left, right] }) => asStored(left) !== asStored(right));
  return { tensors, keys };
}

/** Real numbers are float32 in a file and double in a config.json. */
function asStored(value: MetadataValue | undefined): string | undefined {
  return JSON.stringify(typeof value === "number" && !Number.isInteger(value) ? Math.fround(value) : value);
}

async function compareTensors(
  name: string,
  a: TensorEntry | undefined,
  b: TensorEntry | undefined,
  signal: AbortSignal | undefined,
): Promise<TensorDifference> {
  const comparable = a !== undefined && b !== undefined && a.shape.join() === b.shape.join();
  return {
    name,
    formats: [a?.format, b?.format],
    shapes: [a?.shape, b?.shape],
    ...(comparable ? await distance(a, b, signal) : { relativeL2: Infinity, maxAbs: Infinity }),
  };
}

async function distance(
  a: TensorEntry,
  b: TensorEntry,
  signal: AbortSignal | undefined,
): Promise<{ relativeL2: number; maxAbs: number }> {
  let squares = 0;
  let errorSquares = 0;
  let maxAbs = 0;
  const others = tensorValues(b, signal);
  for await (const left of tensorValues(a, signal)) {
    const right = (await others.next()).value as Float32Array;
    for (let i = 0; i < left.length; i++) {
      const y = right[i] as number;
      const error = Math.abs((left[i] as number) - y);
      if (!(error < Infinity)) return { relativeL2: Infinity, maxAbs: Infinity };
      squares += y * y;
      errorSquares += error * error;
      if (error > maxAbs) maxAbs = error;
    }
  }
  return { relativeL2: errorSquares === 0 ? 0 : Math.sqrt(errorSquares / squares), maxAbs };
}
