/**
 * Undoes what the exporter of FunASR_Nano_Encoder does to Fun-ASR-Nano's weights: queries and keys, and their biases,
 * are multiplied by d^(−1/4), so that scores need no scale. bfloat16 weights are found again exactly: the quotient may be
 * off by a last place, but only one bfloat16 number near it gives the stored product.
 */
import { unpackRow } from "../../../kernels/formats/index.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";

const { fround } = Math;

/** The models' numbers of heads, which no export states. */
const modules: readonly { readonly pattern: RegExp; readonly heads: number; readonly parts: number }[] = [
  // Queries, keys and values in one: the first two thirds of the rows are scaled.
  { pattern: /encoder\..*\.linear_q_k_v\.(weight|bias)$/, heads: 4, parts: 3 },
  { pattern: /(adaptor|ctc_decoder)\..*\.linear_[qk]\.(weight|bias)$/, heads: 8, parts: 1 },
];

/** Whether a model has such weights: a softmax can belong to something else than attention. */
export const isFoldable = (names: Iterable<string>): boolean =>
  [...names].some((name) => modules.some(({ pattern }) => pattern.test(name)));

export function unfolded(entry: TensorEntry): TensorEntry {
  const module = modules.find(({ pattern }) => pattern.test(entry.name));
  const [rows] = entry.shape;
  if (module === undefined || rows === undefined) return entry;
  const { heads, parts } = module;
  const factor = fround((rows / parts / heads) ** -0.25);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  const scaled = parts === 1 ? count : (count / parts) * (parts - 1);
  return {
    name: entry.name,
    shape: entry.shape,
    format: "F32",
    byteLength: 4 * count,
    async read(target, signal) {
      const bytes = new Uint8Array(entry.byteLength);
      await entry.read(bytes, signal);
      const values = new Float32Array(count);
      unpackRow(entry.format, bytes, 0, values, count);
      for (let i = 0; i < scaled; i++) values[i] = divided(values[i] as number, factor);
      target.set(new Uint8Array(values.buffer));
    },
  };
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function divided(product: number, factor: number): number {
  float[0] = product / factor;
  const quotient = float[0];
  bits[0] = ((bits[0] as number) + 0x8000) & 0xffff0000;
  const short = float[0];
  return fround(short * factor) === product ? short : quotient;
}
