/** sherpa-onnx's Fun-ASR-Nano: a folder with the exports of the audio side and of the language model, each in one precision or more. */
import type { Location } from "../platform/file-set.ts";

const precisions = ["", ".fp32", ".fp16", ".int8"];
const modules = ["encoder_adaptor", "llm"];

/**
 * The files of the model at a place, as paths: of a folder the most precise of each; of a file, those of its own precision.
 * Undefined where the place is no such folder, or the file none of these.
 */
export async function nanoSet({ files, file }: Location): Promise<readonly string[] | undefined> {
  const own = precisions.find((precision) => modules.some((name) => file === `${name}${precision}.onnx`));
  if (file !== undefined && own === undefined) return undefined;
  const order = own === undefined ? precisions : [own, ...precisions.filter((other) => other !== own)];
  const found: string[] = [];
  for (const module of modules) {
    for (const precision of order) {
      if (!(await files.has(`${module}${precision}.onnx`))) continue;
      found.push(`${files.name}/${module}${precision}.onnx`);
      break;
    }
  }
  return found.length === modules.length ? found : undefined;
}
