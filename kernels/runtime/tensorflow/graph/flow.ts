/**
 * A {@link OpBuilder} that writes operations down, as the body of a TensorFlow function. What an eager run knows and a graph
 * learns only when it runs (which token, how far the cache is filled) are its {@link Symbols}: a step is recorded at
 * position 0, and all that says 0 then counts from the position of the moment.
 */
import type { Shape } from "../../../kernel.ts";
import { angleTables } from "../eager.ts";
import { OpBuilder } from "../flow.ts";
import type { Attrs, Rotation, TensorValue } from "../flow.ts";
import type { Type } from "../native.ts";
import type { Argument, FunctionBody, GraphAttr, Node } from "./messages.ts";

/** A value that the graph will have. */
export interface GraphValue extends TensorValue {
  readonly ref: string;
}

/** What is known only when the graph runs; numbers are int32. */
export interface Symbols {
  /** Row of the cache for the first of the new positions. */
  readonly slot: GraphValue;
  /** First row of the cache that is in use: prompts shorter than their bucket stand at its end. */
  readonly first: GraphValue;
  /** Row numbers for GetRows. */
  readonly ids: GraphValue | undefined;
}

/** The name that each operation gives its output, or each of them; `output` for all others. */
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

const fillAttrs: Attrs = { T: { type: "float32" }, index_type: { type: "int32" } };

export class GraphFlow extends OpBuilder {
  readonly name: string;
  readonly compiled: boolean;
  readonly #nodes: Node[] = [];
  readonly #arguments: GraphValue[] = [];
  readonly #positions: number;
  readonly #known = new Map<string, GraphValue>();
  /** Values that live on from run to run, as they are by now: caches. */
  readonly states: GraphValue[] = [];
  #symbols: Symbols | undefined;

  /** `positions`: how many the graph can be asked for. */
  constructor(name: string, options: { readonly compiled: boolean; readonly positions: number }) {
    super();
    this.name = name;
    this.compiled = options.compiled;
    this.#positions = options.positions;
  }

  /** The arguments so far, as values. */
  get inputs(): readonly GraphValue[] {
    return this.#arguments;
  }

  argument(name: string, type: Type, shape: Shape): GraphValue {
    const value = { ref: name, type, shape };
    this.#arguments.push(value);
    return value;
  }

  /** One more state, which the function takes as an argument, or starts with zeros. */
  state(shape: Shape, given: boolean): GraphValue {
    const value = given
      ? this.argument(`state${this.states.length}`, "float32", shape)
      : this.run("Fill", [this.ints(...shape), this.number(0)], fillAttrs, { type: "float32", shape });
    this.states.push(value);
    return value;
  }

  /** The value of a variable. */
  read(variable: GraphValue, { type, shape }: TensorValue): GraphValue {
    return this.node("ReadVariableOp", [variable], { dtype: { type } }, [{ type, shape }])[0]!;
  }

  /** From here on, positions count from these. */
  at(symbols: Symbols): void {
    this.#symbols = symbols;
  }

  body(outputs: readonly GraphValue[]): FunctionBody {
    return {
      name: this.name,
      inputs: this.#arguments.map(({ ref, type }): Argument => ({ name: ref, type })),
      outputs: outputs.map(({ ref, type }, i) => ({ name: `out${i}`, type, from: ref })),
      nodes: this.#nodes,
      compiled: this.compiled,
    };
  }

  run(op: string, inputs: readonly TensorValue[], attrs: Attrs, result: TensorValue): GraphValue {
    return this.node(op, inputs, attrs, [result])[0]!;
  }

  runAll(
    op: string,
    inputs: readonly TensorValue[],
    attrs: Attrs,
    results: readonly TensorValue[],
  ): GraphValue[] {
    return this.node(op, inputs, attrs, results);
  }

  /** A node with any attributes, any number of results, and nodes that must run before it. */
  node(
    op: string,
    inputs: readonly TensorValue[],
    attrs: { readonly [name: string]: GraphAttr },
    results: readonly TensorValue[],
    after: readonly string[] = [],
  ): GraphValue[] {
    const name = `n${this.#nodes.length}`;
    const refs = (inputs as readonly GraphValue[]).map(({ ref }) => ref);
    this.#nodes.push({ name, op, inputs: [...refs, ...after.map((node) => `^${node}`)], attrs });
    const output = outputNames[op] ?? "output";
    const ref = (i: number): string =>
      typeof output === "string" ? `${name}:${output}:${i}` : `${name}:${output[i]!}:0`;
    return results.map(({ type, shape }, i) => ({ type, shape, ref: ref(i) }));
  }

  /** Writes a variable; the name of the node, for others to come after it. */
  assign(variable: GraphValue, value: GraphValue): string {
    this.node("AssignVariableOp", [variable, value], { dtype: { type: value.type } }, []);
    return this.#nodes.at(-1)!.name;
  }

  /** The same value, once these nodes have run. */
  after(value: GraphValue, nodes: readonly string[]): GraphValue {
    return this.node("Identity", [value], { T: { type: value.type } }, [value], nodes)[0]!;
  }

  constant(values: Int32Array | Float32Array, shape: Shape): GraphValue {
    const type = values instanceof Int32Array ? "int32" : "float32";
    return this.#once(`${type}:${shape.join()}:${values.join()}`, () => {
      const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      return this.node("Const", [], { dtype: { type }, value: { tensor: { type, shape, content } } }, [
        { type, shape },
      ])[0]!;
    });
  }

  ids(): GraphValue {
    return this.#at.ids!;
  }

  rotation(
    { headDim, theta }: { headDim: number; theta: number },
    position: number,
    count: number,
  ): Rotation {
    const half = headDim / 2;
    const key = `rotation:${headDim}:${theta}:${position}:${count}`;
    const rows = this.#once(`${key}:rows`, () => {
      const { slot, first } = this.#at;
      const offsets = Int32Array.from({ length: count }, (_, t) => position + t);
      const rows = this.add(this.sub(slot, first), this.constant(offsets, [count]));
      return this.#compare("Maximum", rows, this.int(0), "int32"); // rows before the first are masked
    });
    const cut = (part: 0 | 1): GraphValue =>
      this.#once(`${key}:${part}`, () => {
        const table = angleTables({ headDim, theta }, this.#positions)[part];
        return this.gather(this.constant(table, [this.#positions, half]), rows) as GraphValue;
      });
    return { cos: cut(0), sin: cut(1) };
  }

  used(cache: TensorValue): TensorValue {
    return cache;
  }

  causalMask(queries: number, _length: number, rows: number): TensorValue {
    return this.#once(`mask:${queries}:${rows}`, () => {
      const { slot, first } = this.#at;
      const range = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
      const row = this.constant(range(rows), [1, rows]);
      const last = this.add(slot, this.constant(range(queries), [queries, 1]));
      const past = this.#compare("LessEqual", row, last, "bool");
      const begun = this.#compare("GreaterEqual", row, first, "bool");
      const seen = this.run("LogicalAnd", [past, begun], {}, { type: "bool", shape: past.shape });
      return this.select(seen, this.number(0), this.number(-1e9));
    });
  }

  overwrite(cache: TensorValue, rows: TensorValue, position: number): TensorValue {
    const after = this.#written(cache, rows, position);
    const state = this.states.findIndex(({ ref }) => ref === (cache as GraphValue).ref);
    if (state >= 0) this.states[state] = after;
    return after;
  }

  #written(cache: TensorValue, rows: TensorValue, position: number): GraphValue {
    const { slot } = this.#at;
    const start = position === 0 ? slot : this.add(slot, this.int(position));
    if (this.compiled) {
      const corner = this.#once(`corner:${position}`, () => {
        const row = this.reshape(start, 1);
        return this.concat([row, this.ints(0)], 0) as GraphValue;
      });
      const attrs: Attrs = { T: { type: cache.type }, Tindices: { type: "int32" } };
      return this.run("XlaDynamicUpdateSlice", [cache, rows, corner], attrs, cache);
    }
    const count = rows.shape[0]!;
    const where = this.#once(`where:${position}:${count}`, () => {
      const offsets = this.constant(
        Int32Array.from({ length: count }, (_, t) => t),
        [count, 1],
      );
      return this.add(offsets, start) as GraphValue;
    });
    const attrs: Attrs = { T: { type: cache.type }, Tindices: { type: "int32" } };
    return this.run("TensorScatterUpdate", [cache, where, rows], attrs, cache);
  }

  select(condition: TensorValue, yes: TensorValue, no: TensorValue): GraphValue {
    const shape = condition.shape;
    return this.run("SelectV2", [condition, yes, no], { T: { type: yes.type } }, { type: yes.type, shape });
  }

  compare(op: "Less" | "Equal", a: TensorValue, b: TensorValue): GraphValue {
    return this.#compare(op, a, b, "bool");
  }

  both = (a: TensorValue, b: TensorValue): GraphValue => this.run("LogicalAnd", [a, b], {}, a);
  either = (a: TensorValue, b: TensorValue): GraphValue => this.run("LogicalOr", [a, b], {}, a);
  not = (a: TensorValue): GraphValue => this.run("LogicalNot", [a], {}, a);
  isNan = (x: TensorValue): GraphValue =>
    this.run("IsNan", [x], { T: { type: x.type } }, { type: "bool", shape: x.shape });

  /** Whether one of a row of truths is true. */
  any(x: TensorValue): GraphValue {
    const attrs: Attrs = { Tidx: { type: "int32" }, keep_dims: { bool: false } };
    return this.run("Any", [x, this.int(0)], attrs, { type: "bool", shape: [] });
  }

  sum(row: TensorValue): GraphValue {
    const attrs: Attrs = { T: { type: row.type }, Tidx: { type: "int32" }, keep_dims: { bool: false } };
    return this.run("Sum", [row, this.int(0)], attrs, { type: row.type, shape: [] });
  }

  /** Index of the largest of a row, the first of equals. */
  argMax(row: TensorValue): GraphValue {
    const attrs: Attrs = { T: { type: row.type }, Tidx: { type: "int32" }, output_type: { type: "int32" } };
    return this.run("ArgMax", [row, this.int(0)], attrs, { type: "int32", shape: [] });
  }

  /** A row with its value at `index` replaced. */
  insert(row: GraphValue, value: TensorValue, index: TensorValue): GraphValue {
    const attrs: Attrs = { T: { type: row.type }, Tindices: { type: "int32" } };
    if (this.compiled) {
      return this.run(
        "XlaDynamicUpdateSlice",
        [row, this.reshape(value, 1), this.reshape(index, 1)],
        attrs,
        row,
      );
    }
    return this.run(
      "TensorScatterUpdate",
      [row, this.reshape(index, 1, 1), this.reshape(value, 1)],
      attrs,
      row,
    );
  }

  #compare(op: string, a: TensorValue, b: TensorValue, type: Type): GraphValue {
    // Shapes as of addition; only the type of the result is its own.
    const attrs: Attrs = {
      T: { type: a.type },
      ...(op === "Equal" ? { incompatible_shape_error: { bool: true } } : {}),
    };
    return this.run(op, [a, b], attrs, { type, shape: joined(a.shape, b.shape) });
  }

  get #at(): Symbols {
    return this.#symbols!;
  }

  #once(key: string, make: () => GraphValue): GraphValue {
    const known = this.#known.get(key) ?? make();
    this.#known.set(key, known);
    return known;
  }
}

function joined(a: Shape, b: Shape): Shape {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  const rank = longer.length - shorter.length;
  return longer.map((length, i) => Math.max(length, shorter[i - rank] ?? 1));
}
