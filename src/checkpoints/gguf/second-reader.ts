/**
 * A second reader: `@huggingface/gguf` parses the header that the guard has passed, and both must agree on every
 * key, type and value, and on every tensor's name, shape, format and offset. So no single parser decides alone.
 *
 * The library is given the guarded bytes themselves (by a `fetch` that answers from memory), never the file: what it
 * sees is what was checked. It is spared the long values. It takes 2 µs per string, half a second for Qwen3's
 * vocabulary and merges, and version 0.4.6 cuts a string off where its 2 MB chunk ends.
 */
import { formats } from "../../../kernels/formats/table.ts";
import { memoryFault, ModelFormatError } from "../../errors.ts";
import { preambleBytes } from "./guard.ts";
import type { Header } from "./guard.ts";
import type { Entry } from "./metadata.ts";
import { valueTypes } from "./values.ts";

/** Values with more bytes are vocabularies. Its chunks leave the library at least 500,000 bytes for each value. */
const longValueBytes = 16_384;

/** Names that the library puts into its result itself, or that mean something else to a plain object. */
const reservedKeys = new Set(["version", "tensor_count", "kv_count", "__proto__"]);

/** Fails unless the library reads what the guard has read. */
export async function secondReader(source: string, header: Header): Promise<void> {
  const shown = [...header.entries].filter(
    ([key, { start, end }]) => end - start <= longValueBytes && !reservedKeys.has(key),
  );
  const bytes = abridge(header, shown);
  const { gguf } = await import("./gguf-library.ts");
  const { typedMetadata, tensorInfos } = await gguf("https://header.gguf", {
    typedMetadata: true,
    fetch: answerFrom(bytes),
  }).catch((cause: unknown) => {
    throw (
      memoryFault(source, cause) ??
      disagreement(source, `the second reader refuses the header: ${String(cause)}`)
    );
  });

  for (const [key, entry] of shown) {
    const theirs = Object.hasOwn(typedMetadata, key) ? typedMetadata[key] : undefined;
    if (theirs === undefined || !sameEntry(entry, theirs))
      throw disagreement(source, `the readers differ on key ${key}`);
  }
  if (tensorInfos.length !== header.tensors.length)
    throw disagreement(source, "the readers differ on the tensors' number");
  for (const [i, { name, dimensions, format, offset }] of header.tensors.entries()) {
    const theirs = tensorInfos[i];
    const same =
      theirs !== undefined &&
      theirs.name === name &&
      theirs.shape.length === dimensions.length &&
      theirs.shape.every((dimension, axis) => Number(dimension) === dimensions[axis]) &&
      (theirs.dtype as number) === formats[format].id &&
      Number(theirs.offset) === offset - header.dataStart;
    if (!same) throw disagreement(source, `the readers differ on tensor ${name}`);
  }
}

/** The header with only the `shown` keys in it. */
function abridge({ bytes, table }: Header, shown: readonly (readonly [string, Entry])[]): Uint8Array {
  const preamble = bytes.slice(0, preambleBytes);
  new DataView(preamble.buffer).setBigUint64(preambleBytes - 8, BigInt(shown.length), true);
  const parts = [
    preamble,
    ...shown.map(([, { start, end }]) => bytes.subarray(start, end)),
    bytes.subarray(table.start, table.end),
  ];
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A `fetch` that answers ranges of `bytes`, with what the library reads of an answer and no more: a real `Response` would
 * make Node load its HTTP client, 20 ms in each process.
 */
function answerFrom(bytes: Uint8Array): typeof fetch {
  return async (_, init) => {
    const { Range = "" } = (init?.headers ?? {}) as { readonly Range?: string };
    const [first = 0, last = 0] = Range.match(/\d+/g)?.map(Number) ?? [];
    const headers = { get: () => `bytes */${bytes.length}` };
    return { headers, arrayBuffer: async () => bytes.slice(first, last + 1).buffer } as unknown as Response;
  };
}

interface TheirEntry {
  readonly type: number;
  readonly subType?: number;
  readonly value: unknown;
}

function sameEntry({ type, array, value }: Entry, theirs: TheirEntry): boolean {
  if (valueTypes[theirs.type] !== (array ? "array" : type)) return false;
  if (!array) return sameValue(value, theirs.value);
  const elements = value as readonly unknown[];
  return (
    valueTypes[theirs.subType ?? -1] === type &&
    Array.isArray(theirs.value) &&
    theirs.value.length === elements.length &&
    theirs.value.every((element, i) => sameValue(elements[i], element))
  );
}

/** The library gives 64-bit integers as bigint, and drops a leading byte order mark from texts. */
function sameValue(ours: unknown, theirs: unknown): boolean {
  if (typeof ours === "string") return ours.replace(/^\uFEFF/, "") === theirs;
  return Object.is(ours, typeof theirs === "bigint" ? Number(theirs) : theirs);
}

function disagreement(source: string, found: string): ModelFormatError {
  return new ModelFormatError("gguf_malformed", source, found, { wanted: "two readers that agree" });
}
