/** The building blocks of models: a cursor over the weights, layers and operations on tensors, and the stages of hooks. */
export { attention, attentionWeights } from "./attention.ts";
export { fusedDecoderLayer, fusedSanmLayer } from "./fused.ts";
export { KvCache } from "./kv-cache.ts";
export { runLayers } from "./layer-stack.ts";
export type { BetweenSteps } from "./layer-stack.ts";
export { convTranspose1d, embedding, fsmn, layerNorm, lstm, qkNormRope, rmsNorm } from "./layers.ts";
export { conv1d, fusedLinear, linear, parallelLinears, tiedHead, wideLinear } from "./linear.ts";
export type { WideLinear } from "./linear.ts";
export {
  add,
  cif,
  concatColumns,
  concatRows,
  dispose,
  integrate,
  relu,
  rows,
  scale,
  swiglu,
  tensor,
  tidy,
  tokenNumber,
  values,
} from "./ops.ts";
export type { Tensor } from "./ops.ts";
export { sinusoidalPositions } from "./positions.ts";
export { prefixAttention } from "./prefix-attention.ts";
export { appendTokens, eachSequence } from "./sequences.ts";
export type { NewTokens, Sequences } from "./sequences.ts";
export { block, blockOfLayers, isWatched, returns, stage } from "./stage.ts";
export type { HookPoint } from "./stage.ts";
export type { Weights } from "./weights.ts";
