/** Matrices of equal rows one above the other: the query, key and value of one product, where a file keeps them apart. */
import { unpackRow } from "../../kernels/formats/index.ts";
import { byteLength } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../src/errors.ts";

/**
 * One tensor of the rows (or, of vectors, the elements) of all `parts`, in their format, or in F32 where they have
 * several. Throws `bad_tensors` where their rows differ in length.
 */
export function joinedRows(name: string, parts: readonly [TensorEntry, ...TensorEntry[]]): TensorEntry {
  const [first] = parts;
  const inner = first.shape.slice(1).join();
  const odd = parts.find(({ shape }) => shape.slice(1).join() !== inner);
  if (odd !== undefined) {
    const found = `rows of ${odd.shape.slice(1).join(" × ")}`;
    throw new ModelFormatError("bad_tensors", `tensor ${odd.name}`, found, {
      wanted: `${first.shape.slice(1).join(" × ")}, as ${first.name} has`,
    });
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  const { format } = first;
  const alike = parts.every((part) => part.format === format);
  return alike ? inBytes(name, shape, parts) : inFloats(name, shape, parts);
}

function inBytes(name: string, shape: readonly number[], parts: readonly TensorEntry[]): TensorEntry {
  const [{ format }] = parts as readonly [TensorEntry];
  return {
    name,
    shape,
    format,
    byteLength: parts.reduce((sum, part) => sum + part.byteLength, 0),
    async read(target, signal) {
      let at = 0;
      for (const part of parts) {
        await part.read(target.subarray(at, at + part.byteLength), signal);
        at += part.byteLength;
      }
    },
  };
}

function inFloats(name: string, shape: readonly number[], parts: readonly TensorEntry[]): TensorEntry {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    shape,
    format: "F32",
    byteLength: byteLength("F32", count),
    async read(target, signal) {
      const values = new Float32Array(count);
      let at = 0;
      for (const part of parts) {
        const bytes = new Uint8Array(part.byteLength);
        await part.read(bytes, signal);
        const length = part.shape.reduce((product, size) => product * size, 1);
        unpackRow(part.format, bytes, 0, values.subarray(at, at + length), length);
        at += length;
      }
      target.set(new Uint8Array(values.buffer));
    },
  };
}
