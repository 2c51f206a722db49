/** Faults of a port in the front end and in the encoder. */
import { blocks, later, plus, roundedBits, rowBlocks, rows, tapLater, times, transposed } from "./changes.ts";
import type { Fault } from "./plant.ts";

const layer = "audio_encoder.encoders.0";
const attention = `${layer}.self_attn`;

export const frontendFaults: readonly Fault[] = [
  {
    what: "samples as 16-bit integers",
    model: "nano",
    stage: "samples",
    guess: "times 32768 (samples as 16-bit integers)",
    plant: { needs: [], compute: times(32_768) },
  },
  {
    what: "filter bank of samples that were not scaled by 32768",
    model: "paraformer",
    stage: "fbank",
    guess: "minus 20.79 (2 ln 32768: samples divided by 32768)",
    plant: { needs: [], compute: ({ values }) => values.map((x) => x - 2 * Math.log(32_768)) },
  },
  {
    what: "decimal logarithm of the filter bank",
    model: "sensevoice",
    stage: "fbank",
    guess: "1/ln 10: another base of the logarithm",
    plant: { needs: [], compute: times(1 / Math.LN10) },
  },
  {
    what: "filter bank centered, with a frame of padding before",
    model: "nano",
    stage: "fbank",
    guess: "shifted by 1 frame later",
    plant: { needs: [], compute: later(1) },
  },
  {
    what: "LFR with one frame too many of padding at the left",
    model: "nano",
    stage: "lfr",
    guess: "shifted by 80 columns to the right",
    plant: {
      needs: ["fbank"],
      compute: (lfr, of) =>
        rows(lfr, (_, row, column) => {
          const { values, shape } = of("fbank");
          const frame = Math.min(shape[0]! - 1, Math.max(0, 6 * row - 4 + Math.floor(column / 80)));
          return values[frame * 80 + (column % 80)]!;
        }),
    },
  },
  {
    what: "last LFR row padded with zeros in place of the last frame",
    model: "paraformer",
    stage: "lfr",
    guess: "the last frame only",
    plant: {
      needs: [],
      compute: (lfr) =>
        rows(lfr, (at, row, column, size) => (row === size.rows - 1 && column >= 320 ? 0 : at(row, column))),
    },
  },
  {
    what: "CMVN skipped",
    model: "sensevoice",
    stage: "cmvn",
    guess: "equals lfr",
    plant: { needs: ["lfr"], compute: (_, of) => of("lfr").values },
  },
  {
    what: "CMVN's means added in place of subtracted",
    model: "paraformer",
    stage: "cmvn",
    guess: "the same vector in each frame",
    plant: { tensor: "cmvn.shift", change: (shift) => shift.map((x) => -x) },
  },
  {
    what: "CMVN's deviations squared",
    model: "paraformer",
    stage: "cmvn",
    guess: "times a factor of its own",
    plant: { tensor: "cmvn.scale", change: (scale) => scale.map((x) => x * x) },
  },
];

export const encoderFaults: readonly Fault[] = [
  {
    what: "input without its factor √D",
    model: "nano",
    stage: "audio_encoder.embed",
    guess: "times lfr",
    plant: { needs: ["lfr"], compute: (embed, of) => plus(embed, of("lfr"), 1 - Math.sqrt(32)) },
  },
  {
    what: "attention without its factor 1/√d",
    model: "nano",
    stage: `${attention}.scores`,
    guess: "times 2.828 (√8)",
    plant: { needs: [], compute: times(Math.sqrt(8)) },
  },
  {
    what: "attention without its softmax",
    model: "nano",
    stage: `${attention}.probabilities`,
    guess: "the softmax is missing",
    plant: { needs: [`${attention}.scores`], compute: (_, of) => of(`${attention}.scores`).values },
  },
  {
    what: "a row that is masked as a whole",
    model: "paraformer",
    stage: "encoder.encoders.0.self_attn.probabilities",
    guess: "1 whole rows are not finite",
    plant: { needs: [], compute: (p) => rows(p, (at, row, column) => (row === 12 ? NaN : at(row, column))) },
  },
  {
    what: "first and second head exchanged",
    model: "nano",
    stage: `${attention}.context`,
    guess: "heads of 8 columns in the order 1 0 2 3",
    plant: { needs: [], compute: blocks([1, 0, 2, 3]) },
  },
  {
    what: "heads not moved back behind the frames",
    model: "sensevoice",
    stage: "encoder.encoders.0.self_attn.context",
    guess: "as [4 heads, frames, 8]",
    plant: {
      needs: [],
      compute: ({ shape, values }) =>
        values.map((_, i) => {
          const frames = shape[0]!;
          const [head, frame, column] = [Math.floor(i / 8 / frames), Math.floor(i / 8) % frames, i % 8];
          return values[frame * 32 + head * 8 + column]!;
        }),
    },
  },
  {
    what: "q and k exchanged in the fused matrix",
    model: "nano",
    stage: `${attention}.linear_q_k_v`,
    guess: "heads of 32 columns in the order 1 0 2",
    plant: { tensor: `${attention}.linear_q_k_v.weight`, change: rowBlocks([1, 0, 2]) },
    both: { tensor: `${attention}.linear_q_k_v.bias`, change: (bias) => bias.fill(0) },
  },
  {
    what: "a bias left out",
    model: "nano",
    stage: `${attention}.linear_out`,
    guess: "a bias is missing",
    plant: { tensor: `${attention}.linear_out.bias`, change: (bias) => bias.fill(0) },
  },
  {
    what: "a square matrix transposed",
    model: "paraformer",
    stage: "encoder.encoders.0.self_attn.linear_out",
    plant: { tensor: "encoder.encoders.0.self_attn.linear_out.weight", change: transposed },
  },
  {
    what: "FSMN without its residual",
    model: "nano",
    stage: `${attention}.fsmn_block`,
    guess: `equals the reference without ${attention}.v, which is to be added`,
    plant: { needs: [`${attention}.v`], compute: (y, of) => plus(y, of(`${attention}.v`), -1) },
  },
  {
    what: "FSMN padded at the wrong side by one frame",
    model: "paraformer",
    stage: "encoder.encoders.0.self_attn.fsmn_block",
    plant: { tensor: "encoder.encoders.0.self_attn.fsmn_block.weight", change: tapLater },
  },
  {
    what: "feed-forward without its residual",
    model: "nano",
    stage: layer,
    guess: `equals ${layer}.feed_forward`,
    plant: { needs: [`${layer}.feed_forward`], compute: (_, of) => of(`${layer}.feed_forward`).values },
  },
  {
    what: "residual added twice",
    model: "sensevoice",
    stage: "encoder.encoders.0",
    guess: "with encoder.encoders.0.residual added once too often",
    plant: {
      needs: ["encoder.encoders.0.residual"],
      compute: (y, of) => plus(y, of("encoder.encoders.0.residual")),
    },
  },
  {
    what: "eps of 1e-3 in place of 1e-5",
    model: "sensevoice",
    stage: "encoder.encoders.0.norm2",
    guess: "each frame is the reference's times a factor of its own",
    plant: {
      needs: ["encoder.encoders.0.residual"],
      compute: (y, of) => {
        const x = of("encoder.encoders.0.residual");
        const factors = Array.from({ length: x.shape[0]! }, (_, t) => {
          const row = x.values.subarray(32 * t, 32 * t + 32);
          const mean = row.reduce((a, b) => a + b) / 32;
          const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / 32;
          return Math.sqrt((variance + 1e-5) / (variance + 1e-3));
        });
        return rows(y, (at, row, column) => factors[row]! * at(row, column));
      },
    },
    both: { tensor: "encoder.encoders.0.norm2.bias", change: (bias) => bias.fill(0) },
  },
  {
    what: "a norm's weight left out",
    model: "nano",
    stage: "audio_encoder.after_norm",
    guess: "times a factor",
    plant: { tensor: "audio_encoder.after_norm.weight", change: (weight) => weight.fill(1) },
  },
  {
    what: "result flattened as [D, T] in place of [T, D]",
    model: "sensevoice",
    stage: "encoder.tp_norm",
    guess: "transposed",
    plant: {
      needs: [],
      compute: ({ shape, values }) =>
        values.map((_, i) => values[(i % shape[0]!) * 32 + Math.floor(i / shape[0]!)]!),
    },
  },
  {
    what: "an inner value that saturates in float16",
    model: "paraformer",
    stage: "encoder.encoders.0.feed_forward.w_1",
    guess: "saturated at float16's largest number, 65504",
    plant: { needs: [], compute: ({ values }) => values.map((x) => Math.min(65_504, Math.max(-65_504, x))) },
    both: { tensor: "encoder.encoders.0.feed_forward.w_1.weight", change: (w) => w.map((x) => 1e5 * x) },
  },
  {
    what: "an inner value that overflows float16",
    model: "paraformer",
    stage: "encoder.encoders.0.feed_forward.w_1",
    guess: "overflows float16",
    plant: {
      needs: [],
      compute: ({ values }) => values.map((x) => (Math.abs(x) > 65_519 ? Infinity * x : x)),
    },
    both: { tensor: "encoder.encoders.0.feed_forward.w_1.weight", change: (w) => w.map((x) => 1e5 * x) },
  },
  {
    what: "a layer's result stored as bfloat16",
    model: "nano",
    stage: "audio_encoder.encoders.1",
    guess: "rounded to bfloat16",
    plant: { needs: [], compute: ({ values }) => roundedBits(values, 16) },
  },
];
