/** Every kernel that is a composition of TensorFlow operations: a line each. */
import {
  attentionContextTensorflow,
  attentionProbabilitiesTensorflow,
  attentionScoresTensorflow,
} from "../attention-parts/tensorflow.ts";
import { attentionTensorflow } from "../attention/tensorflow.ts";
import { convTransposeTensorflow } from "../conv-transpose/tensorflow.ts";
import { fsmnTensorflow } from "../fsmn/tensorflow.ts";
import { getRowsTensorflow } from "../get-rows/tensorflow.ts";
import { kvWriteTensorflow } from "../kv-write/tensorflow.ts";
import { layerNormTensorflow } from "../layer-norm/tensorflow.ts";
import { linearTensorflow } from "../linear/tensorflow.ts";
import { linearRowsTensorflow } from "../linear-rows/tensorflow.ts";
import { lstmTensorflow } from "../lstm/tensorflow.ts";
import { qkNormRopeTensorflow } from "../qk-norm-rope/tensorflow.ts";
import { rmsNormTensorflow } from "../rms-norm/tensorflow.ts";
import { ropeTensorflow } from "../rope/tensorflow.ts";
import { swigluTensorflow } from "../swiglu/tensorflow.ts";
import { topLabelsTensorflow } from "../top-labels/tensorflow.ts";
import { unfoldTensorflow } from "../unfold/tensorflow.ts";
import type { Composition } from "./kernel.ts";

export const compositions = [
  attentionTensorflow,
  attentionScoresTensorflow,
  attentionProbabilitiesTensorflow,
  attentionContextTensorflow,
  convTransposeTensorflow,
  fsmnTensorflow,
  getRowsTensorflow,
  kvWriteTensorflow,
  layerNormTensorflow,
  linearTensorflow,
  linearRowsTensorflow,
  lstmTensorflow,
  qkNormRopeTensorflow,
  rmsNormTensorflow,
  ropeTensorflow,
  swigluTensorflow,
  topLabelsTensorflow,
  unfoldTensorflow,
] as unknown as readonly Composition<string, object>[];
