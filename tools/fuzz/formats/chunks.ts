/** Files of chunks: a name, a size, and what is in it (RIFF, RF64, AIFF, Wave64, CAF), or a header of numbers (AU, FLV). */
import { block, data, number, numbers, readNumber, size } from "../structure/part.ts";
import type { Block, Part } from "../structure/part.ts";

/** How chunks are written. */
interface Form {
  readonly order: "le" | "be";
  /** Bytes of a name, and of a size. */
  readonly name: number;
  readonly width: 4 | 8;
  /** Bytes that a size counts beyond the content. */
  readonly more: number;
  /** What a chunk is padded to, in bytes. */
  readonly padded: number;
}

const riff: Form = { order: "le", name: 4, width: 4, more: 0, padded: 2 };
const aiff: Form = { ...riff, order: "be" };
const wave64: Form = { order: "le", name: 16, width: 8, more: 24, padded: 8 };
const caf: Form = { order: "be", name: 4, width: 8, more: 0, padded: 1 };

/** Chunks whose content is no row of numbers. */
const isContent = (name: string): boolean => /^(data|SSND|LIST|free|desc)/u.test(name);

function padded(bytes: Buffer, { padded }: Form): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((padded - (bytes.length % padded)) % padded)]);
}

export const chunk = (name: Uint8Array, body: Part[], form: Form = riff): Block =>
  block(body, {
    head: [data(name)],
    size: size(form, "bytes", form.more),
    seal: (bytes) => padded(bytes, form),
  });

function chunksOf(bytes: Buffer, form: Form): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at + form.name + form.width <= bytes.length) {
    const name = bytes.subarray(at, at + form.name);
    const start = at + form.name + form.width;
    const length = Number(readNumber(bytes, at + form.name, form.order, form.width)) - form.more;
    const content = bytes.subarray(start, start + length);
    const body = isContent(name.toString("latin1")) ? [data(content)] : numbers(content, form.order, 2);
    parts.push(chunk(name, body, form));
    at = start + Math.ceil(length / form.padded) * form.padded;
  }
  if (at < bytes.length) parts.push(data(bytes.subarray(at)));
  return parts;
}

/** RIFF and AIFF: chunks in one chunk, behind the word for its form. */
export function inOneChunk(bytes: Buffer): Part {
  const form = bytes.toString("latin1", 0, 4) === "FORM" ? aiff : riff;
  return block([
    chunk(
      bytes.subarray(0, 4),
      [data(bytes.subarray(8, 12)), block(chunksOf(bytes.subarray(12), form))],
      form,
    ),
  ]);
}

/** PCM of 16 bits as the other containers write it. */
export function otherContainers(samples: Uint8Array): Readonly<Record<string, Part>> {
  const [u16, u32] = [(value: number) => number(value, "le", 2), (value: number) => number(value, "le", 4)];
  const format = [u16(1), u16(1), u32(16_000), u32(32_000), u16(2), u16(16)];
  const guid = (word: string, tail: string): Buffer =>
    Buffer.concat([Buffer.from(word), Buffer.from(tail, "hex")]);
  const tail = "f3acd3118cd100c04f8edb8a";
  const riff64 = [
    chunk(Buffer.from("ds64"), [
      number(0, "le", 8),
      number(samples.length, "le", 8),
      number(samples.length / 2, "le", 8),
      u32(0),
    ]),
    chunk(Buffer.from("fmt "), format),
    chunk(Buffer.from("data"), [data(samples)]),
  ];
  const inWave64 = [
    data(guid("wave", tail)),
    chunk(guid("fmt ", tail), format, wave64),
    chunk(guid("data", tail), [data(samples)], wave64),
  ];
  const big = (value: number, width: number): Part => number(value, "be", width);
  const aifc = [
    data(Buffer.from("AIFC")),
    chunk(Buffer.from("FVER"), [big(0xa280_5140, 4)], aiff),
    chunk(
      Buffer.from("COMM"),
      [
        big(1, 2),
        big(samples.length / 2, 4),
        big(16, 2),
        data(Buffer.from("400cfa00000000000000", "hex")),
        data(Buffer.from("NONE")),
        big(0, 2),
      ],
      aiff,
    ),
    chunk(Buffer.from("SSND"), [big(0, 4), big(0, 4), data(samples)], aiff),
  ];
  const desc = [
    data(Buffer.from("40cf400000000000", "hex")),
    data(Buffer.from("lpcm")),
    ...[0, 2, 1, 1, 16].map((value) => big(value, 4)),
  ];
  return {
    rf64: block([chunk(Buffer.from("RF64"), [data(Buffer.from("WAVE")), ...riff64])]),
    w64: block([chunk(guid("riff", "2e91cf11a5d628db04c10000"), inWave64, { ...wave64, padded: 1 })]),
    aiff: block([chunk(Buffer.from("FORM"), aifc, aiff)]),
    caf: block([
      data(Buffer.from("caff")),
      big(1, 2),
      big(0, 2),
      chunk(Buffer.from("desc"), desc, caf),
      chunk(Buffer.from("data"), [big(0, 4), data(samples)], caf),
    ]),
    au: block([
      data(Buffer.from(".snd")),
      ...[24, samples.length, 3, 16_000, 1].map((value) => big(value, 4)),
      data(samples),
    ]),
    flv: block([
      data(Buffer.from("FLV\x01\x04", "latin1")),
      big(9, 4),
      big(0, 4),
      ...[8, 8, 8].map((type) =>
        block([big(0, 4), big(0, 4), data(samples.subarray(0, 100)), big(111, 4)], {
          head: [big(type, 1)],
          size: size({ order: "be", width: 3 }, "bytes", -11),
        }),
      ),
    ]),
    avi: block([
      chunk(Buffer.from("RIFF"), [
        data(Buffer.from("AVI ")),
        chunk(Buffer.from("LIST"), [data(Buffer.from("hdrl")), chunk(Buffer.from("avih"), format)]),
        chunk(Buffer.from("LIST"), [data(Buffer.from("movi")), chunk(Buffer.from("01wb"), [data(samples)])]),
      ]),
    ]),
  };
}
