/** What model.pt, safetensors and ONNX come down to: named tensors, read on demand, with nothing said about the model. */
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";

export interface StateDict extends AsyncDisposable {
  /** What to call it in messages: the file's name. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}
