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
    const last = new Map<string, readonly [where: string, data: ExternalData, end: number]>();
    for (const tensor of tensors) {
      const { data } = tensor;
      if ("begin" in data || !("file" in data)) continue;
      const end = data.offset + (data.length ?? 0);
      if (end >= (last.get(data.file)?.[2] ?? 0)) last.set(data.file, [this.where(tensor), data, end]);
    }
    for (const [where, data] of last.values()) await checkExternal(this.#files, where, data);
  }

  /** Fills `target` from byte `offset` of the tensor. */
  async read(tensor: OnnxTensor, offset: number, target: Uint8Array): Promise<void> {
    const { data } = tensor;
    if ("begin" in data) await this.#access.read(data.begin + offset, target);
    else if ("file" in data) await readExternal(this.#files, this.where(tensor), data, offset, target);
    else target.set((await this.#list(tensor, data.integers)).subarray(offset, offset + target.length));
  }

  async whole(tensor: OnnxTensor): Promise<Uint8Array> {
    const bytes = new Uint8Array(elements(tensor) * onnxTypes[tensor.type]);
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

export function elements({ shape }: OnnxTensor): number {
  return shape.reduce((product, size) => product * size, 1);
}
