/** TensorProto of onnx.proto3: an initializer's name, type, shape, and where its data is; the data is not read. */
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { readEntry, span } from "./fields.ts";
import type { Field, Span, WireReader } from "./wire.ts";

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

const maxRank = 8;

export class TensorReader {
  readonly #wire: WireReader;
  readonly #file: string;

  constructor(wire: WireReader, access: ByteSource) {
    this.#wire = wire;
    this.#file = access.name;
  }

  /** TensorProto; undefined where the data is of a kind that no weight has. */
  async read(message: Span, output?: string): Promise<OnnxTensor | undefined> {
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
      else if (field.number === 8) name = output ?? (await this.#wire.text(span(field, this.#file)));
      else if (field.number === 9 || field.number === 4) data.push(span(field, this.#file));
      else if (field.number === 13)
        await readEntry(this.#wire, span(field, this.#file), this.#file, external);
      else if (field.number === 14 && field.kind === "integer") isExternal = field.value === 1n;
      else if (field.number === 5 && field.kind === "bytes" && integers === undefined) integers = field.span;
      else if ([5, 6, 7, 10, 11].includes(field.number)) other = true;
      if (dims.length > maxRank) throw malformed(this.#where(name), `more than ${maxRank} dimensions`);
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

  /** Repeated integers come packed or one by one. */
  async #integers(field: Field): Promise<bigint[]> {
    return field.kind === "integer" ? [field.value] : this.#wire.integers(field.span, maxRank + 1);
  }

  #where(name: string): string {
    return `${this.#file}, initializer ${JSON.stringify(name.slice(0, 200))}`;
  }
}
