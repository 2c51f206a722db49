/**
 * The tensor table of a GGUF header, guarded: sizes are computed as bigint, offsets must be aligned and exactly
 * contiguous (no holes, no overlaps), the last tensor must end within the file, and what follows it may only be
 * padding of zeros. Refuses block formats that we cannot decode.
 */
import { formatOfId, formats } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import { incomplete } from "./bytes.ts";
import type { HeaderBytes } from "./bytes.ts";
import { guardName } from "./fields.ts";
import { limits } from "./limits.ts";

/** A row of the table, its offset counted from the start of the file. */
export interface TensorInfo {
  readonly name: string;
  /** GGML order: the first dimension varies fastest. */
  readonly dimensions: readonly number[];
  readonly format: Format;
  readonly byteLength: number;
  readonly offset: number;
}

interface Table {
  readonly tensors: readonly TensorInfo[];
  /** Byte after the table. */
  readonly end: number;
  readonly dataStart: number;
}

type Declared = Omit<TensorInfo, "offset"> & { readonly start: number; readonly relativeOffset: bigint };

/** Names of GGML's types that we cannot decode, for messages. */
const foreignFormats: Readonly<Record<number, string>> = {
  9: "Q8_1",
  10: "Q2_K",
  11: "Q3_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
};

export async function guardTensors(bytes: HeaderBytes, count: number, alignment: number): Promise<Table> {
  const declared = new Map<string, Declared>();
  for (let i = 0; i < count; i++) {
    const start = bytes.position;
    const tensor = await guardTensor(bytes, i);
    if (declared.has(tensor.name)) {
      throw bytes.fault("gguf_malformed", `tensor ${tensor.name}`, "the name occurs twice", {
        offset: start,
      });
    }
    declared.set(tensor.name, tensor);
  }
  const end = bytes.position;
  const dataStart = padded(end, alignment);
  const tensors = place(bytes, [...declared.values()], dataStart, alignment);
  if (tensors.length > 0) {
    await bytes.need(dataStart - end, "padding");
    guardZeros(bytes, bytes.slice(end, dataStart), end);
  }
  await guardRest(bytes, tensors.at(-1), alignment);
  return { tensors, end, dataStart };
}

export const padded = (offset: number, alignment: number): number =>
  Math.ceil(offset / alignment) * alignment;

async function guardTensor(bytes: HeaderBytes, index: number): Promise<Declared> {
  const start = bytes.position;
  const name = await guardName(bytes, `tensor ${index}`, limits.tensorNameBytes);
  const what = `tensor ${name}`;
  await bytes.need(4, what);
  const rank = bytes.uint32();
  if (rank < 1 || rank > limits.dimensions) {
    const wanted = `1 to ${limits.dimensions}`;
    throw bytes.fault("gguf_malformed", what, `${rank} dimensions`, { offset: bytes.position - 4, wanted });
  }
  await bytes.need(rank * 8 + 4 + 8, what);

  const dimensions: number[] = [];
  let elements = 1n;
  for (let axis = 0; axis < rank; axis++) {
    const offset = bytes.position;
    const dimension = bytes.uint64();
    if (dimension === 0n) throw bytes.fault("gguf_malformed", what, `dimension ${axis} is 0`, { offset });
    if (dimension > limits.dimension) {
      const wanted = `at most ${limits.dimension}`;
      throw bytes.fault("gguf_limit", what, `dimension ${axis} is ${dimension}`, { offset, wanted });
    }
    dimensions.push(Number(dimension));
    elements *= dimension;
  }

  const format = guardFormat(bytes, what, dimensions);
  const { blockSize, blockBytes } = formats[format];
  const byteLength = (elements / BigInt(blockSize)) * BigInt(blockBytes);
  return { name, dimensions, format, byteLength: Number(byteLength), start, relativeOffset: bytes.uint64() };
}

function guardFormat(bytes: HeaderBytes, what: string, [row = 0]: readonly number[]): Format {
  const offset = bytes.position;
  const id = bytes.uint32();
  const format = formatOfId(id);
  if (format === undefined) {
    const wanted = `one of ${Object.keys(formats).join(", ")}`;
    const found = `block format ${foreignFormats[id] ?? id}`;
    throw bytes.fault("unsupported_format", what, found, { offset, wanted });
  }
  const { blockSize } = formats[format];
  if (row % blockSize !== 0) {
    const wanted = `a multiple of ${blockSize} for ${format}`;
    throw bytes.fault("gguf_malformed", what, `rows of ${row}`, { offset, wanted });
  }
  return format;
}

/** Turns relative offsets into places in the file; each tensor begins where the one before it ends, padded. */
function place(
  bytes: HeaderBytes,
  declared: readonly Declared[],
  dataStart: number,
  alignment: number,
): TensorInfo[] {
  let due = 0;
  return declared.map(({ start, relativeOffset, ...tensor }) => {
    const what = `tensor ${tensor.name}`;
    if (relativeOffset !== BigInt(due)) {
      const problem = relativeOffset > due ? "a hole before it" : "an overlap with the tensor before it";
      const found = `offset ${relativeOffset}, ${problem}`;
      throw bytes.fault("gguf_malformed", what, found, { offset: start, wanted: `offset ${due}` });
    }
    const offset = dataStart + due;
    if (offset + tensor.byteLength > bytes.file.size) {
      const found = `its data ends at byte ${offset + tensor.byteLength}`;
      const wanted = `at most ${bytes.file.size}`;
      throw bytes.fault("gguf_truncated", what, found, { offset: start, wanted, remedy: incomplete });
    }
    due += padded(tensor.byteLength, alignment);
    return { ...tensor, offset };
  });
}

/** The file may end with its last byte of data, or with the padding that writers usually add. */
async function guardRest(bytes: HeaderBytes, last: TensorInfo | undefined, alignment: number): Promise<void> {
  const { file } = bytes;
  const from = last === undefined ? bytes.position : last.offset + last.byteLength;
  const surplus = file.size - from;
  if (surplus >= alignment) {
    const wanted = `padding of less than ${alignment}`;
    throw bytes.fault("gguf_malformed", "", `${surplus} bytes follow the last tensor`, {
      offset: from,
      wanted,
    });
  }
  const padding = new Uint8Array(surplus);
  if (surplus > 0) await file.read(from, padding);
  guardZeros(bytes, padding, from);
}

function guardZeros(bytes: HeaderBytes, padding: Uint8Array, offset: number): void {
  if (padding.some((byte) => byte !== 0)) {
    throw bytes.fault("gguf_malformed", "", "the padding has bytes other than zero", {
      offset,
      wanted: "zeros",
    });
  }
}
