/** Makes a GGUF file of ours from a model's original. */
import { availableParallelism } from "node:os";
import { convert } from "../../converters/writers/convert.ts";
import { parseFormat } from "../../converters/writers/formats.ts";
import type { BuildModel } from "./pull-model.ts";

export const buildModel: BuildModel = async (from, to, { type, signal, onTensor }) => {
  await convert(from, to, {
    type: parseFormat(type),
    threads: availableParallelism(),
    signal,
    onProgress: ({ tensor, done, total }) => onTensor(tensor, done, total),
  });
};
