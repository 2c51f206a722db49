/** Files of tensors: GGUF, safetensors, NumPy's arrays, and the pickles of PyTorch. */
import { block, data, number, numbers, readNumber, size, text } from "../structure/part.ts";
import type { Block, Part } from "../structure/part.ts";
import { json } from "./texts.ts";

/** GGUF's value types by their bytes; 8 is a text, 9 an array. */
const widths: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const [TEXT, ARRAY] = [8, 9];
const ALIGNMENT = 32;

/** Keys and tensors as blocks that are counted. */
export function gguf(bytes: Buffer): Part {
  let at = 24;
  const take = (width: number): Part => {
    const part = number(readNumber(bytes, at, "le", width), "le", width);
    at += width;
    return part;
  };
  const integer = (width: number): number => Number(readNumber(bytes, at, "le", width));
  const takeText = (): Block => {
    const length = integer(8);
    at += 8 + length;
    return block([text(bytes.subarray(at - length, at))], { size: size({ order: "le", width: 8 }) });
  };
  const takeValue = (type: number): Part[] => {
    if (type === TEXT) return [takeText()];
    if (type !== ARRAY) return [take(widths[type]!)];
    const inner = integer(4);
    const head = [take(4)];
    const count = integer(8);
    at += 8;
    const items = Array.from({ length: count }, () => block(takeValue(inner)));
    return [block(items, { head, size: size({ order: "le", width: 8 }, "parts") })];
  };
  const counts = {
    tensors: Number(readNumber(bytes, 8, "le", 8)),
    keys: Number(readNumber(bytes, 16, "le", 8)),
  };
  const keys = Array.from({ length: counts.keys }, () => {
    const name = takeText();
    const type = integer(4);
    return block([name, take(4), ...takeValue(type)]);
  });
  const tensors = Array.from({ length: counts.tensors }, () => {
    const name = takeText();
    const rank = integer(4);
    at += 4;
    const sizes = block(
      Array.from({ length: rank }, () => take(8)),
      { size: size({ order: "le", width: 4 }, "parts") },
    );
    return block([name, sizes, take(4), take(8)]);
  });
  const start = Math.ceil(at / ALIGNMENT) * ALIGNMENT;
  return block([
    data(bytes.subarray(0, 4)),
    number(readNumber(bytes, 4, "le", 4), "le", 4),
    countedLists(tensors, keys),
    data(bytes.subarray(start)),
  ]);
}

/** Both counts, both lists, and zeros up to the data. */
function countedLists(tensors: Part[], keys: Part[]): Part {
  const counted = (list: Part[]): Block => block(list, { size: size({ order: "le", width: 8 }, "parts") });
  return block([counted(tensors), counted(keys)], {
    join: ([first = Buffer.alloc(0), second = Buffer.alloc(0), ...rest]) => {
      const body = Buffer.concat([
        first.subarray(0, 8),
        second.subarray(0, 8),
        second.subarray(8),
        first.subarray(8),
        ...rest,
      ]);
      return Buffer.concat([body, Buffer.alloc((ALIGNMENT - ((body.length + 8) % ALIGNMENT)) % ALIGNMENT)]);
    },
  });
}

/** The header of safetensors as JSON, and the tensors. */
export function safetensors(bytes: Buffer): Part {
  const length = Number(readNumber(bytes, 0, "le", 8));
  const header = bytes.subarray(8, 8 + length);
  return block([
    block([json(header.toString().trim())], { size: size({ order: "le", width: 8 }) }),
    data(bytes.subarray(8 + length)),
  ]);
}

/** An array of NumPy: its dictionary word by word. */
export function npy(bytes: Buffer): Part {
  const length = bytes.readUInt16LE(8);
  const words = bytes.toString("latin1", 10, 10 + length).split(/(?<=[:,'({})])/u);
  return block([
    data(bytes.subarray(0, 6)),
    ...numbers(bytes.subarray(6, 8), "le", 1),
    block(
      words.map((word) => text(Buffer.from(word, "latin1"))),
      { size: size({ order: "le", width: 2 }) },
    ),
    data(bytes.subarray(10 + length)),
  ]);
}

/** Bytes behind opcodes: a fixed number, or after a length or up to line ends. */
const operands: Readonly<Record<number, number>> = {
  0x80: 1,
  0x4a: 4,
  0x4b: 1,
  0x4d: 2,
  0x47: 8,
  0x68: 1,
  0x6a: 4,
  0x71: 1,
  0x72: 4,
};
const [LONG1, BINUNICODE, GLOBAL] = [0x8a, 0x58, 0x63];

/** A pickle opcode by opcode. */
export function pickle(bytes: Buffer): Part {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length;) {
    const code = bytes[at]!;
    const opcode = number(code, "le", 1);
    at++;
    if (code === BINUNICODE || code === LONG1) {
      const width = code === LONG1 ? 1 : 4;
      const length = Number(readNumber(bytes, at, "le", width));
      const content = bytes.subarray(at + width, at + width + length);
      const body = code === LONG1 ? data(content) : text(content);
      parts.push(block([body], { head: [opcode], size: size({ order: "le", width }) }));
      at += width + length;
    } else if (code === GLOBAL) {
      const end = bytes.indexOf(10, bytes.indexOf(10, at) + 1) + 1;
      parts.push(block([opcode, text(bytes.subarray(at, end))]));
      at = end;
    } else {
      const length = operands[code] ?? 0;
      parts.push(
        block([opcode, ...(length === 0 ? [] : numbers(bytes.subarray(at, at + length), "le", length))]),
      );
      at += length;
    }
  }
  return block(parts);
}
