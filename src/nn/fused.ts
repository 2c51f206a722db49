/**
 * A whole layer in one kernel, for backends that have it. The model's own equations stay the definition: they run where
 * there is no such kernel, and whenever a hook wants a stage of the layer, since the kernel emits none.
 */
import { decoderLayer } from "../../kernels/ops/decoder-layer/index.ts";
import type {
  DecoderLayerAttrs,
  LayerMatrix,
  LayerNormWeight,
} from "../../kernels/ops/decoder-layer/index.ts";
import { jointDecoderLayer } from "../../kernels/ops/joint-decoder-layer/index.ts";
import type { JointDecoderLayerInput } from "../../kernels/ops/joint-decoder-layer/index.ts";
import { sanmLayer } from "../../kernels/ops/sanm-layer/index.ts";
import type { SanmLayerAttrs, SanmMatrix, SanmNorm } from "../../kernels/ops/sanm-layer/index.ts";
import type { Parametrized } from "./linear.ts";
import { has, run } from "./ops.ts";
import type { Tensor } from "./ops.ts";
import type { Sequences } from "./sequences.ts";
import { isWatched } from "./stage.ts";
import type { Weights } from "./weights.ts";

/** The modules of a layer by the names that its kernel has for them. */
type Modules<Name extends string> = { readonly [name in Name]: Parametrized };

/**
 * A decoder layer: x [ΣT, D], rows of one or several sequences, through layer `index` of their caches, with the parameters
 * of the modules that compute it otherwise; undefined where these are to be called.
 */
export function fusedDecoderLayer(
  w: Weights,
  index: number,
  modules: Modules<LayerMatrix | LayerNormWeight>,
  config: Omit<DecoderLayerAttrs, "position" | "formats">,
): (x: Tensor, sequences: Sequences) => Tensor | undefined {
  const alone = fused(w, decoderLayer, modules, config);
  const joint = fused(w, jointDecoderLayer, modules, config);
  return (x, sequences) => {
    const [first, second] = sequences;
    if (second !== undefined) return joint(() => jointCall(x, index, sequences));
    const { cache, rows } = first!;
    return alone(() => ({
      inputs: { x, ...cache.ofLayer(index, rows) },
      attrs: { position: cache.length },
    }));
  };
}

function jointCall(x: Tensor, index: number, sequences: Sequences): Call {
  const inputs: { [name in JointDecoderLayerInput]?: Tensor } = { x };
  for (const [i, { cache, rows }] of sequences.entries()) {
    const { keys, values } = cache.ofLayer(index, rows);
    inputs[`keys${i}`] = keys;
    inputs[`values${i}`] = values;
  }
  return {
    inputs: inputs as Call["inputs"],
    attrs: { sequences: sequences.map(({ cache, rows }) => ({ rows, position: cache.length })) },
  };
}

/** A SAN-M layer: x [T, inSize] → [T, D], with the parameters of its modules; undefined where these are to be called. */
export function fusedSanmLayer(
  w: Weights,
  modules: Modules<SanmMatrix | SanmNorm | "memory">,
  config: Omit<SanmLayerAttrs, "formats">,
): (x: Tensor) => Tensor | undefined {
  const layer = fused(w, sanmLayer, modules, config);
  return (x) => layer(() => ({ inputs: { x }, attrs: {} }));
}

interface Call {
  readonly inputs: { readonly [name: string]: Tensor };
  readonly attrs: object;
}

/**
 * `kernel` with the parameters of modules as inputs, under `name` and `nameBias`, and the formats of the matrices among
 * them; the other inputs and attributes come with each call.
 */
function fused(
  w: Weights,
  kernel: { readonly name: string },
  modules: Modules<string>,
  config: object,
): (call: () => Call) => Tensor | undefined {
  const prepare = (): Call => {
    const inputs: { [name: string]: Tensor } = {};
    const formats: { [name: string]: string } = {};
    for (const [name, { weight, bias }] of Object.entries(modules)) {
      inputs[name] = weight.tensor;
      if (bias !== undefined) inputs[`${name}Bias`] = bias.tensor;
      if (weight.role === "matrix") formats[name] = weight.format;
    }
    return { inputs, attrs: { ...config, formats } };
  };
  let prepared: Call | undefined;
  return (call) => {
    if (isWatched(w) || !has(kernel)) return undefined;
    prepared ??= prepare();
    const { inputs, attrs } = call();
    return run(kernel, { ...prepared.inputs, ...inputs }, { ...prepared.attrs, ...attrs });
  };
}
