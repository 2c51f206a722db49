/**
 * How much shorter zlib makes a text: bytes over compressed bytes, to two digits. Whisper's measure of repetition
 * (Radford et al., arXiv:2212.04356, 4.5): above about 2.4 a text repeats itself. A short text is below 1.
 */
export async function compressionRatio(text: string): Promise<number> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0) return 0;
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  let size = 0;
  for await (const part of compressed) size += (part as Uint8Array).length;
  return Math.round((100 * bytes.length) / size) / 100;
}
