/**
 * From a checkpoint to a model that runs: configuration checked, every tensor accounted for, weights in the backend's
 * memory.
 */
import { bitsOf } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { architectureOf } from "./index.ts";
import type { Model } from "./index.ts";
import { Settings } from "../configs/settings.ts";
import type { Engine } from "../engine/engine.ts";
import { offerTurn } from "../engine/scheduler.ts";
import { platform } from "../platform/current.ts";
import type { BackendName } from "../nn/backend.ts";
import { Parameters } from "../nn/parameters.ts";
import type { LoadProgress, Parameter, StoreWeight } from "../nn/parameters.ts";
import { HookPoints, withFormats } from "../nn/hook-point.ts";
import { Weights } from "../nn/weights.ts";

export interface LoadedModel {
  readonly model: Model;
  readonly engine: Engine;
  readonly backend: BackendName;
  readonly hooks: HookPoints;
  /** Frees the weights. */
  dispose(): void;
}

interface ModelLoading {
  readonly engine: Engine;
  readonly backend: BackendName;
  /** Where the language model computes, if elsewhere. */
  readonly llm?: BackendName | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: LoadProgress) => void) | undefined;
}

/**
 * Builds the model that the checkpoint names, checks all of its tensors, then reads them.
 * Throws `unknown_architecture`, `bad_metadata`, `bad_tensors`, or whatever the container's reader throws.
 */
export async function buildModel(checkpoint: Checkpoint, loading: ModelLoading): Promise<LoadedModel> {
  const { model, parameters, hooks } = layOut(checkpoint);
  parameters.check();
  const { engine, backend, llm = backend, onProgress, signal } = loading;
  const placeOf = (path: string): BackendName => (path.startsWith("llm.") ? llm : backend);
  const betweenTensors = (): Promise<void> => offerTurn(() => platform().yieldNow());
  const store: StoreWeight = (source, abort) => engine.storeWeight(placeOf(source.name), source, abort);
  await engine.run(backend, () => parameters.load(store, betweenTensors, onProgress, signal), { signal });
  return { model, engine, backend, hooks, dispose: () => parameters.dispose() };
}

/** A tensor that an architecture requires. */
export type ExpectedTensor = Pick<Parameter, "path" | "shape" | "role">;

/** The tensors of the model that this metadata describes, in the model's order: for inspection and for synthesis. */
export function expectedTensors(checkpoint: Checkpoint): readonly ExpectedTensor[] {
  return layOut(checkpoint).parameters.requests;
}

/** The same, if the checkpoint has exactly these; throws `bad_tensors` otherwise. Reads no weights. */
export function checkTensors(checkpoint: Checkpoint): readonly ExpectedTensor[] {
  const { parameters } = layOut(checkpoint);
  parameters.check();
  return parameters.requests;
}

function layOut(checkpoint: Checkpoint): { model: Model; parameters: Parameters; hooks: HookPoints } {
  const { source, metadata } = checkpoint;
  const { build } = architectureOf(source, metadata);
  const parameters = new Parameters(checkpoint);
  const hooks = new HookPoints();
  const model = build(new Weights(parameters, hooks), new Settings(source, metadata));
  hooks.stages.splice(0, Infinity, ...withFormats(hooks, (name) => checkpoint.tensors.get(name)?.format));
  return { model, parameters, hooks };
}

/** The format with the fewest bits in a weight, of all matrices. */
export function coarsestFormat({ tensors }: Checkpoint): Format {
  return [...tensors.values()]
    .filter(({ shape }) => shape.length > 1)
    .map(({ format }) => format)
    .reduce((coarse, format) => (bitsOf(format) < bitsOf(coarse) ? format : coarse), "F32");
}
