/** Every kernel that is a composition of TensorFlow operations: a line each. */
import {
  attentionContextTensorflow,
  attentionProbabilitiesTensorflow,
  attentionScoresTensorflow,
} from "../ops/attention-parts/tensorflow.ts";
import { attentionTensorflow } from "../ops/attention/tensorflow.ts";
import { convTransposeTensorflow } from "../ops/conv-transpose/tensorflow.ts";
import { fsmnTensorflow } from "../ops/fsmn/tensorflow.ts";
import { getRowsTensorflow } from "../ops/get-rows/tensorflow.ts";
import { kvWriteTensorflow } from "../ops/kv-write/tensorflow.ts";
import { layerNormTensorflow } from "../ops/layer-norm/tensorflow.ts";
import { linearTensorflow } from "../ops/linear/tensorflow.ts";
import { linearRowsTensorflow } from "../ops/linear-rows/tensorflow.ts";
import { lstmTensorflow } from "../ops/lstm/tensorflow.ts";
import { qkNormRopeTensorflow } from "../ops/qk-norm-rope/tensorflow.ts";
import { rmsNormTensorflow } from "../ops/rms-norm/tensorflow.ts";
import { ropeTensorflow } from "../ops/rope/tensorflow.ts";
import { swigluTensorflow } from "../ops/swiglu/tensorflow.ts";
import { topLabelsTensorflow } from "../ops/top-labels/tensorflow.ts";
import { unfoldTensorflow } from "../ops/unfold/tensorflow.ts";
import type { Composition } from "../runtime/tensorflow/kernel.ts";

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
