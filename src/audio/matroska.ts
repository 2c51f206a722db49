/**
 * Walks the structure of Matroska and WebM (RFC 9559) before mediabunny reads it, and mends what it must not meet: that
 * library searches without end behind damage, and leaves out clusters whose size is wrong. Damage, and elements that are
 * not needed, become elements of type Void; sizes become those of what is there.
 */
import { AudioError } from "../errors.ts";
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { EbmlReader, numberOf, sizeIn, vintOf, widthOf } from "./ebml.ts";
import type { Element } from "./ebml.ts";
import { MAX_CLUSTER_BYTES, MAX_MENDS } from "./limits.ts";
import { mended } from "./mend.ts";
import type { Mend } from "./mend.ts";
import { startsContainer } from "./signatures.ts";

const [EBML, SEGMENT, CLUSTER, INFO, TRACKS] = [
  0x1a45_dfa3, 0x1853_8067, 0x1f43_b675, 0x1549_a966, 0x1654_ae6b,
];
const [SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, DISCARD_PADDING, TIMESTAMP, VOID] = [
  0xa3, 0xa0, 0xa1, 0x75a2, 0xe7, 0xec,
];
/** SeekHead, Cues, Tags, Chapters, Attachments, Void and CRC-32: nothing in them is needed. */
const passed = new Set([0x114d_9b74, 0x1c53_bb6b, 0x1254_c367, 0x1043_a770, 0x1941_a469, VOID, 0xbf]);
/** What a cluster may have beside blocks: Timestamp, Position, PrevSize, EncryptedBlock, SilentTracks, Void, CRC-32. */
const inCluster = new Set([TIMESTAMP, 0xa7, 0xab, 0xaf, 0x5854, VOID, 0xbf]);
const levels01 = new Set([EBML, SEGMENT, CLUSTER, INFO, TRACKS, ...passed].filter((id) => id > 0xffff));

/** Bytes of the shortest element. */
const LEAST_VOID = 2;
const SEARCH_BYTES = 2 ** 16;
/** Behind the start of a cluster: its header and that of its time. */
const CLUSTER_HEAD = 24;

export interface Matroska {
  /** The file as mediabunny may read it. */
  readonly view: ByteSource;
  /** The offset behind the segment, in bytes. */
  readonly end: number;
  readonly faults: readonly string[];
  /** Nanoseconds behind the recording in the last block of each track, by the track's number. */
  readonly padding: ReadonlyMap<number, number>;
}

/** Throws `unsupported_encoding` for a file whose beginning is damaged, or with more than `maxMends`: ffmpeg may read it. */
export async function walkMatroska(source: ByteSource, maxMends = MAX_MENDS): Promise<Matroska> {
  const walk = new Walk(source, maxMends);
  const end = await walk.run();
  const view = mended(source, walk.stop, walk.mends);
  return { view, end, faults: walk.faults, padding: walk.padding };
}

class Walk {
  readonly mends: Mend[] = [];
  readonly faults: string[] = [];
  readonly padding = new Map<number, number>();
  /** The offset behind the last whole element. */
  stop = 0;
  readonly #source: ByteSource;
  readonly #reader: EbmlReader;
  readonly #maxMends: number;
  #damaged = 0;
  #at = 0;

  constructor(source: ByteSource, maxMends: number) {
    this.#source = source;
    this.#maxMends = maxMends;
    this.#reader = new EbmlReader(source);
  }

  /** Returns the offset behind the segment. */
  async run(): Promise<number> {
    const { size } = this.#source;
    const head = await this.#reader.element(0, size);
    const segment = head?.end === undefined ? undefined : await this.#reader.element(head.end, size);
    if (head?.id !== EBML || segment?.id !== SEGMENT) throw this.#refuse("no segment behind the header");
    this.#at = segment.data;
    let [hasTracks, hasCluster] = [false, false];
    let promised = segment.end ?? 0;
    for (;;) {
      this.stop = this.#at;
      const element = await this.#reader.element(this.#at, size);
      const isCluster = element?.id === CLUSTER;
      // Some recorders do not count the clusters in the size of the segment.
      if (segment.end !== undefined && this.#at >= segment.end && !isCluster) break;
      if (this.#at >= size || element?.id === EBML || element?.id === SEGMENT) break;
      if (isCluster && hasTracks) {
        hasCluster = true;
        promised = Math.max(promised, element.end ?? 0);
        if (!(await this.#cluster(element))) break;
      } else if (element?.end !== undefined && element.end <= size && this.#isKept(element)) {
        hasTracks ||= element.id === TRACKS;
        this.#at = element.end;
      } else if (element?.end !== undefined && element.end <= size && passed.has(element.id)) {
        this.#void(element.start, element.end);
        this.#at = element.end;
      } else if (!hasCluster) {
        throw this.#refuse(`no whole element of a segment at byte ${this.#at}`);
      } else if (!(await this.#skip())) break;
    }
    if (promised > size) this.faults.push(`the file ends early: ${size} of ${promised} bytes are present`);
    if (this.#damaged > 0) this.faults.push(`${this.#damaged} bytes are damaged and were left out`);
    this.#resize(segment, this.stop);
    return this.#at;
  }

  #isKept({ id, start, end }: Element): boolean {
    return (id === INFO || id === TRACKS) && end! - start <= MAX_CLUSTER_BYTES;
  }

  /** Goes on to what is behind the cluster, whatever its size says; false where nothing of the segment is. */
  async #cluster(cluster: Element): Promise<boolean> {
    this.#at = cluster.data;
    this.stop = this.#at;
    while (this.#at < this.#source.size) {
      const child = await this.#reader.element(this.#at, this.#source.size);
      if (child !== undefined && levels01.has(child.id)) break;
      if (this.#at - cluster.data > MAX_CLUSTER_BYTES) {
        throw this.#refuse(`a cluster of more than ${MAX_CLUSTER_BYTES} bytes`);
      }
      if (child?.end === undefined || child.end > this.#source.size || !(await this.#isChild(child))) {
        if (this.#at === cluster.end) break;
        const hasNext = await this.#skip();
        this.#resize(cluster, this.stop);
        return hasNext;
      }
      this.#at = child.end;
      this.stop = this.#at;
    }
    this.#resize(cluster, this.#at);
    return true;
  }

  async #isChild(child: Element): Promise<boolean> {
    if (child.id === SIMPLE_BLOCK) return (await this.#trackOf(child)) !== undefined;
    if (child.id === BLOCK_GROUP) return await this.#isGroup(child);
    if (child.id === TIMESTAMP) return child.end! > child.data && child.end! - child.data <= 8;
    return inCluster.has(child.id);
  }

  async #isGroup(group: Element): Promise<boolean> {
    let track: number | undefined;
    let padding = 0;
    for (let at = group.data; at < group.end!;) {
      const child = await this.#reader.element(at, group.end!);
      if (child?.end === undefined || child.end > group.end!) return false;
      if (child.id === BLOCK) track = await this.#trackOf(child);
      if (child.id === DISCARD_PADDING && child.end - child.data <= 8) {
        padding = signed(await this.#reader.bytes(child.data, child.end - child.data));
      }
      at = child.end;
    }
    if (track !== undefined) this.padding.set(track, Math.max(0, padding));
    return track !== undefined;
  }

  /** The number of the block's track; undefined where this is no block. */
  async #trackOf({ data, end }: Element): Promise<number | undefined> {
    if (end! - data > MAX_CLUSTER_BYTES) return undefined;
    const block = await this.#reader.bytes(data, Math.min(12, end! - data));
    const width = widthOf(block[0]);
    if (width > 8 || block.length < width + 3) return undefined;
    const track = vintOf(block.subarray(0, width));
    this.padding.delete(track);
    return track;
  }

  /** Goes on to the next cluster behind damage; false where none is, or another file comes first. */
  async #skip(): Promise<boolean> {
    const start = this.#at;
    for (let at = start; at < this.#source.size; at += SEARCH_BYTES) {
      const block = await readUpTo(this.#source, at, SEARCH_BYTES + CLUSTER_HEAD);
      const stop = Math.min(block.length, SEARCH_BYTES);
      for (let pos = 0; pos < stop; pos++) {
        const isNext =
          block[pos] === 0x1f &&
          at + pos >= start + LEAST_VOID &&
          startsCluster(block.subarray(pos, pos + CLUSTER_HEAD));
        if (!isNext && !startsContainer(block, pos)) continue;
        this.#damaged += at + pos - start;
        this.#at = at + pos;
        if (!isNext) return false;
        this.#void(start, this.#at);
        this.stop = this.#at;
        return true;
      }
    }
    this.#damaged += this.#source.size - start;
    this.#at = this.#source.size;
    return false;
  }

  /** Makes the bytes one element that readers pass over. */
  #void(start: number, end: number): void {
    const length = end - start;
    const size = length <= 128 ? sizeIn(length - 2, 1) : sizeIn(length - 9, 8);
    this.#mend(start, Uint8Array.of(VOID, ...size!));
  }

  /** Gives the element the size of what is there. One byte for an unknown size has no place for it, and is read as that. */
  #resize({ sizeAt, data, end }: Element, stop: number): void {
    if (stop === end) return;
    const size = sizeIn(stop - data, data - sizeAt);
    if (size !== undefined) this.#mend(sizeAt, size);
    else if (end !== undefined || data - sizeAt > 1) throw this.#refuse(`a wrong size at byte ${sizeAt}`);
  }

  #mend(offset: number, bytes: Uint8Array): void {
    if (this.mends.length === this.#maxMends) {
      throw this.#refuse(`more than ${this.#maxMends} elements to mend`);
    }
    this.mends.push({ offset, bytes });
  }

  #refuse(why: string): AudioError {
    return new AudioError(
      "unsupported_encoding",
      this.#source.name,
      `Matroska or WebM that cannot be read: ${why}`,
      { wanted: "a file with its header, its tracks and then its clusters" },
    );
  }
}

/** Whether a cluster starts there, by its header and that of its time, which comes first. */
function startsCluster(head: Uint8Array): boolean {
  if (numberOf(head.subarray(0, 4)) !== CLUSTER) return false;
  const time = 4 + widthOf(head[4]);
  return head[time] === TIMESTAMP || head[time] === 0xbf;
}

/** Two's complement, the highest byte first. */
function signed(bytes: Uint8Array): number {
  const value = numberOf(bytes);
  return (bytes[0] ?? 0) < 128 ? value : value - 256 ** bytes.length;
}
