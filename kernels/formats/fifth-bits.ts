/** The word `qh` of Q5_0 and Q5_1: bit j is the fifth bit of value j. */

export function readFifthBits(bytes: Uint8Array, p: number): number {
  return (
    (bytes[p] as number) |
    ((bytes[p + 1] as number) << 8) |
    ((bytes[p + 2] as number) << 16) |
    ((bytes[p + 3] as number) << 24)
  );
}

export function writeFifthBits(bytes: Uint8Array, p: number, qh: number): void {
  bytes[p] = qh;
  bytes[p + 1] = qh >> 8;
  bytes[p + 2] = qh >> 16;
  bytes[p + 3] = qh >> 24;
}
