/** Files of frames and pages: FLAC, MP3, Ogg. */
import { checksum } from "../../../src/audio/ogg.ts";
import { block, data, number, numbers, readNumber, size } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";

/** The metadata of FLAC block by block, STREAMINFO field by field, and the frames. */
export function flac(bytes: Buffer): Part {
  const metadata: Part[] = [];
  let at = 4;
  for (let last = false; !last;) {
    last = bytes[at]! >= 128;
    const length = bytes.readUIntBE(at + 1, 3);
    const content = bytes.subarray(at + 4, at + 4 + length);
    const body =
      at === 4
        ? [
            ...numbers(content.subarray(0, 4), "be", 2),
            ...numbers(content.subarray(4, 10), "be", 3),
            number(readNumber(content, 10, "be", 8), "be", 8),
            data(content.subarray(18)),
          ]
        : [data(content)];
    metadata.push(
      block(body, { head: [number(bytes[at]!, "be", 1)], size: size({ order: "be", width: 3 }) }),
    );
    at += 4 + length;
  }
  return block([data(bytes.subarray(0, 4)), block(metadata), block(frames(bytes.subarray(at), 0xff, 0xf8))]);
}

/** Pieces that start with a synchronization word. */
function frames(bytes: Buffer, first: number, second: number): Part[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if ((bytes[at + 1]! & 0xfe) === (second & 0xfe)) starts.push(at);
  const pieces = starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length));
  return [
    ...(starts[0] === 0 ? [] : [data(bytes.subarray(0, starts[0]))]),
    ...pieces.map((piece) => block([number(piece.readUInt32BE(), "be", 4), data(piece.subarray(4))])),
  ];
}

/** MP3 frame by frame, behind an ID3 tag with two fields. */
export function mp3(bytes: Buffer): Part {
  const field = (name: string, content: string): Part =>
    block([number(0, "be", 2), number(3, "be", 1), data(Buffer.from(content))], {
      head: [data(Buffer.from(name))],
      size: size({ order: "be", width: 4 }, "bytes", -2),
    });
  const tag = block([field("TIT2", "title"), field("TXXX", "a\0b")], {
    head: [data(Buffer.from("ID3\x04\0\0"))],
    size: size({ order: "be", width: 4 }), // below 128, so that it is the same with 7 bits in a byte
  });
  return block([tag, block(frames(bytes, 0xff, 0xfa))]);
}

const PAGE_HEADER = 27;

/** Ogg page by page, each with the right checksum whatever is in it. */
export function ogg(bytes: Buffer): Part {
  const pages: Part[] = [];
  for (let at = 0; at < bytes.length;) {
    const segments = bytes[at + 26]!;
    const table = bytes.subarray(at + PAGE_HEADER, at + PAGE_HEADER + segments);
    const start = at + PAGE_HEADER + segments;
    const length = table.reduce((sum, segment) => sum + segment, 0);
    pages.push(page(bytes.subarray(at, at + PAGE_HEADER), table, bytes.subarray(start, start + length)));
    at = start + length;
  }
  return block(pages);
}

function page(head: Buffer, table: Buffer, content: Buffer): Part {
  const fields: Part[] = [
    data(head.subarray(0, 4)),
    number(head[4]!, "le", 1),
    number(head[5]!, "le", 1),
    number(readNumber(head, 6, "le", 8), "le", 8),
    number(readNumber(head, 14, "le", 4), "le", 4),
    number(readNumber(head, 18, "le", 4), "le", 4),
    number(0, "le", 4),
  ];
  const segments = block(numbers(table, "le", 1), { size: size({ order: "le", width: 1 }, "parts") });
  const isHead = ["OpusHead", "\u0001vorbis"].some((word) => content.toString("latin1").startsWith(word));
  const packets = isHead
    ? [data(content.subarray(0, 8)), ...numbers(content.subarray(8), "le", 1)]
    : [data(content)];
  return block([...fields, segments, block(packets)], { seal: sealed });
}

function sealed(page: Buffer): Buffer {
  if (page.length < PAGE_HEADER) return page;
  const copy = Buffer.from(page);
  copy.writeUInt32LE(0, 22);
  copy.writeUInt32LE(checksum(copy), 22);
  return copy;
}
