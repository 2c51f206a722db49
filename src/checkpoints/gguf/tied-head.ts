/**
 * Qwen3-0.6B's output matrix is its embedding matrix. Some converters write it a second time as `output.weight`
 * (311 MB in F16): where both are equal byte for byte, the copy is dropped and the head counts as tied. A head in
 * another format, as llama.cpp's quantizer makes it, is another matrix and stays.
 */
import type { MetadataValue, TensorEntry } from "../checkpoint.ts";

const tieKey = "fun-asr-nano.llm.tie_word_embeddings";
const headName = "llm.lm_head.weight";
const chunkBytes = 4 * 2 ** 20;

/** Changes both maps where the head is a copy of the embedding. */
export async function dropTiedHead(
  metadata: Map<string, MetadataValue>,
  tensors: Map<string, TensorEntry>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const head = tensors.get(headName);
  const embedding = tensors.get("llm.model.embed_tokens.weight");
  if (head === undefined || embedding === undefined) return;
  if (!(await equalBytes(head, embedding, signal))) return;
  tensors.delete(headName);
  metadata.set(tieKey, true);
}

async function equalBytes(a: TensorEntry, b: TensorEntry, signal: AbortSignal | undefined): Promise<boolean> {
  if (a.readRange === undefined || b.readRange === undefined) return false;
  if (a.format !== b.format || a.byteLength !== b.byteLength || a.shape.join() !== b.shape.join())
    return false;
  const [left, right] = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  for (let offset = 0; offset < a.byteLength; offset += chunkBytes) {
    const length = Math.min(chunkBytes, a.byteLength - offset);
    await Promise.all([
      a.readRange(offset, left.subarray(0, length), signal),
      b.readRange(offset, right.subarray(0, length), signal),
    ]);
    for (let i = 0; i < length; i++) if (left[i] !== right[i]) return false;
  }
  return true;
}
