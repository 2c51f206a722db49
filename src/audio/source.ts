/** Bytes that can be read by range, wherever they are, so that a file of hours needs no memory of its size. */

export interface ByteSource {
  /** What to call it in messages. */
  readonly name: string;
  readonly size: number;
  /** The bytes from `offset` on: `length` of them, or what is left. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function memorySource(bytes: Uint8Array, name: string): ByteSource {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length); // a Buffer's slice would not copy
  return {
    name,
    size: plain.length,
    read: async (offset, length) => plain.subarray(offset, offset + length),
  };
}
