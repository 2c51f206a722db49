/** An {@link OpBuilder} that runs each operation at once, and frees what lies between a kernel's inputs and outputs. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Shape } from "../../kernel.ts";
import { inverseFrequencies, writeAngles } from "../angles.ts";
import type { RotaryFrequencies } from "../angles.ts";
import { OpBuilder } from "./op-builder.ts";
import type { Attr, Attrs, Rotation, TensorValue } from "./op-builder.ts";
import { adopt, handleOf, types } from "./native.ts";
import type { Binding, Handle, NativeAttr, NativeBackend, Type } from "./native.ts";

const typeNames = new Map<number, Type>(
  Object.entries(types).map(([name, number]) => [number, name as Type]),
);

/** A value that exists. */
export interface EagerValue extends TensorValue {
  readonly id: number;
}

/** What is kept from kernel to kernel: small constants, and the angles of rotary embeddings. */
class KeptValues {
  readonly constants = new Map<string, EagerValue>();
  readonly angles = new Map<
    string,
    { readonly positions: number; readonly cos: EagerValue; readonly sin: EagerValue }
  >();
}

const keptOf = new WeakMap<NativeBackend, KeptValues>();

/** Constants up to this size are kept: shapes, axes, factors. The least recently used are dropped. */
const smallConstant = 8;
const maxConstants = 256;
const firstPositions = 1024;
/** A growing cache is read in multiples of this many rows: oneDNN compiles its products anew for each shape. */
const lengthStep = 64;

export class EagerOps extends OpBuilder {
  readonly #backend: NativeBackend;
  readonly #binding: Binding;
  readonly #kept: KeptValues;
  /** Values made by this builder that are not returned. */
  readonly #made = new Set<number>();

  constructor(backend: NativeBackend) {
    super();
    this.#backend = backend;
    this.#binding = backend.binding;
    this.#kept = keptOf.get(backend) ?? new KeptValues();
    keptOf.set(backend, this.#kept);
  }

  /** The value of a tensor, which the tensor keeps. */
  input(info: TensorInfo): EagerValue {
    const { id, shape, dtype } = handleOf(this.#backend, info);
    const type = typeNames.get(dtype) ?? "float32";
    // A weight's tensor has the shape of its matrix; packed, its value is a row of bytes.
    return { id, shape: type === "int8" ? this.#backend.tensorMap.get(info.dataId).shape : shape, type };
  }

  /** Copies bytes or numbers into TensorFlow's memory. */
  upload(
    values: Float32Array | Int32Array | Uint8Array,
    type: Type,
    shape: Shape = [values.length],
  ): EagerValue {
    const id = this.#binding.createTensor(shape, types[type], values);
    return this.#own({ id, shape, type });
  }

  /** Returns the results as tensors and frees all else. */
  finish(results: readonly TensorValue[]): TensorInfo[] {
    const infos = (results as readonly EagerValue[]).map(({ id, shape, type }) => {
      this.#made.delete(id);
      return adopt(this.#backend, { id, shape, dtype: types[type] });
    });
    this.free();
    return infos;
  }

  /** Frees all that was made and not returned. */
  free(): void {
    for (const id of this.#made) this.#binding.deleteTensor(id);
    this.#made.clear();
  }

  run(op: string, inputs: readonly TensorValue[], attrs: Attrs, result: TensorValue): EagerValue {
    return this.runAll(op, inputs, attrs, [result])[0]!;
  }

  runAll(
    op: string,
    inputs: readonly TensorValue[],
    attrs: Attrs,
    results: readonly TensorValue[],
  ): EagerValue[] {
    const ids = (inputs as readonly EagerValue[]).map(({ id }) => id);
    const handles: readonly Handle[] = this.#binding.executeOp(
      op,
      nativeAttrs(this.#binding, attrs),
      ids,
      results.length,
    );
    return results.map(({ shape, type }, i) => this.#own({ id: handles[i]!.id, shape, type }));
  }

  constant(values: Int32Array | Float32Array, shape: Shape): EagerValue {
    const type = values instanceof Int32Array ? "int32" : "float32";
    if (values.length > smallConstant) return this.upload(values, type, shape);
    const { constants } = this.#kept;
    const key = `${type}:${shape.join()}:${values.join()}`;
    const made = constants.get(key) ?? {
      id: this.#binding.createTensor(shape, types[type], values),
      shape,
      type,
    };
    constants.delete(key);
    constants.set(key, made); // the most recently used is last
    if (constants.size > maxConstants) this.#drop(constants.keys().next().value!);
    return made;
  }

  ids(ids: readonly number[]): EagerValue {
    return this.upload(Int32Array.from(ids), "int32");
  }

  rotation(attrs: { headDim: number; theta: number }, position: number, count: number): Rotation {
    const { cos, sin } = this.#angles(attrs, position + count);
    const half = attrs.headDim / 2;
    const cut = (table: EagerValue): TensorValue => this.slice(table, [position, 0], [count, half]);
    return { cos: cut(cos), sin: cut(sin) };
  }

  used(cache: TensorValue, length: number): TensorValue {
    if (cache.shape[0] === length) return cache;
    const rows = this.firstRows(cache, length);
    const after = Math.ceil(length / lengthStep) * lengthStep - length;
    return this.pad(rows, [
      [0, after],
      [0, 0],
    ]);
  }

  causalMask(queries: number, length: number, rows: number): TensorValue | undefined {
    if (queries === 1 && length === rows) return undefined; // the last row attends to all
    const mask = new Float32Array(queries * rows);
    for (let t = 0; t < queries; t++) mask.fill(-1e9, t * rows + length - queries + t + 1, (t + 1) * rows);
    return this.upload(mask, "float32", [queries, rows]);
  }

  overwrite(cache: TensorValue, rows: TensorValue, position: number): TensorValue {
    const count = rows.shape[0]!;
    const where = this.upload(
      Int32Array.from({ length: count }, (_, i) => position + i),
      "int32",
    );
    return this.run("InplaceUpdate", [cache, where, rows], { T: { type: cache.type } }, cache);
  }

  /** Tables of at least `positions` rows; grown by doubling, and then kept. */
  #angles(
    attrs: { headDim: number; theta: number },
    positions: number,
  ): { cos: EagerValue; sin: EagerValue } {
    const key = `${attrs.headDim}:${attrs.theta}`;
    const known = this.#kept.angles.get(key);
    if (known !== undefined && known.positions >= positions) return known;
    let rows = known?.positions ?? firstPositions;
    while (rows < positions) rows *= 2;
    const shape = [rows, attrs.headDim / 2];
    const keep = (table: Float32Array): EagerValue => {
      return { id: this.#binding.createTensor(shape, types.float32, table), shape, type: "float32" };
    };
    const tables = angleTables(attrs, rows);
    const [cos, sin] = [keep(tables[0]), keep(tables[1])];
    if (known !== undefined) for (const { id } of [known.cos, known.sin]) this.#binding.deleteTensor(id);
    const angles = { positions: rows, cos, sin };
    this.#kept.angles.set(key, angles);
    return angles;
  }

  #drop(key: string): void {
    this.#binding.deleteTensor(this.#kept.constants.get(key)!.id);
    this.#kept.constants.delete(key);
  }

  #own(value: EagerValue): EagerValue {
    this.#made.add(value.id);
    return value;
  }
}

/** Cosines and sines of position · frequency, [positions, headDim / 2] each. */
export function angleTables(
  rotary: RotaryFrequencies,
  positions: number,
): [cos: Float32Array, sin: Float32Array] {
  const half = rotary.headDim / 2;
  const [cos, sin] = [new Float32Array(positions * half), new Float32Array(positions * half)];
  writeAngles(inverseFrequencies(rotary), positions, cos, sin, half);
  return [cos, sin];
}

const attrCache = new Map<string, readonly NativeAttr[]>();

/** Attributes as the binding takes them; cached, since the same few sets recur. */
function nativeAttrs(binding: Binding, attrs: Attrs): readonly NativeAttr[] {
  const key = JSON.stringify(attrs);
  const known = attrCache.get(key);
  if (known !== undefined) return known;
  const made = Object.entries(attrs).map(([name, attr]) => ({ name, ...nativeAttr(binding, attr) }));
  attrCache.set(key, made);
  return made;
}

function nativeAttr(binding: Binding, attr: Attr): { readonly type: number; readonly value: unknown } {
  if ("type" in attr) return { type: binding.TF_ATTR_TYPE, value: types[attr.type] };
  if ("int" in attr) return { type: binding.TF_ATTR_INT, value: attr.int };
  if ("ints" in attr) return { type: binding.TF_ATTR_INT, value: attr.ints };
  if ("float" in attr) return { type: binding.TF_ATTR_FLOAT, value: attr.float };
  if ("bool" in attr) return { type: binding.TF_ATTR_BOOL, value: attr.bool };
  return { type: binding.TF_ATTR_STRING, value: attr.text };
}
