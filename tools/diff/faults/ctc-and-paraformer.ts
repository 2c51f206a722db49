/** Faults of a port in the CTC branch, SenseVoice's queries, and Paraformer's predictor and decoder. */
import { later, rowBlocks, rows, tapLater, times, transposed } from "./changes.ts";
import type { Fault } from "./plant.ts";

export const ctcFaults: readonly Fault[] = [
  {
    what: "labels counted from the blank at another place",
    model: "nano",
    stage: "ctc.ctc_lo",
    guess: "shifted by 1 column to the right",
    plant: {
      needs: [],
      compute: (y) => rows(y, (at, row, column, { columns }) => at(row, (column + columns - 1) % columns)),
    },
  },
  {
    what: "CTC without its softmax",
    model: "nano",
    stage: "ctc.log_probs",
    guess: "equals ctc.ctc_lo",
    plant: { needs: ["ctc.ctc_lo"], compute: (_, of) => of("ctc.ctc_lo").values },
  },
  {
    what: "probabilities in place of their logarithms",
    model: "sensevoice",
    stage: "ctc.log_probs",
    guess: "its logarithm equals the reference",
    plant: { needs: [], compute: ({ values }) => values.map((x) => Math.exp(x)) },
  },
  {
    what: "query rows in another order",
    model: "sensevoice",
    stage: "encoder.input",
    guess: "the first 2 frames only",
    plant: {
      needs: [],
      compute: (y) => rows(y, (at, row, column) => at(row < 2 ? 1 - row : row, column)),
    },
  },
  {
    what: "spoken forms in place of written ones",
    model: "sensevoice",
    stage: "encoder.input",
    guess: "frame 3 only",
    plant: { options: { itn: true } },
  },
];

export const paraformerFaults: readonly Fault[] = [
  {
    what: "a convolution's kernel the wrong way round in time",
    model: "paraformer",
    stage: "predictor.cif_conv1d",
    plant: {
      tensor: "predictor.cif_conv1d.weight",
      change: (weight) => weight.map((_, i) => weight[i - (i % 3) + 2 - (i % 3)]!),
    },
  },
  {
    what: "sigmoid in the stage before it",
    model: "paraformer",
    stage: "predictor.cif_output",
    guess: "sigmoid of the reference: one too many",
    plant: { needs: [], compute: ({ values }) => values.map((x) => 1 / (1 + Math.exp(-x))) },
  },
  {
    what: "alphas halved",
    model: "paraformer",
    stage: "predictor.alphas",
    guess: "halved",
    plant: { needs: [], compute: times(0.5) },
  },
  {
    what: "integration with next to no tail",
    model: "paraformer",
    stage: "predictor.alphas",
    guess: "the last frame only",
    plant: { key: "paraformer.predictor.tail_threshold", value: 1e-6 },
  },
  {
    what: "embeddings of the integration one token late",
    model: "paraformer",
    stage: "predictor",
    guess: "shifted by 1 frame later",
    plant: { needs: [], compute: later(1) },
  },
  {
    what: "FSMN of the decoder padded at the wrong side",
    model: "paraformer",
    stage: "decoder.decoders.0.self_attn.fsmn_block",
    plant: { tensor: "decoder.decoders.0.self_attn.fsmn_block.weight", change: tapLater },
  },
  {
    what: "query matrix of the cross-attention transposed",
    model: "paraformer",
    stage: "decoder.decoders.0.src_attn.linear_q",
    plant: { tensor: "decoder.decoders.0.src_attn.linear_q.weight", change: transposed },
  },
  {
    what: "k and v of the cross-attention exchanged",
    model: "paraformer",
    stage: "decoder.decoders.0.src_attn.linear_k_v",
    guess: "halves exchanged",
    plant: { tensor: "decoder.decoders.0.src_attn.linear_k_v.weight", change: rowBlocks([1, 0]) },
    both: { tensor: "decoder.decoders.0.src_attn.linear_k_v.bias", change: (bias) => bias.fill(0) },
  },
  {
    what: "inner norm of the feed-forward left out",
    model: "paraformer",
    stage: "decoder.decoders.0.feed_forward.norm",
    plant: {
      needs: ["decoder.decoders.0.feed_forward.w_1"],
      compute: (_, of) => of("decoder.decoders.0.feed_forward.w_1").values,
    },
    guess: "equals decoder.decoders.0.feed_forward.w_1",
  },
  {
    what: "ids counted from 1",
    model: "paraformer",
    stage: "decoder.ids",
    guess: "plus 1",
    plant: { needs: [], compute: ({ values }) => values.map((id) => id + 1) },
  },
];
