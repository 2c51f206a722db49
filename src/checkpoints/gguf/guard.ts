/**
 * The strict reader of a GGUF header: every rule that keeps a hostile or broken file from costing more than a
 * refusal. Format: ggml's docs/gguf.md, versions 2 and 3, little-endian; other versions and byte orders are refused.
 *
 * Before any loop or allocation, count × smallest encoded size is compared with what is left of the file; 64-bit
 * fields are compared as bigint before they become numbers; offsets, names and values are checked where they are read,
 * so a refusal names the byte, the key or the tensor.
 */
import type { ByteSource } from "../../platform/bytes.ts";
import { HeaderBytes } from "./bytes.ts";
import { guardCount } from "./fields.ts";
import { limits } from "./limits.ts";
import { guardAlignment, guardMetadata } from "./metadata.ts";
import type { Entry } from "./metadata.ts";
import { guardTensors } from "./tensors.ts";
import type { TensorInfo } from "./tensors.ts";

export interface Header {
  readonly version: 2 | 3;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly tensors: readonly TensorInfo[];
  /** The place of the tensor table. */
  readonly table: { readonly start: number; readonly end: number };
  /** Where the tensors' offsets count from. */
  readonly dataStart: number;
  /** The header's bytes, up to the end of the table. */
  readonly bytes: Uint8Array;
}

/** Magic, version, count of tensors, count of keys. */
export const preambleBytes = 4 + 4 + 8 + 8;
/** The length of a key, one byte of it, a type, one byte of value. */
const minEntryBytes = 8 + 1 + 4 + 1;
/** The length of a name, one byte of it, the count of dimensions, one dimension, a type, an offset. */
const minTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;

export async function guard(file: ByteSource): Promise<Header> {
  const bytes = new HeaderBytes(file);
  const { version, tensorCount, keyCount } = await guardPreamble(bytes);
  const entries = await guardMetadata(bytes, keyCount);
  const alignment = guardAlignment(bytes, entries.get("general.alignment"));
  const start = bytes.position;
  const { tensors, end, dataStart } = await guardTensors(bytes, tensorCount, alignment);
  return { version, entries, tensors, table: { start, end }, dataStart, bytes: bytes.slice(0, end) };
}

async function guardPreamble(bytes: HeaderBytes) {
  const wanted = "a file that begins with GGUF";
  if (bytes.left < 4) throw bytes.fault("not_gguf", "", `the file has ${bytes.left} bytes`, { wanted });
  await bytes.need(4, "magic");
  if (bytes.utf8(4) !== "GGUF")
    throw bytes.fault("not_gguf", "", "this is not a GGUF file", { wanted, offset: 0 });

  await bytes.need(preambleBytes - 4, "the counts of tensors and keys");
  const version = bytes.uint32();
  if (version !== 2 && version !== 3) {
    const bigEndian = version !== 0 && version % 2 ** 16 === 0;
    throw bytes.fault(
      "gguf_version",
      "",
      bigEndian ? "the file is big-endian" : `format version ${version}`,
      {
        offset: 4,
        wanted: "version 2 or 3, little-endian",
        remedy: "Convert the model again with a current converter",
      },
    );
  }
  const tensorCount = guardCount(bytes, limits.tensors, minTensorBytes, "tensors");
  const keyCount = guardCount(bytes, limits.keys, minEntryBytes, "keys");
  return { version, tensorCount, keyCount } as const;
}
