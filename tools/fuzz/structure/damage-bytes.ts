/** Damage to the bytes of a file, whatever they mean. */
import type { Below } from "./mutate.ts";

/** Changes one to three places. */
export function damageBytes(original: Buffer, below: Below): Buffer {
  let bytes = Buffer.from(original);
  for (let changes = 1 + below(3); changes > 0 && bytes.length > 0; changes--) {
    const [a, b] = [below(bytes.length), below(bytes.length)].toSorted((x, y) => x - y) as [number, number];
    switch (below(7)) {
      case 0: // flip a bit
        bytes[a]! ^= 1 << below(8);
        break;
      case 1: // overwrite a byte
        bytes[a] = below(256);
        break;
      case 2: // overwrite a run
        bytes.fill(below(2) === 0 ? 0 : 255, a, Math.min(b, a + 64));
        break;
      case 3: // cut off the end
        bytes = bytes.subarray(0, a);
        break;
      case 4: // duplicate a run
        bytes = Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)]);
        break;
      case 5: // delete a run
        bytes = Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)]);
        break;
      default: // copy a run over another place
        bytes.copyWithin(below(bytes.length), a, b);
    }
  }
  return bytes;
}
