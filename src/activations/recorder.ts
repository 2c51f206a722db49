/**
 * A hook that keeps what it hears, or hands it on: with a `sink`, a stage is forgotten as soon as the sink has it, and
 * the forward pass waits between its layers until it has. Values are read out while the stage lives, so nothing of it
 * stays in the backend; those for a sink into memory that is used again and again, for garbage of gigabytes would pile
 * up faster than it is collected.
 */
import { BufferPool } from "./buffer-pool.ts";
import { values, valuesInto } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import type { Hook } from "../nn/hook-point.ts";

/** A named activation. */
export interface Activation {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface RecorderOptions {
  /** Also what the decoder's stages are in each generation step, as `name@step`; otherwise the prompt's alone. */
  readonly steps?: boolean | undefined;
  /**
   * Takes the stages one by one, in the order of the forward pass. Their values are the sink's until its promise is
   * kept; then the memory is used again.
   */
  readonly sink?: ((stage: Activation) => Promise<void> | void) | undefined;
}

/** What a stage is called in an archive: the prompt's by its path alone, a generation step's with the step's number. */
export function stageName(path: string, pass: number): string {
  return pass === 0 ? path : `${path}@${pass}`;
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

  wants(path: string, pass: number): boolean {
    return (pass === 0 || this.#steps) && this.#wanted(path) && !this.#seen.has(stageName(path, pass));
  }

  onTensor(path: string, value: Tensor, pass: number): void {
    const read = this.#sink === undefined ? values(value) : valuesInto(value, this.#buffers.take(value.size));
    this.#kept.push({ name: this.#named(path, pass), shape: [...value.shape], values: read });
  }

  async onValues(path: string, shape: readonly number[], data: Float32Array, pass: number): Promise<void> {
    const name = this.#named(path, pass);
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

  /** Everything heard so far and not handed on, in the order of the forward pass. */
  async stages(): Promise<Activation[]> {
    return Promise.all(
      this.#kept.map(async ({ name, shape, values }) => ({ name, shape, values: await values })),
    );
  }

  #named(path: string, pass: number): string {
    const name = stageName(path, pass);
    this.#seen.add(name);
    return name;
  }
}
