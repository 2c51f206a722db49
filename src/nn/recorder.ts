/**
 * A tap that keeps what it hears. Values are read out while the stage lives, so nothing of it stays in the backend.
 * A stage that occurs again (each decoding step repeats the layers) is kept once, as the first pass made it.
 */
import { values } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Tap } from "./tap.ts";

/** A named activation. */
export interface Stage {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export class StageRecorder implements Tap {
  readonly #wanted: (path: string) => boolean;
  readonly #seen = new Map<string, { shape: readonly number[]; values: Promise<Float32Array> }>();

  constructor(wanted: (path: string) => boolean = () => true) {
    this.#wanted = wanted;
  }

  wants(path: string): boolean {
    return !this.#seen.has(path) && this.#wanted(path);
  }

  see(path: string, value: Tensor): void {
    this.#seen.set(path, { shape: [...value.shape], values: values(value).then((read) => read.slice()) });
  }

  /** For activations that never were tensors: samples, features, posteriors. */
  add(name: string, shape: readonly number[], data: Float32Array): void {
    if (this.wants(name)) this.#seen.set(name, { shape, values: Promise.resolve(data.slice()) });
  }

  /** Everything heard so far, in the order of the forward pass. */
  async stages(): Promise<Stage[]> {
    return Promise.all(
      [...this.#seen].map(async ([name, stage]) => ({
        name,
        shape: stage.shape,
        values: await stage.values,
      })),
    );
  }
}
