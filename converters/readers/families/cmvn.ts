/** `am.mvn` of a model folder, as the two tensors of our files. */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { parseAmMvn } from "../../../src/frontend/cmvn.ts";
import type { Companions } from "../companions.ts";

/** `cmvn.shift` and `cmvn.scale`; empty where there is no file. */
export async function cmvnTensors(companions: Companions, size: number): Promise<[string, TensorEntry][]> {
  if (!(await companions.has("am.mvn"))) return [];
  const { shift, scale } = parseAmMvn(await companions.text("am.mvn"), size, companions.where("am.mvn"));
  return [valuesEntry("cmvn.shift", shift), valuesEntry("cmvn.scale", scale)];
}

export function valuesEntry(name: string, values: Float32Array): [string, TensorEntry] {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const read: TensorEntry["read"] = async (target) => target.set(bytes);
  return [name, { name, shape: [values.length], format: "F32", byteLength: bytes.length, read }];
}
