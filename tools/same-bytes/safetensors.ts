/**
 * Reads a safetensors archive. The program has its own reader, since the readers of both checkouts are under test.
 */

export interface StoredStage {
  /** `F32`, as the header names it. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian, the last dimension fastest. */
  readonly bytes: Uint8Array;
}

export interface StageArchive {
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in the order of the header. */
  readonly stages: ReadonlyMap<string, StoredStage>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Throws a SyntaxError or a RangeError where the bytes are no such archive. */
export function parseArchive(bytes: Uint8Array): StageArchive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Readonly<
    Record<string, HeaderEntry>
  >;
  const stages = new Map<string, StoredStage>();
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      metadata = new Map(Object.entries(entry as unknown as Readonly<Record<string, string>>));
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry;
    const [from, to] = [start + offsets[0], start + offsets[1]];
    if (from > to || to > bytes.length) throw new RangeError(`stage ${name} ends after the end of the file`);
    stages.set(name, { dtype, shape, bytes: bytes.subarray(from, to) });
  }
  return { metadata, stages };
}
