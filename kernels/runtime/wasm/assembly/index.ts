/** All exports of the module. Kernels of the pool have the signature (args, first, last, thread). */
export { initialize } from "./layout";
export { run, runList, serve, stop } from "./pool";
export { quantize } from "./quantize";
export { quantizeTiles } from "./quantize-tiles";
export {
  copyFloatRow,
  copyQ8Row,
  packFloat,
  packQ8,
  countOutOfRange,
  unpackFloatRow,
  unpackQ8Row,
} from "./weights";
export { linearFloat, linearQ8 } from "./linear";
export { gemmQ8 } from "./gemm";
export { layerNorm, rmsNorm } from "./norms";
export { normRope } from "./rope";
export { add, atLeast, scale, swiglu } from "./elementwise";
export { copyRows, fsmn, transpose } from "./rows";
export { attention } from "./attention";
export { attentionContext, attentionProbabilities, attentionScores } from "./attention-parts";
export { readKeys, readValues, toKeyPanels, toValuePanels, writeKeys, writeValues } from "./cache-panels";
export { probe } from "./probe";
export { lstm } from "./lstm";
export { topLabels } from "./top-labels";
