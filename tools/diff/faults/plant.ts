/** A model with one fault planted in it: in its weights, its metadata, its options, or the computation of a stage. */
import { tensor } from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Checkpoint, MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { StageReader } from "../../../src/diff/archives/index.ts";
import type { StageValues } from "../../../src/diff/compare.ts";
import { dequantize } from "../../../src/nn/backend.ts";
import type { Hook } from "../../../src/nn/hook-point.ts";
import type { RunOptions } from "../../../src/lab.ts";
import type { Transcriber } from "../../../src/node.ts";

/** The rows of the stage, from its sound rows and those of earlier stages. */
type Compute = (sound: StageValues, of: (stage: string) => StageValues) => Float32Array;

/** How a fault is planted. */
export type Plant =
  | {
      readonly tensor: string;
      readonly change: (values: Float32Array, shape: readonly number[]) => Float32Array;
    }
  | { readonly key: string; readonly value: MetadataValue }
  | { readonly options: Partial<RunOptions> }
  | { readonly needs: readonly string[]; readonly compute: Compute }
  | { readonly archive: (stage: StageValues) => StageValues };

/** A fault, and what must be found. */
export interface Fault {
  readonly what: string;
  readonly model: "nano" | "nano-q8_0" | "paraformer" | "sensevoice";
  /** The first stage that the comparison must name. */
  readonly stage: string;
  /** What the guess must contain; absent where the error has no signature. */
  readonly guess?: string;
  readonly plant: Plant;
  /** A change of the weights that the reference has, too. */
  readonly both?: Extract<Plant, { readonly tensor: string }>;
}

/** The checkpoint with the fault, where that is in weights or metadata. */
export function faultyCheckpoint(checkpoint: Checkpoint, plant: Plant | undefined): Checkpoint {
  if (plant === undefined) return checkpoint;
  const dispose = { [Symbol.asyncDispose]: () => checkpoint[Symbol.asyncDispose]() };
  if ("key" in plant) {
    if (!checkpoint.metadata.has(plant.key)) throw new Error(`no key ${plant.key}`);
    return {
      ...checkpoint,
      metadata: new Map([...checkpoint.metadata, [plant.key, plant.value]]),
      ...dispose,
    };
  }
  if (!("tensor" in plant)) return checkpoint;
  const entry = checkpoint.tensors.get(plant.tensor);
  if (entry === undefined) throw new Error(`no tensor ${plant.tensor}`);
  return {
    ...checkpoint,
    tensors: new Map([...checkpoint.tensors, [entry.name, changed(entry, plant.change)]]),
    ...dispose,
  };
}

function changed(
  entry: TensorEntry,
  change: (values: Float32Array, shape: readonly number[]) => Float32Array,
): TensorEntry {
  const { readRange: _, ...rest } = entry;
  return {
    ...rest,
    format: "F32",
    byteLength: 4 * entry.shape.reduce((a, b) => a * b, 1),
    async read(target) {
      const bytes = new Uint8Array(entry.byteLength);
      await entry.read(bytes);
      const values = change(dequantize(entry, bytes).slice(), entry.shape);
      target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    },
  };
}

/** The model as `diff` uses it, with the fault in one stage's computation or in the options of each pass. */
export function faultyModel(
  model: Transcriber,
  { stage, plant }: Pick<Fault, "stage" | "plant">,
): Transcriber {
  if (!("compute" in plant) && !("options" in plant)) return model;
  const run: Transcriber["run"] = (audio, options?: RunOptions) => {
    if ("options" in plant) return model.run(audio, { ...options, ...plant.options });
    const seen = new Map<string, StageValues>();
    const compute = (value: StageValues): Float32Array => plant.compute(value, (name) => seen.get(name)!);
    const { sink, hook } = options ?? {};
    return model.run(audio, {
      ...options,
      hook: computing(stage, plant.needs, seen, compute, hook),
      // What is captured is the value before the hooks.
      sink: (captured) =>
        sink?.(captured.name === stage ? { ...captured, values: compute(captured) } : captured),
    });
  };
  return { info: model.info, stages: () => model.stages(), run } as unknown as Transcriber;
}

function computing(
  stage: string,
  needs: readonly string[],
  seen: Map<string, StageValues>,
  compute: (value: StageValues) => Float32Array,
  next: Hook | undefined,
): Hook {
  const valuesOf = (value: Tensor): StageValues => ({
    shape: value.shape,
    values: value.dataSync<"float32">().slice(),
  });
  return {
    wants: (path, token) => path === stage || needs.includes(path) || next?.wants(path, token) === true,
    onTensor(path, value, token) {
      const faulty = path === stage ? tensor(compute(valuesOf(value)), value.shape) : value;
      const result =
        (next?.wants(path, token) === true ? next.onTensor(path, faulty, token) : undefined) ?? faulty;
      if (needs.includes(path)) seen.set(path, valuesOf(result));
      return result;
    },
  };
}

/** The reference with the fault in one stage, where that is in the archive. */
export function faultyArchive(
  reference: StageReader,
  { stage, plant }: Pick<Fault, "stage" | "plant">,
  sound: StageValues,
): StageReader {
  if (!("archive" in plant)) return reference;
  const faulty = plant.archive(sound);
  return {
    ...reference,
    stages: new Map([...reference.stages, [stage, faulty.shape]]),
    read: async (name, signal) => (name === stage ? faulty : reference.read(name, signal)),
    [Symbol.asyncDispose]: async () => {},
  };
}
