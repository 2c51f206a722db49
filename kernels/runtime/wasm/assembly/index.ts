/** Everything that the module exports. Kernels for the pool have the signature (args, first, last, thread). */
export { initialize } from "./layout";
export { run, runList, serve, stop } from "./pool";
export { quantize, quantizeTiles } from "./activations";
export {
  copyFloatRow,
  copyQ8Row,
  packFloat,
  packQ8,
  unfitHalves,
  unpackFloatRow,
  unpackQ8Row,
} from "./weights";
export { linearFloat, linearQ8 } from "./linear";
export { linearMany } from "./linear-many";
export { add, atLeast, copyRows, fsmn, layerNorm, normRope, rmsNorm, scale, swiglu, transpose } from "./rows";
export { attention } from "./attention";
export { attentionContext, attentionProbabilities, attentionScores } from "./attention-parts";
export { readKeys, readValues, toKeyPanels, toValuePanels, writeKeys, writeValues } from "./cache-panels";
export { probe } from "./probe";
export { lstm } from "./lstm";
export { topLabels } from "./top-labels";
