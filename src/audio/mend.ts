/** A source in which some bytes are replaced. */
import { sliced } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";

export interface Mend {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The bytes before `end`, with those of `mends`, which do not overlap. */
export function mended(source: ByteSource, end: number, mends: readonly Mend[]): ByteSource {
  const sorted = mends.toSorted((a, b) => a.offset - b.offset);
  const part = sliced(source, 0, end);
  return {
    name: part.name,
    remote: part.remote,
    get size() {
      return part.size;
    },
    async read(offset, target, signal) {
      await part.read(offset, target, signal);
      const stop = offset + target.length;
      for (let i = firstBehind(sorted, offset); (sorted[i]?.offset ?? Infinity) < stop; i++) {
        const { offset: at, bytes } = sorted[i]!;
        const from = Math.max(0, offset - at);
        target.set(bytes.subarray(from, Math.max(from, stop - at)), at + from - offset);
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The index of the first one that ends behind `offset`. */
function firstBehind(mends: readonly Mend[], offset: number): number {
  let [low, high] = [0, mends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { offset: at, bytes } = mends[middle]!;
    if (at + bytes.length > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
