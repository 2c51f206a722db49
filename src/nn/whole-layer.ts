/**
 * A decoder layer in one kernel, for backends that have it. The model's own equations stay the definition: they run
 * where there is no such kernel, and whenever somebody listens to the layer, for the one kernel has no stages to offer.
 */
import { decoderLayer, layerMatrices, matrixShapes } from "../../kernels/ops/decoder-layer/index.ts";
import type {
  DecoderLayerAttrs,
  LayerMatrix,
  LayerNormWeight,
} from "../../kernels/ops/decoder-layer/index.ts";
import type { KvCache } from "./kv-cache.ts";
import { has, run } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Weights } from "./weights.ts";

/** What the kernel is told that is the same at every position. */
export type LayerConfig = Omit<DecoderLayerAttrs, "position" | "formats"> & { readonly size: number };

/** The names of the layer's weights below its cursor. */
export interface LayerNames {
  readonly matrices: { readonly [name in LayerMatrix]: string };
  readonly norms: { readonly [name in LayerNormWeight]: string };
}

/** x [T, D] through layer `index` of the cache, or nothing: then the equations are to be computed one by one. */
export function fusedLayer(
  w: Weights,
  index: number,
  { matrices, norms }: LayerNames,
  { size, ...config }: LayerConfig,
): (x: Tensor, cache: KvCache) => Tensor | undefined {
  const shapes = matrixShapes(size, config);
  const weights = layerMatrices.map((name) => [name, w.matrix(matrices[name], ...shapes[name])] as const);
  const { inputNorm, queryNorm, keyNorm, attentionNorm } = norms;
  const gains = [
    ["inputNorm", w.values(`${inputNorm}.weight`, [size])],
    ["queryNorm", w.values(`${queryNorm}.weight`, [config.headDim])],
    ["keyNorm", w.values(`${keyNorm}.weight`, [config.headDim])],
    ["attentionNorm", w.values(`${attentionNorm}.weight`, [size])],
  ] as const;

  /** The call as it is made again and again; a kernel keeps nothing of it. */
  const prepare = () => ({
    inputs: {
      x: undefined as Tensor | undefined,
      keys: undefined as Tensor | undefined,
      values: undefined as Tensor | undefined,
      ...Object.fromEntries([...weights, ...gains].map(([name, { tensor }]) => [name, tensor])),
    },
    attrs: {
      ...config,
      position: 0,
      formats: Object.fromEntries(weights.map(([name, { format }]) => [name, format])),
    },
  });
  let call: ReturnType<typeof prepare> | undefined;

  return (x, cache) => {
    if (w.watched || !has(decoderLayer)) return undefined;
    const { inputs, attrs } = (call ??= prepare());
    const { keys, values } = cache.ofLayer(index, x.shape[0]!);
    inputs.x = x;
    inputs.keys = keys;
    inputs.values = values;
    attrs.position = cache.length;
    try {
      return run(decoderLayer, inputs, attrs);
    } finally {
      inputs.x = inputs.keys = inputs.values = undefined; // they are the caller's to free
    }
  };
}
