/**
 * An {@link OpBuilder} that records operations as the body of a TensorFlow function. What an eager run knows and a graph
 * gets only when it runs (which token, how far the cache is filled) are its {@link Symbols}: a step is recorded at
 * position 0, and every position in it is then relative to the position of the run.
 */
import type { Shape } from "../../../kernel.ts";
import { angleTables } from "../eager.ts";
import type { Type } from "../native.ts";
import { OpBuilder, broadcast } from "../op-builder.ts";
import type { Attrs, Rotation, TensorValue } from "../op-builder.ts";
import type { Argument, FunctionBody, GraphAttr, Node } from "./messages.ts";
import { outputRef, reductionAttrs, updateAttrs } from "./values.ts";
import type { GraphValue, Symbols } from "./values.ts";

const fillAttrs: Attrs = { T: { type: "float32" }, index_type: { type: "int32" } };

export class GraphOps extends OpBuilder {
  readonly name: string;
  readonly compiled: boolean;
  readonly #nodes: Node[] = [];
  readonly #arguments: GraphValue[] = [];
  readonly #positions: number;
  readonly #known = new Map<string, GraphValue>();
  /** Values that last from run to run, as recorded so far: caches. */
  readonly states: GraphValue[] = [];
  #symbols: Symbols | undefined;

  /** `positions`: the number of positions that the graph can run at. */
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

  /** Positions recorded from here on are relative to these. */
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
    return results.map(({ type, shape }, i) => ({ type, shape, ref: outputRef(name, op, i) }));
  }

  /** Writes a variable; returns the name of the node, for {@link after}. */
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
      const offsets = range(count).map((t) => position + t);
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
      return this.run("XlaDynamicUpdateSlice", [cache, rows, corner], updateAttrs(cache), cache);
    }
    const count = rows.shape[0]!;
    const where = this.#once(`where:${position}:${count}`, () => {
      return this.add(this.constant(range(count), [count, 1]), start) as GraphValue;
    });
    return this.run("TensorScatterUpdate", [cache, where, rows], updateAttrs(cache), cache);
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

  /** Whether any value of a row is true. */
  any(x: TensorValue): GraphValue {
    const attrs: Attrs = { Tidx: { type: "int32" }, keep_dims: { bool: false } };
    return this.run("Any", [x, this.int(0)], attrs, { type: "bool", shape: [] });
  }

  sum(row: TensorValue): GraphValue {
    return this.run("Sum", [row, this.int(0)], reductionAttrs(row), { type: row.type, shape: [] });
  }

  /** Index of the largest of a row, the first of equals. */
  argMax(row: TensorValue): GraphValue {
    const attrs: Attrs = { T: { type: row.type }, Tidx: { type: "int32" }, output_type: { type: "int32" } };
    return this.run("ArgMax", [row, this.int(0)], attrs, { type: "int32", shape: [] });
  }

  /** A row with its value at `index` replaced. */
  insert(row: GraphValue, value: TensorValue, index: TensorValue): GraphValue {
    if (this.compiled) {
      const parts = [row, this.reshape(value, 1), this.reshape(index, 1)];
      return this.run("XlaDynamicUpdateSlice", parts, updateAttrs(row), row);
    }
    const where = this.reshape(index, 1, 1);
    return this.run("TensorScatterUpdate", [row, where, this.reshape(value, 1)], updateAttrs(row), row);
  }

  #compare(op: string, a: TensorValue, b: TensorValue, type: Type): GraphValue {
    const attrs: Attrs = {
      T: { type: a.type },
      ...(op === "Equal" ? { incompatible_shape_error: { bool: true } } : {}),
    };
    return this.run(op, [a, b], attrs, { type, shape: broadcast(a.shape, b.shape) });
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

const range = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
