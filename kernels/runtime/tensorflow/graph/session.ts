/** A graph that TensorFlow has loaded. */
import { RuntimeError } from "../../../../src/errors.ts";
import { graphLoaders, types } from "../native.ts";
import type { Handle, NativeBackend } from "../native.ts";

export class GraphSession {
  readonly #backend: NativeBackend;
  readonly #id: number;

  /** `model`: the bytes of a SavedModel. Throws `backend_unavailable` where the host cannot load graphs. */
  constructor(backend: NativeBackend, model: Uint8Array) {
    const load = graphLoaders.get(backend);
    if (load === undefined) {
      throw new RuntimeError("backend_unavailable", "tensorflow", "a host without graphs", {
        wanted: "Node",
      });
    }
    this.#backend = backend;
    this.#id = load(backend.binding, model);
  }

  /** Feeds values that TensorFlow holds, or int32 numbers; the results are read and freed. */
  run(inputs: readonly (Handle | number)[], feeds: string, results: string): Int32Array[] {
    const { binding } = this.#backend;
    const made: number[] = [];
    const ids = inputs.map((input) => {
      if (typeof input !== "number") return input.id;
      const id = binding.createTensor([], types.int32, Int32Array.of(input));
      made.push(id);
      return id;
    });
    try {
      return binding.runSavedModel(this.#id, ids, feeds, results).map(({ id }) => {
        const values = (binding.tensorDataSync(id) as Int32Array).slice();
        binding.deleteTensor(id);
        return values;
      });
    } finally {
      for (const id of made) binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.#backend.binding.deleteSavedModel(this.#id);
  }
}
