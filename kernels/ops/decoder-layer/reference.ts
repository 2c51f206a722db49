/** The definition of DecoderLayer: the references of its parts, one after the other. */
import { attentionReference } from "../attention/reference.ts";
import { resultOf as result, sumOf as sum } from "../composed.ts";
import type { Operand, Reference } from "../../kernel.ts";
import { linear } from "../linear/index.ts";
import { linearReference } from "../linear/reference.ts";
import { qkNormRope } from "../qk-norm-rope/index.ts";
import { qkNormRopeReference } from "../qk-norm-rope/reference.ts";
import { attention } from "../attention/index.ts";
import { rmsNorm } from "../rms-norm/index.ts";
import { rmsNormReference } from "../rms-norm/reference.ts";
import { swiglu } from "../swiglu/index.ts";
import { swigluReference } from "../swiglu/reference.ts";
import { matrixShapes } from "./index.ts";
import type { DecoderLayerAttrs, DecoderLayerInput, LayerMatrix } from "./index.ts";

export const decoderLayerReference: Reference<DecoderLayerInput, DecoderLayerAttrs> = (
  inputs,
  attrs,
  [y],
) => {
  const given = inputs as { readonly [name in DecoderLayerInput]: Operand };
  const { eps, position, heads, kvHeads, headDim, formats } = attrs;
  const { x } = given;
  const [rows, size] = x.shape as readonly [number, number];
  const shapes = matrixShapes(size, attrs);
  const multiply = (input: Operand, name: LayerMatrix): Operand => {
    const [outFeatures, inFeatures] = shapes[name];
    return result(
      linear,
      linearReference,
      { x: input, weight0: given[name] },
      {
        formats: [formats[name]],
        outFeatures: [outFeatures],
        inFeatures,
        activation: "none",
      },
    );
  };
  const norm = (input: Operand, weight: Operand): Operand =>
    result(rmsNorm, rmsNormReference, { x: input, weight }, { eps });
  const turn = (input: Operand, weight: Operand): Operand =>
    result(qkNormRope, qkNormRopeReference, { x: input, weight }, attrs);
  const write = (cache: Operand, added: Operand): void =>
    (cache.values as Float32Array).set(added.values, position * cache.shape[1]!);

  const normed = norm(x, given.inputNorm);
  const q = turn(multiply(normed, "query"), given.queryNorm);
  write(given.keys, turn(multiply(normed, "key"), given.keyNorm));
  write(given.values, multiply(normed, "value"));
  const context = result(
    attention,
    attentionReference,
    { q, k: given.keys, v: given.values },
    { heads, kvHeads, scale: headDim ** -0.5, causal: true, length: position + rows },
  );
  const hidden = sum(x, multiply(context, "output"));
  const fed = norm(hidden, given.attentionNorm);
  const inner = result(swiglu, swigluReference, { gate: multiply(fed, "gate"), up: multiply(fed, "up") }, {});
  y!.set(sum(hidden, multiply(inner, "down")).values);
};
