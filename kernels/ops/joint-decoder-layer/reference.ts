/** The definition of JointDecoderLayer: DecoderLayer for each sequence alone. */
import type { Operand, Reference } from "../../kernel.ts";
import { decoderLayerReference } from "../decoder-layer/reference.ts";
import { inputsOf } from "./index.ts";
import type { JointDecoderLayerAttrs, JointDecoderLayerInput } from "./index.ts";

export const jointDecoderLayerReference: Reference<JointDecoderLayerInput, JointDecoderLayerAttrs> = (
  inputs,
  { sequences, ...attrs },
  [y],
) => {
  const x = inputs.x!;
  const size = x.shape[1]!;
  let from = 0;
  for (const [i, { rows, position }] of sequences.entries()) {
    const to = from + rows;
    const own: Operand = { values: x.values.subarray(from * size, to * size), shape: [rows, size] };
    decoderLayerReference(inputsOf(inputs, i, own), { ...attrs, position }, [
      y!.subarray(from * size, to * size),
    ]);
    from = to;
  }
};
