/** Writes the arguments of a kernel, given by name, into the words that the kernel reads. */
import { kernelNames, structs } from "./structs/index.ts";
import type { KernelArguments, KernelName } from "./structs/index.ts";
import { matrixFields } from "./structs/struct.ts";
import type { Fields, MatrixArguments } from "./structs/struct.ts";

interface Writer {
  readonly names: readonly string[];
  /** 1 for fields of type f32. */
  readonly isFloat: Uint8Array;
  readonly hasMatrices: boolean;
}

type Values = Readonly<Record<string, number>>;

function writerOf(fields: Fields, hasMatrices: boolean): Writer {
  const types = Object.values(fields);
  return {
    names: Object.keys(fields),
    isFloat: Uint8Array.from(types, (type) => (type === "f32" ? 1 : 0)),
    hasMatrices,
  };
}

const writers = Object.fromEntries(
  kernelNames.map((name) => [name, writerOf(structs[name].fields, structs[name].hasMatrices)]),
) as { readonly [name in KernelName]: Writer };

const matrixWriter = writerOf(matrixFields, false);

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Words that the arguments take. */
export function argumentSize<Name extends KernelName>(name: Name, args: KernelArguments<Name>): number {
  const { names, hasMatrices } = writers[name];
  return names.length + (hasMatrices ? matricesOf(args).length * matrixWriter.names.length : 0);
}

/** Writes from `words[start]` on; returns the index after the last word. */
export function writeArguments<Name extends KernelName>(
  name: Name,
  args: KernelArguments<Name>,
  words: Int32Array,
  start: number,
): number {
  const writer = writers[name];
  let end = writeFields(writer, args as Values, words, start);
  if (!writer.hasMatrices) return end;
  for (const matrix of matricesOf(args)) end = writeFields(matrixWriter, matrix, words, end);
  return end;
}

function writeFields({ names, isFloat }: Writer, values: Values, words: Int32Array, start: number): number {
  for (let i = 0; i < names.length; i++) {
    const value = values[names[i]!]!;
    if (isFloat[i] === 1) {
      float[0] = value;
      words[start + i] = bits[0]!;
    } else words[start + i] = value;
  }
  return start + names.length;
}

function matricesOf(args: object): readonly MatrixArguments[] {
  return (args as { readonly matrices: readonly MatrixArguments[] }).matrices;
}
