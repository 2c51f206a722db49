/**
 * The K formats' quantizers in WebAssembly (AssemblyScript): the same operations in the same order as k-blocks.ts and
 * q6_k.ts beside this folder, four sub-blocks at a time, one to a lane. No sum runs across lanes and nothing is fused,
 * so the bytes are the same.
 */
export { quantizeQ4K, quantizeQ5K } from "./k-blocks";
export { quantizeQ6K } from "./q6-k";
export { INPUT as input, OUTPUT as output, MOST as most } from "./layout";
