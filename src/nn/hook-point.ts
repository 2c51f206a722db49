/**
 * Hooks into a forward pass: every named module and step emits its output under its path, the same path that its
 * weights have. Without a hook nothing is computed for it.
 */
import { bitsOf } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { dispose, tensor, tidy, values } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import { eachTokenRow } from "./token-rows.ts";

export interface Hook {
  /**
   * Does the hook want this stage? Called before anything is computed for it. `token` is 0 for the audio and the
   * prompt, and n for the row of the nth generated token.
   */
  wants(path: string, token: number): boolean;
  /**
   * Gets the stage's value, which is valid until this call returns; for token 1 and later a single row. A tensor that this
   * returns takes its place in the rest of the forward pass (an intervention); it is freed with the stage that it
   * replaced. An error thrown here ends the pass.
   */
  onTensor(path: string, value: Tensor, token: number): Tensor | void;
  /**
   * Gets a stage's values from plain memory, without a tensor: for a hook that changes nothing, and is done with them
   * when the promise is fulfilled. Without it, {@link onTensor} gets them.
   */
  onValues?(path: string, shape: readonly number[], values: Float32Array, token: number): Promise<void>;
  /** Awaited between layers and tokens: for a hook that must keep pace. */
  flush?(): Promise<void>;
}

/** A stage as the model announces it. */
export interface StageInfo {
  readonly name: string;
  /** Row-major; a string where the length depends on the input: samples S, frames F, feature rows T, prompt L, tokens N, hotwords W or K. */
  readonly shape: readonly (number | string)[];
  /** Whether it consists of the stages whose names extend its own. */
  readonly block: boolean;
  /** Set where the columns are attention heads, side by side. */
  readonly heads?: number | undefined;
  /** Gathered from all steps of the generation, after the last one. */
  readonly gathered?: boolean | undefined;
  /** The coarsest format of the weights that it is computed with, as the file stores them; absent where it has none. */
  readonly format?: Format | undefined;
}

/** Where a model's modules announce their stages as it is built, and find the current hook as it runs. */
export class HookPoints {
  hook: Hook | undefined;
  /** In the order of the forward pass. */
  readonly stages: StageInfo[] = [];
  /** Widths of the results of blocks, where these are not the widths of their last parts. */
  readonly widths = new Map<string, number>();
  /** Each tensor that was asked for, its name among the stages, and how many of these had been announced before. */
  readonly asked: { readonly tensor: string; readonly name: string; readonly before: number }[] = [];
  #tokens: readonly number[] = [0];

  /** The tokens whose rows are being computed; [0] is the audio and the prompt. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** Runs `work`, which computes the rows of `count` generated tokens from token `first` on. */
  ofTokens<Result>(first: number, count: number, work: () => Result): Result {
    const before = this.#tokens;
    this.#tokens = Array.from({ length: count }, (_, i) => first + i);
    try {
      return work();
    } finally {
      this.#tokens = before;
    }
  }

  wants(path: string): boolean {
    const { hook } = this;
    return hook !== undefined && this.#tokens.some((token) => hook.wants(path, token));
  }

  /** Does the hook want any stage of this name or below it? */
  wantsAny(prefix: string): boolean {
    const below = (name: string): boolean => name === prefix || name.startsWith(`${prefix}.`);
    return this.hook !== undefined && this.stages.some(({ name }) => below(name) && this.wants(name));
  }
}

/**
 * The stages with the formats of their weights: those of the tensors directly below their path. A tensor without such a
 * stage, as a table that two modules share, belongs to the stage that was announced next, unless that has its own.
 */
export function withFormats(
  { stages, asked }: HookPoints,
  formatOf: (tensor: string) => Format | undefined,
): StageInfo[] {
  const coarsest = new Map<string, Format>();
  const note = (stage: string | undefined, format: Format | undefined): void => {
    if (stage === undefined || format === undefined) return;
    const known = coarsest.get(stage);
    if (known === undefined || bitsOf(format) < bitsOf(known)) coarsest.set(stage, format);
  };
  const names = new Set(stages.map(({ name }) => name));
  const ownerOf = (name: string): string => name.slice(0, name.lastIndexOf("."));
  const owned = new Set(asked.map(({ name }) => ownerOf(name)));
  for (const { tensor, name, before } of asked) {
    const next = stages[before]?.name;
    if (names.has(ownerOf(name))) note(ownerOf(name), formatOf(tensor));
    else if (next !== undefined && !owned.has(next)) note(next, formatOf(tensor));
  }
  return stages.map((stage) => {
    const format = coarsest.get(stage.name);
    return format === undefined ? stage : { ...stage, format };
  });
}

/** Emits a value under its path and returns the value that the forward pass continues with. */
export function emit(point: HookPoints, path: string, value: Tensor): Tensor {
  const { hook, tokens } = point;
  if (hook === undefined || !point.wants(path)) return value;
  if (tokens.length === 1) return hook.onTensor(path, value, tokens[0]!) ?? value;
  return eachTokenRow(value, tokens.length, (row, i) => {
    const token = tokens[i]!;
    return hook.wants(path, token) ? (hook.onTensor(path, row, token) ?? row) : row;
  });
}

/** The same for values outside of tensors, of the audio or the prompt; they may be written to afterwards. */
export async function emitValues(
  point: HookPoints,
  path: string,
  shape: readonly number[],
  data: Float32Array,
): Promise<Float32Array> {
  if (!point.wants(path)) return data;
  if (point.hook?.onValues !== undefined) {
    await point.hook.onValues(path, shape, data, point.tokens[0]!);
    return data;
  }
  const emitted = tensor(data.slice(), shape); // a backend may keep the array itself
  try {
    const result = tidy(() => emit(point, path, emitted));
    if (result === emitted) return data;
    const replaced = (await values(result)).slice();
    dispose(result);
    return replaced;
  } finally {
    dispose(emitted);
  }
}
