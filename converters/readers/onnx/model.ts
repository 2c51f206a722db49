/**
 * What a converter needs of an ONNX model: the nodes of its graph, and its initializers by place. Messages and fields
 * as in onnx.proto3; what is not named here is skipped.
 */
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { WireReader } from "./wire.ts";
import type { Field, Span } from "./wire.ts";

export interface OnnxNode {
  /** Exporters make it of the modules that the operation belongs to; other programs leave it out. */
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly integers: ReadonlyMap<string, number>;
}

export type OnnxType = keyof typeof onnxTypes;

/** An initializer; its data is in this file, as bytes or as a list of integers, or in another of the folder. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly data: Span | IntegerList | ExternalData;
}

/** `int32_data`, where quantizers keep zero points: a varint for each element. */
interface IntegerList {
  readonly integers: Span;
}

export interface ExternalData {
  readonly file: string;
  readonly offset: number;
  readonly length: number | undefined;
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
}

/** Element types that weights come in, with their sizes in bytes. */
export const onnxTypes = {
  float: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  double: 8,
  bfloat16: 2,
};

const typeNames: Readonly<Record<number, OnnxType>> = {
  1: "float",
  2: "uint8",
  3: "int8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "double",
  16: "bfloat16",
};

const limits = { nodes: 200_000, tensors: 100_000, rank: 8, list: 65_536 } as const;

export async function readOnnx(access: ByteSource): Promise<OnnxModel> {
  const reader = new ModelReader(access);
  return reader.model();
}

class ModelReader {
  readonly #wire: WireReader;
  readonly #file: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors = new Map<string, OnnxTensor>();

  constructor(access: ByteSource) {
    this.#wire = new WireReader(access);
    this.#file = access.name;
  }

  /** ModelProto */
  async model(): Promise<OnnxModel> {
    let graph: Span | undefined;
    for await (const field of this.#wire.fields(this.#wire.all)) {
      if (field.number !== 7) continue;
      if (graph !== undefined) throw malformed(this.#file, "two graphs", "one");
      graph = span(field, this.#file);
    }
    if (graph === undefined) throw malformed(this.#file, "no graph", "an ONNX model");
    await this.#graph(graph);
    return { nodes: this.#nodes, tensors: this.#tensors };
  }

  /** GraphProto */
  async #graph(message: Span): Promise<void> {
    for await (const field of this.#wire.fields(message)) {
      if (field.number === 1) await this.#node(span(field, this.#file));
      else if (field.number === 5) await this.#add(span(field, this.#file));
      else if (field.number === 15) throw malformed(this.#file, "a sparse initializer", "dense ones");
    }
  }

  /** NodeProto; the value of a Constant is an initializer under the name of its output. */
  async #node(message: Span): Promise<void> {
    if (this.#nodes.length >= limits.nodes) throw malformed(this.#file, `more than ${limits.nodes} nodes`);
    const inputs: string[] = [];
    const outputs: string[] = [];
    const integers = new Map<string, number>();
    let name = "";
    let type = "";
    let value: Span | undefined;
    for await (const field of this.#wire.fields(message)) {
      if (inputs.length + outputs.length > limits.list)
        throw malformed(this.#file, "a node of too many inputs");
      if (field.number === 1) inputs.push(await this.#text(field));
      else if (field.number === 2) outputs.push(await this.#text(field));
      else if (field.number === 3) name = await this.#text(field);
      else if (field.number === 4) type = await this.#text(field);
      else if (field.number === 5)
        value = (await this.#attribute(span(field, this.#file), integers)) ?? value;
    }
    const [output] = outputs;
    if (type === "Constant" && value !== undefined && output !== undefined) await this.#add(value, output);
    else this.#nodes.push({ name, type, inputs, outputs, integers });
  }

  /** AttributeProto: integers are kept, a tensor is returned. */
  async #attribute(message: Span, integers: Map<string, number>): Promise<Span | undefined> {
    let name = "";
    let integer: number | undefined;
    let tensor: Span | undefined;
    for await (const field of this.#wire.fields(message)) {
      if (field.number === 1) name = await this.#text(field);
      else if (field.number === 3 && field.kind === "integer")
        integer = Number(BigInt.asIntN(64, field.value));
      else if (field.number === 5) tensor = span(field, this.#file);
    }
    if (integer !== undefined) integers.set(name, integer);
    return tensor;
  }

  async #add(message: Span, output?: string): Promise<void> {
    const tensor = await this.#tensor(message, output);
    if (tensor === undefined) return;
    if (this.#tensors.size >= limits.tensors)
      throw malformed(this.#file, `more than ${limits.tensors} initializers`);
    if (this.#tensors.has(tensor.name)) throw malformed(this.#where(tensor.name), "the name occurs twice");
    this.#tensors.set(tensor.name, tensor);
  }

  /** TensorProto; undefined where the data is of a kind that no weight has. */
  async #tensor(message: Span, output?: string): Promise<OnnxTensor | undefined> {
    const dims: bigint[] = [];
    const external = new Map<string, string>();
    const data: Span[] = [];
    let integers: Span | undefined;
    let name = output ?? "";
    let type: OnnxType | undefined;
    let isExternal = false;
    let other = false;
    for await (const field of this.#wire.fields(message)) {
      if (field.number === 1) dims.push(...(await this.#integers(field)));
      else if (field.number === 2 && field.kind === "integer") type = typeNames[Number(field.value)];
      else if (field.number === 8) name = output ?? (await this.#text(field));
      else if (field.number === 9 || field.number === 4) data.push(span(field, this.#file));
      else if (field.number === 13) await this.#entry(span(field, this.#file), external);
      else if (field.number === 14 && field.kind === "integer") isExternal = field.value === 1n;
      else if (field.number === 5 && field.kind === "bytes" && integers === undefined) integers = field.span;
      else if ([5, 6, 7, 10, 11].includes(field.number)) other = true;
      if (dims.length > limits.rank)
        throw malformed(this.#where(name), `more than ${limits.rank} dimensions`);
    }
    if (type === undefined || other) return undefined;
    const shape = dims.map((size) => this.#size(name, size));
    const due = shape.reduce((product, size) => product * BigInt(size), BigInt(onnxTypes[type]));
    if (isExternal) return { name, type, shape, data: this.#external(name, external, due) };
    if (integers !== undefined && onnxTypes[type] > 1) return undefined;
    const [raw] = data;
    if (data.length + (integers === undefined ? 0 : 1) > 1)
      throw malformed(this.#where(name), "data twice", "once");
    if (integers !== undefined) return { name, type, shape, data: { integers } };
    if (raw === undefined && due > 0n) throw malformed(this.#where(name), "no data", `${due} bytes`);
    const held = raw ?? { begin: 0, end: 0 };
    if (BigInt(held.end - held.begin) !== due) {
      throw malformed(
        this.#where(name),
        `${held.end - held.begin} bytes for ${type} [${shape.join(", ")}]`,
        `${due}`,
      );
    }
    return { name, type, shape, data: held };
  }

  #size(name: string, size: bigint): number {
    if (size < 2n ** 53n) return Number(size);
    throw malformed(this.#where(name), `a dimension of ${BigInt.asIntN(64, size)}`, "0 or more");
  }

  #external(name: string, entries: ReadonlyMap<string, string>, due: bigint): ExternalData {
    const number = (key: string): number | undefined => {
      const text = entries.get(key);
      if (text === undefined) return undefined;
      if (!/^[0-9]{1,15}$/.test(text))
        throw malformed(this.#where(name), `${key} ${JSON.stringify(text.slice(0, 40))}`, "a number");
      return Number(text);
    };
    const length = number("length") ?? Number(due);
    if (BigInt(length) !== due) throw malformed(this.#where(name), `${length} bytes elsewhere`, `${due}`);
    return { file: entries.get("location") ?? "", offset: number("offset") ?? 0, length };
  }

  /** StringStringEntryProto */
  async #entry(message: Span, into: Map<string, string>): Promise<void> {
    let key = "";
    let value = "";
    for await (const field of this.#wire.fields(message)) {
      if (field.number === 1) key = await this.#text(field);
      else if (field.number === 2) value = await this.#text(field);
    }
    if (into.has(key) || into.size > 16)
      throw malformed(this.#file, `external data with ${JSON.stringify(key)} twice`);
    into.set(key, value);
  }

  /** Repeated integers come packed or one by one. */
  async #integers(field: Field): Promise<bigint[]> {
    return field.kind === "integer" ? [field.value] : this.#wire.integers(field.span, limits.rank + 1);
  }

  #text(field: Field): Promise<string> {
    return this.#wire.text(span(field, this.#file));
  }

  #where(name: string): string {
    return `${this.#file}, initializer ${JSON.stringify(name.slice(0, 200))}`;
  }
}

function span(field: Field, file: string): Span {
  if (field.kind === "bytes") return field.span;
  throw malformed(file, `an integer in field ${field.number}`, "a message or text");
}
