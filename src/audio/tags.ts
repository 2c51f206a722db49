/** Tags and padding around audio: ID3v2 and APE before it, ID3v1 and APE behind it, zeros and line ends at either end. */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

/** Bytes of a tag's head that give its length. */
const TAG_HEAD = 32;
const ID3V1_BYTES = 128;

/** A stream is read ahead by no more than this to see whether a tag is all there and where padding ends. */
const MAX_CHECKED = 16 * 2 ** 20;
const READ_BYTES = 2 ** 16;

/** The length of the ID3v1, APE or ID3v2 tag that starts at `pos` of `block`; 0 where there is none. */
export function tagLength(block: Uint8Array, pos: number): number {
  const [letter, second] = [block[pos], block[pos + 1]];
  const isTag = letter === 0x54 ? second === 0x41 : letter === 0x41 ? second === 0x50 : letter === 0x49;
  if (!isTag || (letter === 0x49 && second !== 0x44)) return 0; // TA, AP, ID
  const head = block.subarray(pos, pos + TAG_HEAD);
  const text = String.fromCharCode(...head);
  if (text.startsWith("TAG")) return ID3V1_BYTES;
  if (text.startsWith("APETAGEX") && head.length === TAG_HEAD) {
    const fields = new DataView(head.buffer, head.byteOffset);
    return TAG_HEAD + (isFooter(fields) ? 0 : fields.getUint32(12, true));
  }
  if (text.startsWith("ID3") && head.length >= 10) {
    const size = head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
    return 10 + size + ((head[5]! & 16) === 0 ? 0 : 10); // a footer repeats the header
  }
  return 0;
}

/** An APE footer: of version 1, which has no header, or one that says that the tag has a header, and is not it. */
function isFooter(fields: DataView): boolean {
  return fields.getUint32(8, true) === 1000 || fields.getUint32(20, true) >>> 29 === 4;
}

/** The first offset from `offset` on where there is neither a tag nor padding. */
export async function afterTags(source: ByteSource, offset: number): Promise<number> {
  for (let at = offset; ;) {
    const block = await readUpTo(source, at, READ_BYTES);
    const padding = paddingLength(block);
    if (padding === READ_BYTES && at - offset < MAX_CHECKED) {
      at += padding;
      continue;
    }
    at += padding;
    if (at - offset > MAX_CHECKED) return at;
    const tag = tagLength(await readUpTo(source, at, TAG_HEAD), 0);
    if (tag === 0 || !(await isWholeTag(source, at, tag))) return at;
    at += tag;
  }
}

/** Names of the boxes that MP4 and QuickTime files start with. */
const BOXES = new Set(["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"]);

/** How many zeros and line ends `block` starts with. Those that are the first bytes of a file are not among them. */
function paddingLength(block: Uint8Array): number {
  let at = 0;
  while (block[at] === 0 || block[at] === 0x0a || block[at] === 0x0d) at++;
  for (let back = Math.min(at, 4); back > 0; back--) {
    const start = at - back; // of a box: the four bytes of its length, and its name
    if (BOXES.has(String.fromCharCode(...block.subarray(start + 4, start + 8)))) return start;
  }
  return at >= 2 && block[at] === 1 && block[at + 1] === 0xba ? at - 2 : at; // an MPEG program stream
}

/** Whether all of a tag of `length` bytes is there: what follows a forged length is not to be lost. */
export async function isWholeTag(source: ByteSource, at: number, length: number): Promise<boolean> {
  if (length <= MAX_CHECKED) await source.reach?.(at + length);
  return at + length <= source.size;
}
