/**
 * What a converter needs of an ONNX model: the nodes of its graph, and its initializers by place. Messages and fields
 * as in onnx.proto3; what is not named here is skipped.
 */
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { WireReader } from "./wire.ts";
import { readEntry, span } from "./fields.ts";
import { TensorReader } from "./tensor.ts";
import type { OnnxTensor } from "./tensor.ts";
import type { Field, Span } from "./wire.ts";

export interface OnnxNode {
  /** Exporters make it of the modules that the operation belongs to; other programs leave it out. */
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly integers: ReadonlyMap<string, number>;
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
  /** What the graph takes, initializers not counted, and what it gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `metadata_props`: notes of the exporter about the model. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Inputs or outputs of a graph, or both of a node. The number of nodes and initializers is bounded by that of all fields. */
const maxList = 65_536;

export async function readOnnx(access: ByteSource): Promise<OnnxModel> {
  const reader = new ModelReader(access);
  return reader.model();
}

class ModelReader {
  readonly #wire: WireReader;
  readonly #file: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors = new Map<string, OnnxTensor>();
  readonly #inputs: string[] = [];
  readonly #outputs: string[] = [];
  readonly #metadata = new Map<string, string>();
  readonly #reader: TensorReader;

  constructor(access: ByteSource) {
    this.#wire = new WireReader(access);
    this.#reader = new TensorReader(this.#wire, access);
    this.#file = access.name;
  }

  /** ModelProto */
  async model(): Promise<OnnxModel> {
    let graph: Span | undefined;
    for await (const field of this.#wire.fields(this.#wire.all)) {
      if (field.number === 14)
        await readEntry(this.#wire, span(field, this.#file), this.#file, this.#metadata);
      if (field.number !== 7) continue;
      if (graph !== undefined) throw malformed(this.#file, "two graphs", "one");
      graph = span(field, this.#file);
    }
    if (graph === undefined) throw malformed(this.#file, "no graph", "an ONNX model");
    await this.#graph(graph);
    return {
      nodes: this.#nodes,
      tensors: this.#tensors,
      inputs: this.#inputs.filter((name) => !this.#tensors.has(name)),
      outputs: this.#outputs,
      metadata: this.#metadata,
    };
  }

  /** GraphProto */
  async #graph(message: Span): Promise<void> {
    for await (const field of this.#wire.fields(message)) {
      if (field.number === 1) await this.#node(span(field, this.#file));
      else if (field.number === 5) await this.#add(span(field, this.#file));
      else if (field.number === 11) await this.#value(span(field, this.#file), this.#inputs);
      else if (field.number === 12) await this.#value(span(field, this.#file), this.#outputs);
      else if (field.number === 15) throw malformed(this.#file, "a sparse initializer", "dense ones");
    }
  }

  /** ValueInfoProto: its name. */
  async #value(message: Span, names: string[]): Promise<void> {
    if (names.length > maxList) throw malformed(this.#file, "a graph of too many inputs");
    for await (const field of this.#wire.fields(message))
      if (field.number === 1) names.push(await this.#text(field));
  }

  /** NodeProto; the value of a Constant is an initializer under the name of its output. */
  async #node(message: Span): Promise<void> {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const integers = new Map<string, number>();
    let name = "";
    let type = "";
    let value: Span | undefined;
    for await (const field of this.#wire.fields(message)) {
      if (inputs.length + outputs.length > maxList) throw malformed(this.#file, "a node of too many inputs");
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
    const tensor = await this.#reader.read(message, output);
    if (tensor === undefined) return;
    if (this.#tensors.has(tensor.name)) throw malformed(this.#where(tensor.name), "the name occurs twice");
    this.#tensors.set(tensor.name, tensor);
  }

  #text(field: Field): Promise<string> {
    return this.#wire.text(span(field, this.#file));
  }

  #where(name: string): string {
    return `${this.#file}, initializer ${JSON.stringify(name.slice(0, 200))}`;
  }
}
