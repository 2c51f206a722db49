/**
 * The `cpu` backend: TensorFlow.js's plain JavaScript backend with the reference kernels. It is the definition that
 * the other backends are tested against, and runs everywhere. It has no kernels of whole layers, so that a model runs
 * by its own equations. Private API of the backend is used in this file only.
 */
import { findBackend, registerBackend } from "../tensorflow-js.ts";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { MathBackendCPU } from "../tensorflow-js-cpu.ts";
import { attentionContext, attentionProbabilities, attentionScores } from "../ops/attention-parts/index.ts";
import {
  attentionContextReference,
  attentionProbabilitiesReference,
  attentionScoresReference,
} from "../ops/attention-parts/reference.ts";
import { attention } from "../ops/attention/index.ts";
import { attentionReference } from "../ops/attention/reference.ts";
import { cif } from "../ops/cif/index.ts";
import { cifReference } from "../ops/cif/reference.ts";
import { convTranspose } from "../ops/conv-transpose/index.ts";
import { convTransposeReference } from "../ops/conv-transpose/reference.ts";
import { fsmn } from "../ops/fsmn/index.ts";
import { fsmnReference } from "../ops/fsmn/reference.ts";
import { getRows } from "../ops/get-rows/index.ts";
import { getRowsReference } from "../ops/get-rows/reference.ts";
import { register } from "../kernel.ts";
import type { KernelDefinition, Operand, Operands, Reference, Shape, Shapes } from "../kernel.ts";
import { kvWrite } from "../ops/kv-write/index.ts";
import type { KvWriteAttrs } from "../ops/kv-write/index.ts";
import { layerNorm } from "../ops/layer-norm/index.ts";
import { layerNormReference } from "../ops/layer-norm/reference.ts";
import { linear } from "../ops/linear/index.ts";
import { linearReference } from "../ops/linear/reference.ts";
import { linearRows } from "../ops/linear-rows/index.ts";
import { linearRowsReference } from "../ops/linear-rows/reference.ts";
import { lstm } from "../ops/lstm/index.ts";
import { lstmReference } from "../ops/lstm/reference.ts";
import { qkNormRope } from "../ops/qk-norm-rope/index.ts";
import { qkNormRopeReference } from "../ops/qk-norm-rope/reference.ts";
import { rmsNorm } from "../ops/rms-norm/index.ts";
import { rmsNormReference } from "../ops/rms-norm/reference.ts";
import { rope } from "../ops/rope/index.ts";
import { ropeReference } from "../ops/rope/reference.ts";
import { swiglu } from "../ops/swiglu/index.ts";
import { swigluReference } from "../ops/swiglu/reference.ts";
import { topLabels } from "../ops/top-labels/index.ts";
import { topLabelsReference } from "../ops/top-labels/reference.ts";
import { unfold } from "../ops/unfold/index.ts";
import { unfoldReference } from "../ops/unfold/reference.ts";
import { sizeOf } from "../kernel.ts";
import type { StartedBackend } from "../backend.ts";
import type { Format } from "../formats/table.ts";
import type { WeightStore } from "../weight-store.ts";

export const backendName = "cpu";

/** Registers the backend and all kernels; repeated calls have no effect. */
export function registerCpu(): void {
  if (findBackend(backendName) === null) registerBackend(backendName, () => new MathBackendCPU());
  // TensorFlow.js advertises its native package on the console at the first write; a library prints nothing.
  (findBackend(backendName) as unknown as { firstUse: boolean }).firstUse = false;

  define(layerNorm, layerNormReference);
  define(rmsNorm, rmsNormReference);
  define(linear, linearReference);
  define(linearRows, linearRowsReference);
  define(attention, attentionReference);
  define(attentionScores, attentionScoresReference);
  define(attentionProbabilities, attentionProbabilitiesReference);
  define(attentionContext, attentionContextReference);
  define(rope, ropeReference);
  define(qkNormRope, qkNormRopeReference);
  define(swiglu, swigluReference);
  define(fsmn, fsmnReference);
  define(getRows, getRowsReference);
  define(topLabels, topLabelsReference);
  define(unfold, unfoldReference);
  define(cif, cifReference);
  define(convTranspose, convTransposeReference);
  define(lstm, lstmReference);
  register<MathBackendCPU>(kvWrite.name, backendName, writeInPlace);
}

/** The backend; all engines share it, since it has neither options nor memory. */
export function startCpu(): StartedBackend {
  registerCpu();
  return { id: backendName, weights: cpuWeights, equalRows: true, dispose: () => {} };
}

/** Weights stay as in the file: float32 values, or raw blocks of the other formats. */
const cpuWeights: WeightStore = {
  async load({ shape, format, byteLength, read }, signal) {
    const bytes = new Uint8Array(byteLength);
    await read(bytes, signal);
    return { info: keep(backendName, shape, format, bytes), format };
  },
};

/** A matrix in the memory of a backend of this kind. */
export function keep(id: string, shape: readonly number[], format: Format, bytes: Uint8Array): TensorInfo {
  const values = format === "F32" ? new Float32Array(bytes.buffer) : bytes;
  const backend = findBackend(id) as MathBackendCPU;
  return backend.makeTensorInfo([...shape], "float32", values as Float32Array);
}

/** Makes a reference the kernel of a backend of this kind. */
export function define<In extends string, Attrs extends object>(
  { name, outputs }: KernelDefinition<In, Attrs>,
  reference: Reference<In, Attrs>,
  id = backendName,
): void {
  register<MathBackendCPU>(name, id, ({ inputs, attrs, backend }) => {
    const operands: { [name: string]: Operand } = {};
    const shapes: { [name: string]: Shape } = {};
    for (const [input, info] of Object.entries(inputs)) {
      if (info === undefined) continue;
      operands[input] = { values: valuesOf(backend, info), shape: info.shape };
      shapes[input] = info.shape;
    }
    const outShapes = outputs(shapes as Shapes<In>, attrs as Attrs);
    const results = outShapes.map((shape) => new Float32Array(sizeOf(shape)));
    reference(operands as Operands<In>, attrs as Attrs, results);
    const infos = results.map((values, i) => backend.makeTensorInfo([...outShapes[i]!], "float32", values));
    return infos.length === 1 ? infos[0]! : infos;
  });
}

/** KvWrite without a copy: the result shares the cache's memory. */
function writeInPlace({
  inputs,
  attrs,
  backend,
}: Parameters<Parameters<typeof register<MathBackendCPU>>[2]>[0]): TensorInfo {
  const { cache, rows } = inputs as { cache: TensorInfo; rows: TensorInfo };
  kvWrite.outputs({ cache: cache.shape, rows: rows.shape }, attrs as unknown as KvWriteAttrs);
  const { position } = attrs as unknown as KvWriteAttrs;
  (valuesOf(backend, cache) as Float32Array).set(valuesOf(backend, rows), position * cache.shape[1]!);
  backend.incRef(cache.dataId);
  return { dataId: cache.dataId, shape: cache.shape, dtype: cache.dtype }; // a new tensor, not the one passed in
}

function valuesOf(backend: MathBackendCPU, info: TensorInfo): Float32Array | Uint8Array {
  return backend.data.get(info.dataId).values as Float32Array;
}
