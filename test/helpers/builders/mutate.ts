/** Seeded damage to a file: the same number gives the same mutant, so that a fault can be reproduced. */
import { uniform } from "./random.ts";

/** A count, length or offset in the file. */
export interface Field {
  readonly offset: number;
  readonly bytes: 4 | 8;
}

/** What counts and lengths are overwritten with: the edges of the integer types. */
const edges = [
  0n,
  1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** The `index`th mutant: one to three bits of damage of any kind. */
export function mutant(original: Uint8Array, fields: readonly Field[], index: number): Buffer {
  const next = uniform(index);
  const below = (limit: number): number => Math.floor(next() * limit);
  let bytes = Buffer.from(original);
  for (let damage = 1 + below(3); damage > 0 && bytes.length > 0; damage--) {
    const [a, b] = [below(bytes.length), below(bytes.length)].toSorted((x, y) => x - y) as [number, number];
    switch (below(7)) {
      case 0: // flip a bit
        bytes[a]! ^= 1 << below(8);
        break;
      case 1: // overwrite a byte
        bytes[a] = below(256);
        break;
      case 2: // overwrite a count, a length, a type or an offset
        overwrite(bytes, fields[below(fields.length)], edges[below(edges.length)]!, below(64));
        break;
      case 3: // cut off the end
        bytes = bytes.subarray(0, a);
        break;
      case 4: // duplicate a run of bytes
        bytes = Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)]);
        break;
      case 5: // delete a run of bytes
        bytes = Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
        break;
      default: // copy a run of bytes over another place
        bytes.copyWithin(below(bytes.length), a, b);
    }
  }
  return bytes;
}

function overwrite(bytes: Buffer, field: Field | undefined, edge: bigint, small: number): void {
  if (field === undefined || field.offset + field.bytes > bytes.length) return;
  const value = small < 32 ? edge : BigInt(small - 32);
  if (field.bytes === 8) bytes.writeBigUInt64LE(value, field.offset);
  else bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)), field.offset);
}
