/**
 * `Weights`: a cursor over a checkpoint, from which a model takes its tensors by name and shape. After candle's
 * VarBuilder. The modules that are made of these tensors are in linear.ts and layers.ts, what hooks can see of them in
 * stage.ts.
 */
import type { HookPoints } from "./hook-point.ts";
import type { Parameter, Parameters } from "./parameters.ts";

export class Weights {
  readonly path: string;
  readonly hooks: HookPoints;
  /** How many rows the results of modules here have; a letter for a length that the input determines. */
  readonly rows: string | number;
  readonly #parameters: Parameters;
  /** Where the tensors are; another path than `path` below `named`. */
  readonly #tensors: string;

  constructor(
    parameters: Parameters,
    hooks: HookPoints,
    {
      path = "",
      rows = "T",
      tensors = path,
    }: { path?: string; rows?: string | number; tensors?: string } = {},
  ) {
    this.#parameters = parameters;
    this.hooks = hooks;
    this.path = path;
    this.rows = rows;
    this.#tensors = tensors;
  }

  /** The cursor one level down: `at("encoders.3").at("norm1")` is at `….encoders.3.norm1`. */
  at(name: string | number): Weights {
    return this.#with({ path: this.join(name), tensors: below(this.#tensors, name) });
  }

  /** The same tensors for modules whose stages have another path: for weights that a pass uses several times. */
  named(path: string): Weights {
    return this.#with({ path });
  }

  /** The same cursor, for modules whose results have this many rows: a number, or a letter for a length that the input determines. */
  withRows(rows: string | number): Weights {
    return this.#with({ rows });
  }

  /** The path of the stage `name` below the cursor; "" is the cursor's own. */
  join(name: string | number): string {
    return below(this.path, name);
  }

  /** Is there a tensor of this name below the cursor? For parts that a checkpoint may lack. */
  has(name: string): boolean {
    return this.#parameters.has(below(this.#tensors, name));
  }

  /** The shape of a tensor below the cursor in the checkpoint; undefined where there is none. */
  shapeOf(name: string): readonly number[] | undefined {
    return this.#parameters.shapeOf(below(this.#tensors, name));
  }

  /** Allows the checkpoint a tensor that inference has no use for. */
  unused(name: string): void {
    this.#parameters.ignore(below(this.#tensors, name));
  }

  /** Allows the checkpoint any tensors of modules that inference has no use for. */
  unusedModules(...names: readonly string[]): void {
    for (const name of names) this.#parameters.ignoreBelow(below(this.#tensors, name));
  }

  /** A plain float32 tensor. */
  values(name: string, shape: readonly number[]): Parameter {
    return this.#request(name, shape, "values");
  }

  /** A matrix [out, in], or a kernel [out, in, taps] as one, in any format: for the kernels that multiply by it. */
  matrix(name: string, shape: readonly number[]): Parameter {
    return this.#request(name, shape, "matrix");
  }

  #request(name: string, shape: readonly number[], role: Parameter["role"]): Parameter {
    const { asked, stages } = this.hooks;
    const tensor = below(this.#tensors, name);
    asked.push({ tensor, name: this.join(name), before: stages.length });
    return this.#parameters.request(tensor, shape, role);
  }

  #with(changed: { path?: string; rows?: string | number; tensors?: string }): Weights {
    const { path, rows } = this;
    return new Weights(this.#parameters, this.hooks, { path, rows, tensors: this.#tensors, ...changed });
  }
}

function below(path: string, name: string | number): string {
  if (name === "") return path;
  return path === "" ? `${name}` : `${path}.${name}`;
}
