/** The bytes of initializers: in the model's file, there as a list of numbers, or in another file of the folder. */
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { ByteSource } from "../../../src/platform/bytes.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";
import { checkExternal, readExternal } from "./external.ts";
import { onnxTypes } from "./tensor.ts";
import type { ExternalData, OnnxTensor } from "./tensor.ts";
import { WireReader } from "./wire.ts";

export class TensorData {
  readonly #access: ByteSource;
  readonly #files: FileSet;

  /** `files` is the folder that may hold external data. */
  constructor(access: ByteSource, files: FileSet) {
    this.#access = access;
    this.#files = files;
  }

  where(tensor: OnnxTensor): string {
    return `${this.#access.name}, initializer ${JSON.stringify(tensor.name.slice(0, 200))}`;
  }

  /** Throws `checkpoint_malformed` unless the files that hold these tensors are there and long enough. */
  async check(tensors: Iterable<OnnxTensor>): Promise<void> {
    const last = new Map<string, readonly [where: string, data: ExternalData, bytes: number]>();
    const endOf = (data: ExternalData, bytes: number): number => data.offset + bytes;
    for (const tensor of tensors) {
      const { data } = tensor;
      if ("begin" in data || !("file" in data)) continue;
      const bytes = sizeOf(tensor); // a file need not state it
      const [, other, others] = last.get(data.file) ?? [];
      if (other === undefined || endOf(data, bytes) >= endOf(other, others!))
        last.set(data.file, [this.where(tensor), data, bytes]);
    }
    for (const [where, data, bytes] of last.values()) await checkExternal(this.#files, where, data, bytes);
  }

  /** Fills `target` from byte `offset` of the tensor. */
  async read(tensor: OnnxTensor, offset: number, target: Uint8Array): Promise<void> {
    const { data } = tensor;
    if ("begin" in data) await this.#access.read(data.begin + offset, target);
    else if ("file" in data) await readExternal(this.#files, this.where(tensor), data, offset, target);
    else target.set((await this.#list(tensor, data.integers)).subarray(offset, offset + target.length));
  }

  async whole(tensor: OnnxTensor): Promise<Uint8Array> {
    const bytes = new Uint8Array(sizeOf(tensor));
    await this.read(tensor, 0, bytes);
    return bytes;
  }

  async #list(
    tensor: OnnxTensor,
    span: { readonly begin: number; readonly end: number },
  ): Promise<Uint8Array> {
    const count = elements(tensor);
    if (count > span.end - span.begin)
      throw malformed(this.where(tensor), `${span.end - span.begin} bytes of integers`, `${count} integers`);
    const values = await new WireReader(this.#access).integers(span, count);
    if (values.length !== count) throw malformed(this.where(tensor), `${values.length} integers`, `${count}`);
    return Uint8Array.from(values, (value) => Number(BigInt.asUintN(8, value)));
  }
}

const sizeOf = (tensor: OnnxTensor): number => elements(tensor) * onnxTypes[tensor.type];

export function elements({ shape }: OnnxTensor): number {
  return shape.reduce((product, size) => product * size, 1);
}
