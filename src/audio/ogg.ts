/**
 * Pages of one link of an Ogg file (RFC 3533). A link is a group of streams that start together; links follow one another
 * in a chained file, and a link ends where the first page of a stream stands behind pages that are not the first.
 */
import type { ByteSource } from "../platform/bytes.ts";
import { ByteWindow } from "./byte-window.ts";
import { nextStart, startsContainer } from "./signatures.ts";

const PAGE_HEADER = 27;
const MAX_PAGE = PAGE_HEADER + 255 + 255 * 255;
const WINDOW_BYTES = 4 * MAX_PAGE;
const UNKNOWN_POSITION = 0xffff_ffff_ffff_ffffn;
const [FIRST, LAST] = [2, 4]; // flags of a page

/** State over the pages so far. */
export interface OggWalk {
  /** Samples up to the end of the last page. */
  position: number;
  /** The stream's last page was there. */
  ended: boolean;
  /** The offset behind the link. */
  end: number;
  /** The first fault of each kind, and how many of the kind follow. */
  readonly faults: Map<FaultKind, { readonly first: string; more: number }>;
}

type FaultKind = "cut" | "checksum" | "missing" | "behind";

export function startWalk(): OggWalk {
  return { position: 0, ended: false, end: 0, faults: new Map() };
}

/** Everything that was wrong with the link, as warnings: one for each kind of fault, since a file may have any number. */
export function faultsOf({ ended, faults }: OggWalk): string[] {
  return [
    ...[...faults.values()].map(({ first, more }) =>
      more === 0 ? first : `${first}, and ${more} more faults of this kind`,
    ),
    ...(ended ? [] : ["the file has no last page: it ends early"]),
  ];
}

/** The whole pages of the first stream of the link at the start of `source`. */
export async function* linkPages(source: ByteSource, walk: OggWalk): AsyncGenerator<Uint8Array> {
  let serial: number | undefined;
  let sequence = 0;
  let begun = false; // a page that is not the first of its stream was there
  const window = new ByteWindow(source, WINDOW_BYTES);
  for (let at = 0; (walk.end = at) < source.size;) {
    const block = await window.read(at, MAX_PAGE);
    const length = pageLength(block);
    if (length === undefined || length > block.length) {
      if (block.length === 0 || (walk.ended && pageLength(block) === undefined)) return;
      fault(walk, "cut", `no whole page at byte ${at}`);
      const next = nextPlace(block);
      at += next;
      if (isOther(block, next)) {
        walk.end = at;
        return;
      }
      continue;
    }
    const page = block.subarray(0, length);
    const fields = new DataView(page.buffer, page.byteOffset, page.byteLength);
    const isFirst = (page[5]! & FIRST) !== 0;
    if (isFirst && begun) return; // of the next link
    begun ||= !isFirst;
    at += length;
    serial ??= fields.getUint32(14, true);
    if (fields.getUint32(14, true) !== serial) continue; // another stream: pictures, text
    if (fields.getUint32(22, true) !== checksum(page)) {
      fault(walk, "checksum", `the page at byte ${at - length} fails its checksum`);
      at += nextPlace(page) - length; // a page that is cut may reach into the next file
      if (isOther(block, at - walk.end)) {
        walk.end = at;
        return;
      }
      continue;
    }
    if (walk.ended) {
      fault(walk, "behind", `a page at byte ${at - length} is behind the last one`);
      continue;
    }
    const number = fields.getUint32(18, true);
    if (number !== sequence) fault(walk, "missing", `page ${sequence} is missing`);
    sequence = number + 1;
    const position = fields.getBigUint64(6, true);
    if (position !== UNKNOWN_POSITION) walk.position = Number(position);
    walk.ended = (page[5]! & LAST) !== 0;
    yield page;
  }
}

function fault({ faults }: OggWalk, kind: FaultKind, message: string): void {
  const known = faults.get(kind);
  if (known === undefined) faults.set(kind, { first: message, more: 0 });
  else known.more++;
}

/** Whether a container starts at `pos` that is not Ogg. */
function isOther(block: Uint8Array, pos: number): boolean {
  return block[pos] !== 0x4f && startsContainer(block, pos);
}

/** The length of the page from its lacing table; undefined where no page starts. */
function pageLength(block: Uint8Array): number | undefined {
  if (block.length < PAGE_HEADER || String.fromCharCode(...block.subarray(0, 5)) !== "OggS\0")
    return undefined;
  const lacing = block.subarray(PAGE_HEADER, PAGE_HEADER + block[26]!);
  if (lacing.length < block[26]!) return undefined;
  return lacing.reduce((sum, length) => sum + length, PAGE_HEADER + lacing.length);
}

/** Where the next page or another container may start, at least one byte later; the end of `block` if nowhere. */
function nextPlace(block: Uint8Array): number {
  const stop = block.length - 3;
  for (let i = nextStart(block, 1, stop); i < stop; i = nextStart(block, i + 1, stop)) {
    if (block[i] === 0x4f && block[i + 1] === 0x67 && block[i + 2] === 0x67 && block[i + 3] === 0x53)
      return i;
    if (startsContainer(block, i)) return i;
  }
  return block.length === MAX_PAGE ? block.length - 12 : block.length;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc >>> 0;
});

/** CRC-32 of the page with its own checksum, bytes 22 to 25, taken as zero. */
export function checksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : page[i]!;
    crc = ((crc << 8) ^ crcTable[(crc >>> 24) ^ byte]!) >>> 0;
  }
  return crc;
}
