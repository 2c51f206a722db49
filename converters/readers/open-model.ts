/** A checkpoint as the converters open it, with what its reader found out. */
import type { Checkpoint, TensorEntry } from "../../src/checkpoints/checkpoint.ts";

export interface OpenModel extends Checkpoint {
  /** What the checkpoint is, and what will not work with it. */
  readonly notes: readonly string[];
  /** Tensors of the checkpoint that the model does not use and some layouts have a place for. */
  readonly extraTensors?: ReadonlyMap<string, TensorEntry>;
  /** The files with the tensors: paths or addresses. */
  readonly files: readonly string[];
}
