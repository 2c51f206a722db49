/** A graph that is loaded: TensorFlow reads it as a SavedModel from a folder, which it needs no longer than that. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { types } from "../native.ts";
import type { Handle, NativeBackend } from "../native.ts";

export class GraphSession {
  readonly #backend: NativeBackend;
  readonly #id: number;

  constructor(backend: NativeBackend, model: Uint8Array) {
    this.#backend = backend;
    const folder = mkdtempSync(join(tmpdir(), "fun-asr-graph-"));
    try {
      writeFileSync(join(folder, "saved_model.pb"), model);
      this.#id = backend.binding.loadSavedModel(folder, "serve");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
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
