/** What readers return: a checkpoint with notes about it, or a bare state dict. */
import type { Checkpoint, TensorEntry } from "../../src/checkpoints/checkpoint.ts";

export interface OpenModel extends Checkpoint {
  /** What the checkpoint is, and what will not work with it. */
  readonly notes: readonly string[];
  /** Tensors of the checkpoint that the model does not use and some layouts have a place for. */
  readonly extraTensors?: ReadonlyMap<string, TensorEntry>;
  /** The files with the tensors: paths or addresses. */
  readonly files: readonly string[];
}

/** What model.pt, safetensors and ONNX come down to: named tensors, read on demand, and nothing about the model. */
export interface StateDict extends AsyncDisposable {
  /** Its name in messages: the file's name. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}
