/** Takes WebM files apart and writes them as recorders do, who know no size in advance. */
import { join } from "./wav.ts";

export interface Piece {
  /** The bytes of its identifier, as hexadecimal digits. */
  readonly id: string;
  readonly content: Uint8Array;
}

export const [EBML, SEGMENT, CLUSTER, INFO, TRACKS, CUES, VOID] = [
  "1a45dfa3",
  "18538067",
  "1f43b675",
  "1549a966",
  "1654ae6b",
  "1c53bb6b",
  "ec",
] as const;

/** The elements that follow one another in `bytes`. */
export function piecesOf(bytes: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  const hex = Buffer.from(bytes).toString("hex");
  for (let at = 0; at < bytes.length;) {
    const idBytes = Math.clz32(bytes[at]!) - 23;
    const sizeAt = at + idBytes;
    const width = Math.clz32(bytes[sizeAt]!) - 23;
    const digits = hex.slice(2 * sizeAt, 2 * (sizeAt + width));
    const size = Number(BigInt(`0x${digits}`) & (2n ** BigInt(7 * width) - 1n));
    const data = sizeAt + width;
    pieces.push({ id: hex.slice(2 * at, 2 * sizeAt), content: bytes.slice(data, data + size) });
    at = data + size;
  }
  return pieces;
}

/** How a size is written: in eight bytes, or as one that is not known, in eight bytes or in one. */
export type Size = "known" | "unknown" | "unknown in a byte";

export function element(id: string, content: Uint8Array, size: Size = "known"): Uint8Array {
  const field = new DataView(new ArrayBuffer(8));
  field.setBigUint64(0, (1n << 56n) | (size === "known" ? BigInt(content.length) : 2n ** 56n - 1n));
  const bytes = size === "unknown in a byte" ? Uint8Array.of(0xff) : new Uint8Array(field.buffer);
  return join(new Uint8Array(Buffer.from(id, "hex")), bytes, content);
}

/** The header, and the elements of the segment that recorders write: Info, Tracks, clusters. */
export function takeApart(webm: Uint8Array): {
  readonly head: Uint8Array;
  readonly pieces: readonly Piece[];
} {
  const [header, segment] = piecesOf(webm) as [Piece, Piece];
  const kept = piecesOf(segment.content).filter(({ id }) =>
    ([INFO, TRACKS, CLUSTER] as string[]).includes(id),
  );
  return { head: element(EBML, header.content), pieces: kept };
}

/** The file as a recorder writes it. */
export function recorded(webm: Uint8Array, size: Size = "unknown", clusterSize: Size = size): Uint8Array {
  const { head, pieces } = takeApart(webm);
  const written = pieces.map(({ id, content }) =>
    element(id, content, id === CLUSTER ? clusterSize : "known"),
  );
  return join(head, element(SEGMENT, join(...written), size));
}
