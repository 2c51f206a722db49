/** The one growing memory of the kernels, and the views of it that JavaScript uses. */
import { RuntimeError } from "../../../src/errors.ts";
import { Allocator } from "./allocator.ts";
import { reservedBytes } from "./layout.ts";

const pageBytes = 65_536;
/** Growing is slow, so the memory grows by at least this much. */
const growthPages = 256;
/** 4 GiB */
const maximumPages = 65_536;

export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  /** The whole memory; replaced when it grows. */
  bytes: Uint8Array;
  readonly #whenGrown: () => void;

  /** Calls `whenGrown` after each growth, when earlier views are no longer valid. */
  constructor(shared: boolean, whenGrown: () => void) {
    this.memory = new WebAssembly.Memory({ initial: growthPages, maximum: maximumPages, shared });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.allocator = new Allocator(reservedBytes, (end) => this.#grow(end));
    this.#whenGrown = whenGrown;
  }

  words(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  #grow(end: number): void {
    const bytes = this.memory.buffer.byteLength;
    const missing = Math.ceil((end - bytes) / pageBytes);
    if (missing <= 0) return;
    const step = Math.min(Math.max(missing, growthPages), maximumPages - bytes / pageBytes);
    if (step < missing) throw outOfMemory(end, "WebAssembly can address 4 GiB");
    try {
      this.memory.grow(step);
    } catch (cause) {
      throw outOfMemory(end, "out of memory", cause);
    }
    this.bytes = new Uint8Array(this.memory.buffer);
    this.#whenGrown();
  }
}

function outOfMemory(bytes: number, why: string, cause?: unknown): RuntimeError {
  return new RuntimeError("out_of_memory", "wasm memory", `cannot grow memory to ${bytes} bytes: ${why}`, {
    remedy: "Use a smaller or quantized model, or cut the audio into shorter pieces",
    cause,
  });
}
