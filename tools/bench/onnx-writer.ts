/**
 * Writes the few messages of an ONNX model that a benchmark graph needs (onnx.proto: ModelProto, GraphProto, NodeProto,
 * AttributeProto, TensorProto, ValueInfoProto).
 */

const float = 1;
const int8 = 3;
const int64 = 7;

type Attribute = number | { readonly float: number } | readonly number[];

interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: { readonly [name: string]: Attribute };
}

export class OnnxGraph {
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Uint8Array>();
  #count = 0;

  /** Adds a node and returns the names of its outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Node["attributes"] = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => `t${this.#count++}`);
    this.#nodes.push({ op, inputs, outputs: names, attributes });
    return names;
  }

  node(op: string, inputs: readonly string[], attributes: Node["attributes"] = {}): string {
    return this.nodes(op, inputs, 1, attributes)[0]!;
  }

  /** A constant; the same name is the same constant. */
  floats(name: string, shape: readonly number[], values: () => Float32Array): string {
    return this.#constant(name, shape, float, values);
  }

  /** A constant of signed bytes. */
  bytes(name: string, shape: readonly number[], values: () => Int8Array): string {
    return this.#constant(name, shape, int8, values);
  }

  integers(values: readonly number[]): string {
    const name = `i${values.join("_")}`;
    const data = BigInt64Array.from(values, BigInt);
    if (!this.#initializers.has(name))
      this.#initializers.set(name, tensor(name, [values.length], int64, bytesOf(data)));
    return name;
  }

  /** The whole model: one float input and float outputs. */
  encode(
    input: { readonly name: string; readonly shape: readonly number[] },
    ...outputs: readonly string[]
  ): Uint8Array {
    const graph = message(
      ...this.#nodes.map((node) => field(1, encodeNode(node))),
      field(2, text("benchmark")),
      ...[...this.#initializers.values()].map((bytes) => field(5, bytes)),
      field(11, valueInfo(input.name, input.shape)),
      ...outputs.map((output) => field(12, valueInfo(output))),
    );
    const opset = message(field(1, text("")), number(2, 17));
    return message(number(1, 8), field(8, opset), field(7, graph));
  }

  #constant(name: string, shape: readonly number[], type: number, values: () => ArrayBufferView): string {
    if (!this.#initializers.has(name))
      this.#initializers.set(name, tensor(name, shape, type, bytesOf(values())));
    return name;
  }
}

function encodeNode({ op, inputs, outputs, attributes }: Node): Uint8Array {
  return message(
    ...inputs.map((name) => field(1, text(name))),
    ...outputs.map((name) => field(2, text(name))),
    field(4, text(op)),
    ...Object.entries(attributes).map(([name, value]) => field(5, encodeAttribute(name, value))),
  );
}

function encodeAttribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === "number") return message(field(1, text(name)), number(3, value), number(20, 2));
  if ("float" in value) {
    return message(
      field(1, text(name)),
      Uint8Array.of((2 << 3) | 5),
      bytesOf(Float32Array.of(value.float)),
      number(20, 1),
    );
  }
  return message(field(1, text(name)), ...value.map((item) => number(8, item)), number(20, 7));
}

function tensor(name: string, shape: readonly number[], type: number, data: Uint8Array): Uint8Array {
  return message(
    ...shape.map((length) => number(1, length)),
    number(2, type),
    field(8, text(name)),
    field(9, data),
  );
}

function valueInfo(name: string, shape?: readonly number[]): Uint8Array {
  const dimensions = (shape ?? []).map((length) => field(1, message(number(1, length))));
  const tensorType = message(
    number(1, float),
    ...(shape === undefined ? [] : [field(2, message(...dimensions))]),
  );
  return message(field(1, text(name)), field(2, message(field(1, tensorType))));
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const message = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const field = (id: number, bytes: Uint8Array): Uint8Array =>
  message(varint((id << 3) | 2), varint(bytes.length), bytes);
const number = (id: number, value: number): Uint8Array => message(varint(id << 3), varint(value));
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}
