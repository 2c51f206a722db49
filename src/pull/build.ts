/** Makes a GGUF file of ours from a model's original. */
import { availableParallelism } from "node:os";
import type { BuildModel } from "./pull-model.ts";

export const buildModel: BuildModel = async (from, to, { type, signal, onTensor }) => {
  // most pulls convert nothing, and should not load what converts
  const { convert } = await import("../../converters/writers/convert.ts");
  const { parseFormat } = await import("../../converters/writers/formats.ts");
  await convert(from, to, {
    type: parseFormat(type),
    threads: availableParallelism(),
    signal,
    onProgress: ({ tensor, done, total }) => onTensor(tensor, done, total),
  });
};
