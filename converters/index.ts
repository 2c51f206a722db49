/** `fun-asr/convert`: models of any container to GGUF, quantized or not; models opened to inspect them; two models compared. */
import "../src/node.ts";

export { convert } from "./writers/convert.ts";
export type { ConvertOptions, ConvertProgress, ConvertReport, TensorReport } from "./writers/convert.ts";
export { openModel } from "../src/containers/open-paths.ts";
export type { OpenModel } from "./readers/open-model.ts";
export { compareModels } from "./compare.ts";
export type { CompareOptions, KeyDifference, ModelDifference, TensorDifference } from "./compare.ts";
