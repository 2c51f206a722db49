/**
 * Checks the counts in the tables of MP4 and QuickTime (ISO/IEC 14496-12) before mediabunny reads them: it counts up to
 * whatever they say. A sample has at least one byte, so that no valid count exceeds the bytes of the file.
 */
import { AudioError } from "../errors.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

/** Boxes that have others in them. */
const containers = new Set(
  "moov trak mdia minf dinf stbl mvex moof traf mfra edts sinf schi udta".split(" "),
);

/** Tables by their names: bytes of an entry, and where in it are counts. */
const tables: Readonly<Record<string, readonly [bytes: number, counts: readonly number[]]>> = {
  stts: [8, [0]],
  ctts: [8, [0]],
  stsc: [12, [0, 4]],
  stco: [4, []],
  co64: [8, []],
  stss: [4, []],
};
const MAX_DEPTH = 8;

/** Entries that are read at once. */
const BLOCK_ENTRIES = 2 ** 14;

/** Throws `audio_malformed` for a count that the file has no bytes for. */
export async function checkTables(source: ByteSource): Promise<void> {
  await walk(source, 0, source.size, 0);
}

async function walk(source: ByteSource, from: number, stop: number, depth: number): Promise<void> {
  for (let at = from; at + 8 <= stop;) {
    const head = await view(source, at, 16);
    const name = String.fromCharCode(...new Uint8Array(head.buffer, 4, 4));
    const short = head.getUint32(0);
    const isLong = short === 1 && head.byteLength === 16;
    const length = isLong ? Number(head.getBigUint64(8)) : short === 0 ? stop - at : short;
    if (length < (isLong ? 16 : 8)) return;
    const [data, end] = [at + (isLong ? 16 : 8), Math.min(stop, at + length)];
    if (containers.has(name) && depth < MAX_DEPTH) await walk(source, data, end, depth + 1);
    if (Object.hasOwn(tables, name)) {
      await checkEntries(source, name, data, at + length);
      await checkTable(source, name, data, end);
    }
    if (name === "trun") check(source, name, (await view(source, data, 8)).getUint32(4));
    at += length;
  }
}

/** Entries that the box has no bytes for would be read from what follows it. */
async function checkEntries(source: ByteSource, name: string, data: number, end: number): Promise<void> {
  const room = Math.max(0, Math.floor((end - data - 8) / tables[name]![0]));
  const count = (await view(source, data, 8)).getUint32(4);
  if (count <= room) return;
  throw new AudioError("audio_malformed", source.name, `${count} entries in the box ${name}`, {
    wanted: `at most the ${room} that it has bytes for`,
  });
}

async function checkTable(source: ByteSource, name: string, data: number, end: number): Promise<void> {
  const [bytes, counts] = tables[name]!;
  if (counts.length === 0) return;
  let sum = 0;
  for (let at = data + 8; at + bytes <= end; at += bytes * BLOCK_ENTRIES) {
    const block = await view(source, at, Math.min(bytes * BLOCK_ENTRIES, end - at));
    for (let entry = 0; entry + bytes <= block.byteLength; entry += bytes) {
      for (const count of counts) check(source, name, block.getUint32(entry + count));
      sum += block.getUint32(entry);
      if (name !== "stsc") check(source, name, sum);
    }
  }
}

function check({ name, size }: ByteSource, box: string, count: number): void {
  if (count <= size) return;
  throw new AudioError("audio_malformed", name, `a count of ${count} in the box ${box}`, {
    wanted: `at most the ${size} bytes of the file`,
  });
}

/** At least eight bytes, zeros where the source ends. */
async function view(source: ByteSource, offset: number, length: number): Promise<DataView<ArrayBuffer>> {
  const bytes = await readUpTo(source, offset, length);
  const padded = new Uint8Array(Math.max(8, bytes.length));
  padded.set(bytes);
  return new DataView(padded.buffer);
}
