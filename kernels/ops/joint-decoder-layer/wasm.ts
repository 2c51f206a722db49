/** JointDecoderLayer in WebAssembly: the jobs of DecoderLayer, with those of attention once for each sequence. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { define } from "../../runtime/wasm/kernel.ts";
import { runLayer } from "../decoder-layer/wasm.ts";
import { jointDecoderLayer } from "./index.ts";
import type { JointDecoderLayerInput } from "./index.ts";

export function registerJointDecoderLayer(): void {
  define(jointDecoderLayer, ({ backend, runtime, rows, inputs, attrs, outputs: [y] }) => {
    const given = inputs as { readonly [name in JointDecoderLayerInput]: TensorInfo };
    const sequences = attrs.sequences.map((sequence, i) => ({
      ...sequence,
      keys: given[`keys${i}`]!,
      values: given[`values${i}`]!,
      room: sequence.position + sequence.rows,
    }));
    runtime.batch(() => runLayer(backend, given, attrs, rows("x"), y!, sequences));
  });
}
