/** Values of a graph that is being written: how they are referred to, and which of them are known only when it runs. */
import type { Attrs, TensorValue } from "../op-builder.ts";

/** A value that the graph will have. */
export interface GraphValue extends TensorValue {
  readonly ref: string;
}

/** What is known only when the graph runs; numbers are int32. */
export interface Symbols {
  /** Row of the cache for the first of the new positions. */
  readonly slot: GraphValue;
  /** First row of the cache that is in use: prompts shorter than their bucket are at its end. */
  readonly first: GraphValue;
  /** Row numbers for GetRows. */
  readonly ids: GraphValue | undefined;
}

/** The name that each operation gives its output, or each of its outputs; `output` for all others. */
const outputNames: { readonly [op: string]: string | readonly string[] } = {
  AddV2: "z",
  Sub: "z",
  Mul: "z",
  Maximum: "z",
  Less: "z",
  LessEqual: "z",
  GreaterEqual: "z",
  Equal: "z",
  LogicalAnd: "z",
  LogicalOr: "z",
  LogicalNot: "y",
  Relu: "activations",
  Sigmoid: "y",
  Tanh: "y",
  Square: "y",
  Rsqrt: "y",
  Softmax: "softmax",
  Cast: "y",
  Transpose: "y",
  MatMul: "product",
  IsNan: "y",
  ReadVariableOp: "value",
  Exp: "y",
  Log: "y",
  TopKV2: ["values", "indices"],
};

/** The reference to output `i` of the node `name`, an operation `op`. */
export function outputRef(name: string, op: string, i: number): string {
  const output = outputNames[op] ?? "output";
  return typeof output === "string" ? `${name}:${output}:${i}` : `${name}:${output[i]!}:0`;
}

/** Attributes of an operation that replaces part of a value. */
export function updateAttrs(value: TensorValue): Attrs {
  return { T: { type: value.type }, Tindices: { type: "int32" } };
}

/** Attributes of an operation that reduces a row to a number. */
export function reductionAttrs(row: TensorValue): Attrs {
  return { T: { type: row.type }, Tidx: { type: "int32" }, keep_dims: { bool: false } };
}
