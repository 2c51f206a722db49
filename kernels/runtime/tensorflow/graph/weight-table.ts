/** The weights that a graph's functions use: each a variable of the graph, filled once from TensorFlow's memory. */
import type { EagerValue } from "../eager.ts";
import type { GraphOps } from "./graph-ops.ts";
import type { GraphValue } from "./values.ts";

export class WeightTable {
  /** In the order of first use. */
  readonly weights: EagerValue[] = [];
  readonly #numbers = new Map<object, number>();
  /** For each function, the weights that it is given, in order. */
  readonly #captures = new Map<GraphOps, Map<number, GraphValue>>();

  /** The value of a weight inside of a function, which takes its variable as one more argument. */
  captured(ops: GraphOps, dataId: object, weight: EagerValue): GraphValue {
    const number = this.#numbers.get(dataId) ?? this.weights.push(weight) - 1;
    this.#numbers.set(dataId, number);
    const captures = this.#captures.get(ops) ?? new Map<number, GraphValue>();
    this.#captures.set(ops, captures);
    const known = captures.get(number);
    if (known !== undefined) return known;
    const variable = ops.argument(`w${number}`, "resource", []);
    const value = ops.read(variable, weight);
    captures.set(number, value);
    return value;
  }

  /** Numbers of the weights that a function takes, in the order of its arguments. */
  capturesOf(ops: GraphOps): readonly number[] {
    return [...(this.#captures.get(ops)?.keys() ?? [])];
  }
}
