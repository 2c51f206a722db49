/** JointDecoderLayer in WebAssembly: the jobs of DecoderLayer, with those of attention once for each sequence. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { register } from "../../kernel.ts";
import type { WasmBackend } from "../../runtime/wasm/backend.ts";
import { backendName, implementation } from "../../runtime/wasm/kernel.ts";
import { runLayer } from "../decoder-layer/layer.ts";
import type { SequenceRows } from "../decoder-layer/layer.ts";
import { runRecorded } from "../decoder-layer/recorded.ts";
import { jointDecoderLayer } from "./index.ts";
import type { JointDecoderLayerAttrs, JointDecoderLayerInput } from "./index.ts";

type Inputs = { readonly [name in JointDecoderLayerInput]: TensorInfo };

export function registerJointDecoderLayer(): void {
  const runOnce = implementation(jointDecoderLayer, ({ backend, runtime, rows, inputs, attrs, outputs }) => {
    const sequences = sequencesOf(inputs as Inputs, attrs).map((one) => ({
      ...one,
      room: one.position + one.rows,
    }));
    runtime.batch(() => runLayer(backend, inputs as Inputs, attrs, rows("x"), outputs[0]!, sequences));
  });
  register<WasmBackend>(jointDecoderLayer.name, backendName, (call) => {
    const inputs = call.inputs as unknown as Inputs;
    const attrs = call.attrs as unknown as JointDecoderLayerAttrs;
    const isWhole = attrs.sequences.every((_, i) => `keys${i}` in inputs && `values${i}` in inputs);
    const recorded = isWhole
      ? runRecorded(jointDecoderLayer, call.backend, inputs, attrs, sequencesOf(inputs, attrs))
      : undefined;
    return recorded ?? runOnce(call); // which refuses the call where a cache is missing
  });
}

function sequencesOf(inputs: Inputs, { sequences }: JointDecoderLayerAttrs): SequenceRows[] {
  return sequences.map((sequence, i) => ({
    ...sequence,
    keys: inputs[`keys${i}`]!,
    values: inputs[`values${i}`]!,
  }));
}
