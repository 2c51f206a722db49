/**
 * A bounds-checked cursor over the header of a GGUF file; the only place that looks at its bytes.
 * It knows the file's size and loads more bytes as the parser needs them, so the weights are never read, and no
 * length in the file is used before it has been compared with the rest of the file.
 */
import { ModelFormatError } from "../../errors.ts";
import type { ErrorCode, ErrorDetails } from "../../errors.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { limits } from "./limits.ts";

/** The advice where a file ends too early. */
export const incomplete = "The file is incomplete: copy or download it again";

/** One read fetches the whole header of a model without a vocabulary. */
const firstBytes = 2 ** 20;

export class HeaderBytes {
  position = 0;
  readonly file: ByteSource;
  #loaded = new Uint8Array(0);
  #view = new DataView(this.#loaded.buffer);
  // ignoreBOM keeps a leading U+FEFF, which would otherwise vanish when the file is written again
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(file: ByteSource) {
    this.file = file;
  }

  /** Bytes of the file after the cursor. */
  get left(): number {
    return this.file.size - this.position;
  }

  /** A refusal at `offset`, by default where the cursor is. */
  fault(
    code: ErrorCode,
    what: string,
    found: string,
    details?: ErrorDetails & { offset?: number },
  ): ModelFormatError {
    const place = `${this.file.name}, byte ${details?.offset ?? this.position}`;
    return new ModelFormatError(code, what === "" ? place : `${place}, ${what}`, found, details);
  }

  /** Whether the next `count` bytes can be taken without another `need`. */
  has(count: number): boolean {
    return this.position + count <= this.#loaded.length;
  }

  /** Makes sure that the next `count` bytes exist and are loaded. */
  async need(count: number | bigint, what: string): Promise<void> {
    if (count > this.left) {
      const found = `${count} bytes are due and the file has ${this.left} left`;
      throw this.fault("gguf_truncated", what, found, { remedy: incomplete });
    }
    const end = this.position + Number(count);
    if (end <= this.#loaded.length) return;
    if (end > limits.headerBytes) {
      throw this.fault("gguf_limit", what, `the header is longer than ${limits.headerBytes} bytes`);
    }
    const size = Math.min(
      Math.max(end, firstBytes, this.#loaded.length * 2),
      limits.headerBytes,
      this.file.size,
    );
    const grown = new Uint8Array(size);
    grown.set(this.#loaded);
    await this.file.read(this.#loaded.length, grown.subarray(this.#loaded.length));
    this.#loaded = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** What has been read, from `start` to `end`. */
  slice(start: number, end: number): Uint8Array {
    return this.#loaded.subarray(start, end);
  }

  /** The next `count` bytes, which are loaded already, as a copy: the header's own memory is freed earlier. */
  take(count: number): Uint8Array {
    const start = this.#step(count);
    return this.#loaded.slice(start, start + count);
  }

  uint8 = (): number => this.#view.getUint8(this.#step(1));
  int8 = (): number => this.#view.getInt8(this.#step(1));
  uint16 = (): number => this.#view.getUint16(this.#step(2), true);
  int16 = (): number => this.#view.getInt16(this.#step(2), true);
  uint32 = (): number => this.#view.getUint32(this.#step(4), true);
  int32 = (): number => this.#view.getInt32(this.#step(4), true);
  float32 = (): number => this.#view.getFloat32(this.#step(4), true);
  uint64 = (): bigint => this.#view.getBigUint64(this.#step(8), true);
  int64 = (): bigint => this.#view.getBigInt64(this.#step(8), true);
  float64 = (): number => this.#view.getFloat64(this.#step(8), true);

  /** `length` bytes of UTF-8; undefined where they are not. */
  utf8(length: number): string | undefined {
    const start = this.#step(length);
    try {
      return this.#utf8.decode(this.#loaded.subarray(start, start + length));
    } catch {
      return undefined;
    }
  }

  #step(count: number): number {
    const start = this.position;
    this.position = start + count;
    return start;
  }
}
