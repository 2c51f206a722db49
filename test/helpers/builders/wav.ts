/** WAV files written field by field, so that a test can get any of them wrong. */

export interface WavParts {
  readonly container?: string;
  readonly form?: string;
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  /** Bytes of a frame; right unless given. */
  readonly block?: number;
  /** What the data chunk claims; its length unless given. */
  readonly dataLength?: number;
  /** Chunks before and after `fmt `, and after `data`. */
  readonly before?: Uint8Array;
  readonly between?: Uint8Array;
  readonly after?: Uint8Array;
  /** More of the fmt chunk than 16 bytes. */
  readonly fmtTail?: Uint8Array;
  readonly dataFirst?: boolean;
}

export function wav(data: Uint8Array, parts: WavParts = {}): Uint8Array {
  const { container = "RIFF", form = "WAVE", before = bytes(), between = bytes(), after = bytes() } = parts;
  const samples = chunk("data", data, parts.dataLength);
  const format = fmt(parts);
  const body = parts.dataFirst === true ? [samples, format] : [format, between, samples];
  const all = join(text(form), before, ...body, after);
  return join(text(container), u32(all.length), all);
}

export function fmt(parts: WavParts): Uint8Array {
  const { tag = 1, channels = 1, rate = 16000, bits = 16, fmtTail = bytes() } = parts;
  const { block = channels * Math.ceil(bits / 8) } = parts;
  const fields = join(u16(tag), u16(channels), u32(rate), u32(rate * block), u16(block), u16(bits));
  return chunk("fmt ", join(fields, fmtTail));
}

/** The 24 bytes after the first 16 that make a header extensible. */
export function extension(
  tag: number,
  validBits: number,
  guidEnd = "000000001000800000aa00389b71",
): Uint8Array {
  return join(u16(22), u16(validBits), u32(0), u16(tag), Uint8Array.from(Buffer.from(guidEnd, "hex")));
}

export function chunk(id: string, data: Uint8Array, length = data.length): Uint8Array {
  return join(text(id), u32(length), data, bytes(...(data.length % 2 === 0 ? [] : [0x7f])));
}

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const text = (word: string): Uint8Array => Uint8Array.from(word, (c) => c.charCodeAt(0));
const u16 = (value: number): Uint8Array => bytes(value & 255, (value >> 8) & 255);
export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
export const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);
export const int16 = (...values: number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);
export const float32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
export const float64 = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** The chunk that has the lengths of a file of more than 4 GiB. */
export function ds64(length: bigint): Uint8Array {
  return chunk("ds64", join(u64(length + 100n), u64(length), u64(0n), u32(0)));
}
