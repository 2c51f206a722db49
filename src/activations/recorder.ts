/**
 * A hook that keeps activations, or passes them to a `sink`: then the forward pass waits between its layers until the sink
 * has taken them, and none is kept. Values are read out while the stage lives, so nothing of it stays in the backend's
 * memory. Values for a sink are read into buffers that are reused: new arrays for each, gigabytes in all, would accumulate
 * faster than the garbage collector frees them.
 */
import { BufferPool } from "./buffer-pool.ts";
import { values, valuesInto } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import type { Hook } from "../nn/hook-point.ts";
import { formatStageName } from "../nn/stage-name.ts";

/** A named activation. */
export interface Activation {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface RecorderOptions {
  /**
   * Whether to capture the decoder's stages for each generated token too, as `name@token` (see stage-name.ts), and not
   * for the prompt alone. Where generation is retried, those of the first attempt are captured.
   */
  readonly steps?: boolean | undefined;
  /**
   * Takes the activations one by one, in the order of the forward pass. Their values are valid until the promise of the
   * sink settles; the buffer is then reused.
   */
  readonly sink?: ((stage: Activation) => Promise<void> | void) | undefined;
}

export class StageRecorder implements Hook {
  readonly #wanted: (path: string) => boolean;
  readonly #steps: boolean;
  readonly #sink: RecorderOptions["sink"];
  readonly #seen = new Set<string>();
  readonly #buffers = new BufferPool();
  #kept: { name: string; shape: readonly number[]; values: Promise<Float32Array> }[] = [];

  constructor(wanted: (path: string) => boolean = () => true, { steps = false, sink }: RecorderOptions = {}) {
    this.#wanted = wanted;
    this.#steps = steps;
    this.#sink = sink;
  }

  wants(path: string, token: number): boolean {
    if (token > 0 && !this.#steps) return false;
    return this.#wanted(path) && !this.#seen.has(formatStageName({ path, token }));
  }

  onTensor(path: string, value: Tensor, token: number): void {
    const read = this.#sink === undefined ? values(value) : valuesInto(value, this.#buffers.take(value.size));
    this.#kept.push({ name: this.#nameOf(path, token), shape: [...value.shape], values: read });
  }

  async onValues(path: string, shape: readonly number[], data: Float32Array, token: number): Promise<void> {
    const name = this.#nameOf(path, token);
    await this.flush(); // what came before
    if (this.#sink !== undefined) await this.#sink({ name, shape, values: data });
    else this.#kept.push({ name, shape, values: Promise.resolve(data.slice()) });
  }

  async flush(): Promise<void> {
    if (this.#sink === undefined) return;
    const waiting = this.#kept;
    this.#kept = [];
    while (waiting.length > 0) {
      const { name, shape, values: reading } = waiting.shift()!;
      const values = await reading;
      await this.#sink({ name, shape, values });
      this.#buffers.give(values);
    }
  }

  /** Everything captured so far and not passed to the sink, in the order of the forward pass. */
  async stages(): Promise<Activation[]> {
    return Promise.all(
      this.#kept.map(async ({ name, shape, values }) => ({ name, shape, values: await values })),
    );
  }

  #nameOf(path: string, token: number): string {
    const name = formatStageName({ path, token });
    this.#seen.add(name);
    return name;
  }
}
