/**
 * TensorFlow's operations on values, in which the `tensorflow` files of the kernels are written. An {@link OpBuilder}
 * decides what becomes of an operation: eager.ts runs it at once, graph/graph-ops.ts records it in a graph that is
 * compiled later. One composition serves both, so the compiled decoder computes what the eager one does.
 */
import type { Shape } from "../../kernel.ts";
import type { Type } from "./native.ts";

/** A value that exists, or that a graph will have. */
export interface TensorValue {
  readonly shape: Shape;
  readonly type: Type;
}

/** An attribute of an operation. */
export type Attr =
  | { readonly type: Type }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly ints: readonly number[] };

export type Attrs = { readonly [name: string]: Attr };

/** Angles of a rotary embedding: a row for each position. */
export interface Rotation {
  readonly cos: TensorValue; // [T, D / 2]
  readonly sin: TensorValue;
}

export abstract class OpBuilder {
  /** One operation with one result, whose shape and type the caller knows. */
  abstract run(op: string, inputs: readonly TensorValue[], attrs: Attrs, result: TensorValue): TensorValue;
  /** The same with several results. */
  abstract runAll(
    op: string,
    inputs: readonly TensorValue[],
    attrs: Attrs,
    results: readonly TensorValue[],
  ): TensorValue[];
  /** Numbers that are known when the operation is built. */
  abstract constant(values: Int32Array | Float32Array, shape: Shape): TensorValue;
  /** Row numbers of a table: those given, or a graph's input for them. */
  abstract ids(ids: readonly number[]): TensorValue; // int32 [ids]
  /** Cosines and sines for `count` positions from `position` on. */
  abstract rotation(attrs: { headDim: number; theta: number }, position: number, count: number): Rotation;
  /** The rows of a cache that attention reads: the first `length`, and after them any number that it must mask. */
  abstract used(cache: TensorValue, length: number): TensorValue;
  /** The numbers to add to the scores of T queries, the last of `length` rows: 0 where they attend, else a large negative number. */
  abstract causalMask(queries: number, length: number, rows: number): TensorValue | undefined; // [T, S]
  /** The cache with rows from `position` on replaced; in place where the old one is not needed any more. */
  abstract overwrite(cache: TensorValue, rows: TensorValue, position: number): TensorValue;

  ints(...values: number[]): TensorValue {
    return this.constant(Int32Array.from(values), [values.length]);
  }

  int(value: number): TensorValue {
    return this.constant(Int32Array.of(value), []);
  }

  number(value: number): TensorValue {
    return this.constant(Float32Array.of(value), []);
  }

  add = (a: TensorValue, b: TensorValue): TensorValue => this.#binary("AddV2", a, b);
  sub = (a: TensorValue, b: TensorValue): TensorValue => this.#binary("Sub", a, b);
  mul = (a: TensorValue, b: TensorValue): TensorValue => this.#binary("Mul", a, b);
  relu = (x: TensorValue): TensorValue => this.#unary("Relu", x);
  sigmoid = (x: TensorValue): TensorValue => this.#unary("Sigmoid", x);
  tanh = (x: TensorValue): TensorValue => this.#unary("Tanh", x);
  square = (x: TensorValue): TensorValue => this.#unary("Square", x);
  rsqrt = (x: TensorValue): TensorValue => this.#unary("Rsqrt", x);
  exp = (x: TensorValue): TensorValue => this.#unary("Exp", x);
  log = (x: TensorValue): TensorValue => this.#unary("Log", x);
  softmax = (x: TensorValue): TensorValue => this.#unary("Softmax", x);

  cast(x: TensorValue, type: Type): TensorValue {
    if (x.type === type) return x;
    const attrs: Attrs = { SrcT: { type: x.type }, DstT: { type }, Truncate: { bool: false } };
    return this.run("Cast", [x], attrs, { shape: x.shape, type });
  }

  /** The same bytes as another type; a wider one consumes the last dimension. */
  bitcast(x: TensorValue, type: Type, shape: Shape): TensorValue {
    return this.run("Bitcast", [x], { T: { type: x.type }, type: { type } }, { shape, type });
  }

  reshape(x: TensorValue, ...shape: number[]): TensorValue {
    const attrs: Attrs = { T: { type: x.type }, Tshape: { type: "int32" } };
    return this.run("Reshape", [x, this.ints(...shape)], attrs, { shape, type: x.type });
  }

  transpose(x: TensorValue, ...order: number[]): TensorValue {
    const attrs: Attrs = { T: { type: x.type }, Tperm: { type: "int32" } };
    const shape = order.map((axis) => x.shape[axis]!);
    return this.run("Transpose", [x, this.ints(...order)], attrs, { shape, type: x.type });
  }

  /** `size` entries from `begin` on, in each dimension. */
  slice(x: TensorValue, begin: readonly number[], size: readonly number[]): TensorValue {
    const attrs: Attrs = { T: { type: x.type }, Index: { type: "int32" } };
    return this.run("Slice", [x, this.ints(...begin), this.ints(...size)], attrs, {
      shape: size,
      type: x.type,
    });
  }

  /** The first `count` rows of a matrix. */
  firstRows(x: TensorValue, count: number): TensorValue {
    return x.shape[0] === count ? x : this.slice(x, [0, 0], [count, x.shape[1]!]);
  }

  /** Zeros before and after, in each dimension. */
  pad(x: TensorValue, paddings: readonly (readonly [before: number, after: number])[]): TensorValue {
    const attrs: Attrs = { T: { type: x.type }, Tpaddings: { type: "int32" } };
    const amounts = this.constant(Int32Array.from(paddings.flat()), [paddings.length, 2]);
    const shape = x.shape.map((length, i) => length + paddings[i]![0] + paddings[i]![1]);
    return this.run("Pad", [x, amounts], attrs, { shape, type: x.type });
  }

  concat(parts: readonly TensorValue[], axis: number): TensorValue {
    const [first] = parts as readonly [TensorValue];
    if (parts.length === 1) return first;
    const attrs: Attrs = { T: { type: first.type }, Tidx: { type: "int32" }, N: { int: parts.length } };
    const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    const shape = first.shape.with(axis, length);
    return this.run("ConcatV2", [...parts, this.int(axis)], attrs, { shape, type: first.type });
  }

  /** Rows of a table. */
  gather(table: TensorValue, rows: TensorValue): TensorValue {
    const attrs: Attrs = {
      Tparams: { type: table.type },
      Tindices: { type: "int32" },
      Taxis: { type: "int32" },
      batch_dims: { int: 0 },
    };
    const shape = [...rows.shape, ...table.shape.slice(1)];
    return this.run("GatherV2", [table, rows, this.int(0)], attrs, { shape, type: table.type });
  }

  /** Over the last dimension, which stays as one. */
  mean = (x: TensorValue): TensorValue => this.#reduced("Mean", x);
  sumOfColumns = (x: TensorValue): TensorValue => this.#reduced("Sum", x);

  /** The `count` largest of each row and where they are, the first of equals first. */
  topK(x: TensorValue, count: number): { readonly values: TensorValue; readonly ids: TensorValue } {
    const attrs: Attrs = {
      T: { type: x.type },
      Tk: { type: "int32" },
      index_type: { type: "int32" },
      sorted: { bool: true },
    };
    const shape = x.shape.with(x.shape.length - 1, count);
    const [values, ids] = this.runAll("TopKV2", [x, this.int(count)], attrs, [
      { shape, type: x.type },
      { shape, type: "int32" },
    ]) as [TensorValue, TensorValue];
    return { values, ids };
  }

  /** a·bᵀ, in each batch where there are some: [.., M, K] and [.., N, K]. */
  matmulT(a: TensorValue, b: TensorValue): TensorValue {
    return this.#matmul(a, b, true);
  }

  /** a·b, in each batch where there are some: [.., M, K] and [.., K, N]. */
  matmul(a: TensorValue, b: TensorValue): TensorValue {
    return this.#matmul(a, b, false);
  }

  /** A convolution of each channel with its own kernel, over time, without padding: [T, C] and [K, C]. */
  depthwise(x: TensorValue, kernel: TensorValue): TensorValue {
    const [rows, channels] = x.shape as [number, number];
    const taps = kernel.shape[0]!;
    const ones = { ints: [1, 1, 1, 1] };
    const attrs: Attrs = {
      T: { type: x.type },
      strides: ones,
      dilations: ones,
      padding: { text: "VALID" },
      data_format: { text: "NHWC" },
      explicit_paddings: { ints: [] },
    };
    const length = rows - taps + 1;
    const inputs = [this.reshape(x, 1, rows, 1, channels), this.reshape(kernel, taps, 1, channels, 1)];
    const y = this.run("DepthwiseConv2dNative", inputs, attrs, {
      shape: [1, length, 1, channels],
      type: x.type,
    });
    return this.reshape(y, length, channels);
  }

  #matmul(a: TensorValue, b: TensorValue, transposed: boolean): TensorValue {
    const { type } = a;
    const columns = b.shape.at(transposed ? -2 : -1)!;
    const shape = a.shape.with(a.shape.length - 1, columns);
    if (a.shape.length === 2) {
      const attrs: Attrs = { T: { type }, transpose_a: { bool: false }, transpose_b: { bool: transposed } };
      return this.run("MatMul", [a, b], attrs, { shape, type });
    }
    const attrs: Attrs = { T: { type }, adj_x: { bool: false }, adj_y: { bool: transposed } };
    return this.run("BatchMatMulV2", [a, b], attrs, { shape, type });
  }

  #reduced(op: string, x: TensorValue): TensorValue {
    const axis = x.shape.length - 1;
    const attrs: Attrs = { T: { type: x.type }, Tidx: { type: "int32" }, keep_dims: { bool: true } };
    return this.run(op, [x, this.ints(axis)], attrs, { shape: x.shape.with(axis, 1), type: x.type });
  }

  #unary(op: string, x: TensorValue): TensorValue {
    return this.run(op, [x], { T: { type: x.type } }, { shape: x.shape, type: x.type });
  }

  #binary(op: string, a: TensorValue, b: TensorValue): TensorValue {
    const { type } = a;
    return this.run(op, [a, b], { T: { type } }, { shape: broadcast(a.shape, b.shape), type });
  }
}

/** The shape of an operation on each pair of values of `a` and `b`. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) =>
    Math.max(a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1),
  );
}
