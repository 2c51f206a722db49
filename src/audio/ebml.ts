/** Headers of EBML elements (RFC 8794): an identifier, a size, and how many bytes they take. */
import type { ByteSource } from "../platform/bytes.ts";
import { ByteWindow } from "./byte-window.ts";

export interface Element {
  readonly id: number;
  /** The offset of its first byte. */
  readonly start: number;
  /** The offset of its size, which is behind its identifier. */
  readonly sizeAt: number;
  /** The offset of its content. */
  readonly data: number;
  /** The offset behind its content; undefined where a live stream does not give its size. */
  readonly end: number | undefined;
}

/** Four bytes of an identifier and eight of a size. */
const HEADER_BYTES = 12;
const WINDOW_BYTES = 2 ** 16;

/** Reads headers and numbers through a window. */
export class EbmlReader {
  readonly #window: ByteWindow;

  constructor(source: ByteSource) {
    this.#window = new ByteWindow(source, WINDOW_BYTES);
  }

  /** `length` bytes from `offset` on, or as many as there are. They are valid until the next read. */
  bytes(offset: number, length: number): Promise<Uint8Array> {
    return this.#window.read(offset, length);
  }

  /** The element at `offset`; undefined where no header is, or not a whole one before `limit`. */
  async element(offset: number, limit: number): Promise<Element | undefined> {
    const head = await this.bytes(offset, Math.min(HEADER_BYTES, Math.max(0, limit - offset)));
    const idBytes = widthOf(head[0]);
    const sizeBytes = widthOf(head[idBytes]);
    if (idBytes > 4 || sizeBytes > 8 || idBytes + sizeBytes > head.length) return undefined;
    const data = offset + idBytes + sizeBytes;
    const size = sizeOf(head.subarray(idBytes, idBytes + sizeBytes));
    return {
      id: numberOf(head.subarray(0, idBytes)),
      start: offset,
      sizeAt: offset + idBytes,
      data,
      end: size === undefined ? undefined : data + size,
    };
  }
}

/** Bytes of the number that starts with `first`: more than eight where none does. */
export function widthOf(first = 0): number {
  return Math.clz32(first) - 23;
}

/** Undefined for the reserved value, all ones, and for what no file can have. */
function sizeOf(bytes: Uint8Array): number | undefined {
  const size = vintOf(bytes);
  return size >= 2 ** (7 * bytes.length) - 1 || size > Number.MAX_SAFE_INTEGER ? undefined : size;
}

/** A number of variable width, whose first byte has a mark of the width. */
export function vintOf([first = 0, ...rest]: Uint8Array): number {
  return numberOf(Uint8Array.of(first & (127 >> rest.length), ...rest));
}

/** An unsigned number, the highest byte first. */
export function numberOf(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** `size` in `width` bytes; undefined where it does not fit. */
export function sizeIn(size: number, width: number): Uint8Array | undefined {
  if (size >= 2 ** (7 * width) - 1) return undefined;
  const bytes = new Uint8Array(width);
  for (let i = width - 1, rest = size; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes[0]! |= 2 ** (8 - width);
  return bytes;
}
