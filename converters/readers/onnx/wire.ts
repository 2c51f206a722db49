/**
 * The protobuf wire format, read in place: fields are recognized and skipped without reading their content, so the
 * gigabytes of a model's initializers are never touched. Groups and over-long integers are refused; depth is the
 * caller's, who knows the schema. https://protobuf.dev/programming-guides/encoding
 */
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";

/** A range of the file: a message, a text or bytes. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** One field: an integer where its wire type has one, else the place of its bytes. */
export type Field =
  | { readonly number: number; readonly kind: "integer"; readonly value: bigint }
  | { readonly number: number; readonly kind: "bytes"; readonly span: Span };

const windowBytes = 2 ** 16;
const maxText = 2 ** 16;
/** More than twice those of an encoder of 70 layers. */
const maxFields = 200_000;
/** A tag and the integer that follows it. */
const headBytes = 20;

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class WireReader {
  readonly #access: ByteSource;
  #window = new Uint8Array(0);
  #windowBegin = 0;
  #fields = 0;

  constructor(access: ByteSource) {
    this.#access = access;
  }

  get all(): Span {
    return { begin: 0, end: this.#access.size };
  }

  /** The fields of the message that `span` holds, in order. */
  async *fields({ begin, end }: Span): AsyncGenerator<Field> {
    let at = begin;
    while (at < end) {
      if (++this.#fields > maxFields) throw this.#malformed(at, `more than ${maxFields} fields`);
      const start = at;
      if (!this.#holds(at, end)) await this.#move(at);
      const [tag, afterTag] = this.#varint(at, end);
      const number = Number(tag >> 3n);
      if (number < 1 || number >= 2 ** 29) throw this.#malformed(start, `the field number ${number}`);
      at = afterTag;
      switch (Number(tag & 7n)) {
        case wire.varint: {
          const [value, next] = this.#varint(at, end);
          at = next;
          yield { number, kind: "integer", value };
          break;
        }
        case wire.bytes: {
          const [length, data] = this.#varint(at, end);
          if (length > BigInt(end - data))
            throw this.#malformed(start, `a field of ${length} bytes`, `at most ${end - data}`);
          at = data + Number(length);
          yield { number, kind: "bytes", span: { begin: data, end: at } };
          break;
        }
        case wire.fixed64:
          at = yield* this.#fixed(number, at, end, 8);
          break;
        case wire.fixed32:
          at = yield* this.#fixed(number, at, end, 4);
          break;
        default:
          throw this.#malformed(start, `the wire type ${tag & 7n}`, "0, 1, 2 or 5");
      }
    }
  }

  /** The integers of a packed field. */
  async integers({ begin, end }: Span, most: number): Promise<bigint[]> {
    const values: bigint[] = [];
    for (let at = begin; at < end;) {
      if (values.length >= most) throw this.#malformed(begin, `more than ${most} integers`);
      if (!this.#holds(at, end)) await this.#move(at);
      const [value, next] = this.#varint(at, end);
      values.push(value);
      at = next;
    }
    return values;
  }

  async text(span: Span, most = maxText): Promise<string> {
    const bytes = await this.bytes(span, most);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw malformed(`${this.#access.name}, byte ${span.begin}`, "text that is not UTF-8", undefined, cause);
    }
  }

  async bytes({ begin, end }: Span, most: number): Promise<Uint8Array> {
    if (end - begin > most) throw this.#malformed(begin, `${end - begin} bytes`, `at most ${most}`);
    const bytes = new Uint8Array(end - begin);
    await this.#access.read(begin, bytes);
    return bytes;
  }

  async *#fixed(number: number, at: number, end: number, size: number): AsyncGenerator<Field, number> {
    if (size > end - at) throw this.#malformed(at, "the message ends in the middle of a field");
    yield { number, kind: "bytes", span: { begin: at, end: at + size } };
    return at + size;
  }

  /** An integer of up to 10 bytes at `at`, which is held, and where the next field begins. */
  #varint(at: number, end: number): [bigint, number] {
    const first = at < end ? (this.#window[at - this.#windowBegin] as number) : 0x80;
    if (first < 0x80) return [BigInt(first), at + 1];
    let value = 0n;
    for (let i = 0; i < 10; i++) {
      if (at + i >= end) throw this.#malformed(at, "the message ends in the middle of an integer");
      const byte = this.#window[at + i - this.#windowBegin] as number;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return [BigInt.asUintN(64, value), at + i + 1];
    }
    throw this.#malformed(at, "an integer of more than 10 bytes");
  }

  /** Whether the head of a field is in the window. */
  #holds(at: number, end: number): boolean {
    const inside = at - this.#windowBegin;
    return inside >= 0 && Math.min(at + headBytes, end) <= this.#windowBegin + this.#window.length;
  }

  async #move(at: number): Promise<void> {
    this.#window = new Uint8Array(Math.min(windowBytes, this.#access.size - at));
    this.#windowBegin = at;
    await this.#access.read(at, this.#window);
  }

  #malformed(at: number, found: string, wanted?: string): Error {
    return malformed(`${this.#access.name}, byte ${at}`, found, wanted);
  }
}
