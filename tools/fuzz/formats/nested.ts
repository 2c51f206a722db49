/** Files of elements in elements: MP4's boxes, Matroska's EBML, protobuf's messages. */
import { block, data, numbers, readNumber, size, text, write } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";

const boxesOfBoxes = new Set("moov trak mdia minf stbl edts dinf udta moof traf mvex".split(" "));

/** Boxes with a size of four bytes before their name. */
export function mp4(bytes: Buffer): Part {
  return block(boxes(bytes));
}

function boxes(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (length < 8 || at + length > bytes.length) break;
    const name = bytes.subarray(at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + length);
    parts.push(
      block([data(name), ...contentOf(name.toString("latin1"), content)], {
        size: size({ order: "be", width: 4 }, "bytes", 4),
      }),
    );
    at += length;
  }
  if (at < bytes.length) parts.push(data(bytes.subarray(at)));
  return parts;
}

function contentOf(name: string, content: Buffer): Part[] {
  if (boxesOfBoxes.has(name)) return boxes(content);
  if (name === "stsd") return [...numbers(content.subarray(0, 8), "be", 4), ...boxes(content.subarray(8))];
  if (name === "mdat") return [data(content)];
  return numbers(content, "be", content.length % 4 === 0 ? 4 : 1);
}

/** Elements of Matroska that hold others. */
const masters = new Set(
  "1a45dfa3 18538067 1549a966 1654ae6b ae e1 1f43b675 a0 1c53bb6b bb b7 114d9b74 4dbb 1254c367 7373 67c8 6d80".split(
    " ",
  ),
);

/** Elements with an identifier and a size in as many bytes as they need. */
export function ebml(bytes: Buffer): Part {
  return block(elements(bytes));
}

function elements(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < bytes.length) {
    const idBytes = Math.clz32(bytes[at]!) - 23;
    const sizeAt = at + idBytes;
    const width = Math.clz32(bytes[sizeAt] ?? 0) - 23;
    if (idBytes > 4 || width > 8) break;
    const start = sizeAt + width;
    const length = readNumber(bytes, sizeAt, "be", width) & ((1n << BigInt(7 * width)) - 1n);
    const isUnknown = length === (1n << BigInt(7 * width)) - 1n;
    const content = bytes.subarray(start, isUnknown ? bytes.length : start + Number(length));
    const id = bytes.subarray(at, sizeAt);
    const body = masters.has(id.toString("hex")) ? elements(content) : [...valueOf(content)];
    const element = block(body, { head: [data(id)], size: size({ order: "ebml" }) });
    if (isUnknown) element.size!.claimed = 2n ** 56n - 1n;
    parts.push(element);
    at = start + content.length;
  }
  if (at < bytes.length) parts.push(data(bytes.subarray(at)));
  return parts;
}

const valueOf = (content: Buffer): Part[] =>
  content.length <= 8 ? numbers(content, "be", Math.max(1, content.length)) : [data(content)];

/** Fields of protobuf; what can be read as a message is one. */
export function protobuf(bytes: Buffer): Part {
  return block(fieldsOf(bytes) ?? [data(bytes)]);
}

function fieldsOf(bytes: Buffer): Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return -1n;
  };
  const varint = (value: bigint): Part => ({ kind: "number", coding: { order: "varint" }, value });
  while (at < bytes.length) {
    const tag = readVarint();
    if (tag < 8n) return undefined;
    const wire = Number(tag & 7n);
    if (wire === 0) {
      const value = readVarint();
      if (value < 0n) return undefined;
      parts.push(block([varint(tag), varint(value)]));
    } else if (wire === 2) {
      const length = Number(readVarint());
      if (length < 0 || at + length > bytes.length) return undefined;
      const content = bytes.subarray(at, at + length);
      at += length;
      parts.push(block(messageOf(content), { head: [varint(tag)], size: size({ order: "varint" }) }));
    } else if (wire === 1 || wire === 5) {
      const width = wire === 1 ? 8 : 4;
      if (at + width > bytes.length) return undefined;
      parts.push(block([varint(tag), ...numbers(bytes.subarray(at, at + width), "le", width)]));
      at += width;
    } else return undefined;
  }
  return parts;
}

function messageOf(content: Buffer): Part[] {
  if (/^[\x20-\x7e]*$/u.test(content.toString("latin1"))) return [text(content)];
  const fields = content.length > 1 ? fieldsOf(content) : undefined;
  return fields !== undefined && write(block(fields)).equals(content) ? fields : [data(content)];
}
