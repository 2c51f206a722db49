/** Reads a pickle's opcodes and what follows them; never past its end. */
import { malformed } from "../../../src/checkpoints/malformed.ts";

const maxString = 2 ** 20;
const maxName = 256;

export class Operands {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly where: string;
  private position = 0;
  /** Where the running opcode stands. */
  private start = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.where = where;
  }

  /** The place of the running opcode, for messages. */
  get here(): string {
    return `${this.where}, byte ${this.start}`;
  }

  get atEnd(): boolean {
    return this.position === this.bytes.length;
  }

  opcode(): number {
    this.start = this.position;
    return this.uint8();
  }

  uint8(): number {
    return this.view.getUint8(this.take(1));
  }

  uint16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  /** The one big-endian operand. */
  float64(): number {
    return this.view.getFloat64(this.take(8), false);
  }

  /** A two's-complement integer of up to 8 bytes, its length before it. */
  long(): number | bigint {
    const length = this.uint8();
    if (length > 8) throw malformed(this.here, `an integer of ${length} bytes`, "at most 8");
    const at = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.view.getUint8(at + i));
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  text(): string {
    const length = this.uint32();
    if (length > maxString) throw malformed(this.here, `a string of ${length} bytes`, `at most ${maxString}`);
    return this.decode(this.take(length), length);
  }

  /** A name up to the end of its line. */
  line(): string {
    const length = this.bytes.subarray(this.position, this.position + maxName).indexOf(0x0a);
    if (length < 0) throw malformed(this.here, "a name without an end", `a line of at most ${maxName} bytes`);
    return this.decode(this.take(length + 1), length);
  }

  private take(length: number): number {
    const at = this.position;
    if (length > this.bytes.length - at)
      throw malformed(this.here, "the pickle ends in the middle of an opcode");
    this.position = at + length;
    return at;
  }

  private decode(at: number, length: number): string {
    try {
      const bytes = this.bytes.subarray(at, at + length);
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw malformed(this.here, "text that is not UTF-8", undefined, cause);
    }
  }
}
