/** Writing protocol buffers: fields of numbers, strings, bytes and messages (protobuf.dev/encoding). */

/** The bytes of a message, or of a part of one: parts are joined by writing one after the other. */
export type Message = Uint8Array;

const utf8 = new TextEncoder();

/** Parts joined into one; undefined parts are left out. */
export function message(...parts: readonly (Message | undefined)[]): Message {
  const given = parts.filter((part) => part !== undefined);
  const joined = new Uint8Array(given.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of given) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}

/** A whole number from 0 to 2^53, or a boolean. */
export function integer(field: number, value: number | boolean): Message {
  return message(varint(field * 8), varint(Number(value)));
}

/** A whole number that may be negative: ten bytes then. */
export function signed(field: number, value: number): Message {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) break;
  }
  return message(varint(field * 8), Uint8Array.from(bytes));
}

export function float(field: number, value: number): Message {
  return message(varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer));
}

export function text(field: number, value: string): Message {
  return bytes(field, utf8.encode(value));
}

/** Bytes, or a message within a message. */
export function bytes(field: number, value: Uint8Array): Message {
  return message(varint(field * 8 + 2), varint(value.length), value);
}

/** A map from strings to messages. */
export function map(field: number, entries: Iterable<readonly [string, Message]>): Message {
  return message(...[...entries].map(([key, value]) => bytes(field, message(text(1, key), bytes(2, value)))));
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...out, rest]);
    out.push((rest % 128) + 128);
  }
}
