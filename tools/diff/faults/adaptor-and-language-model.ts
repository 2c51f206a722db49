/** Faults of a port in the adaptor and the language model, and in an archive itself. */
import { blocks, later, plus, rowBlocks, times } from "./changes.ts";
import type { Fault } from "./plant.ts";

const layer = "llm.model.layers.0";

/** Even rows of each head before odd ones: llama.cpp's order for its rotation. */
const interleaved =
  (head: number) =>
  (values: Float32Array, [, columns]: readonly number[]): Float32Array =>
    values.map((_, i) => {
      const [row, column] = [Math.floor(i / columns!), i % columns!];
      const j = row % head;
      const from = row - j + (j < head / 2 ? 2 * j : 2 * (j - head / 2) + 1);
      return values[from * columns! + column]!;
    });

export const languageModelFaults: readonly Fault[] = [
  {
    what: "adaptor without the residual around its attention",
    model: "nano",
    stage: "audio_adaptor.blocks.0.residual",
    guess: "equals audio_adaptor.blocks.0.self_attn",
    plant: {
      needs: ["audio_adaptor.blocks.0.self_attn"],
      compute: (_, of) => of("audio_adaptor.blocks.0.self_attn").values,
    },
  },
  {
    what: "adaptor's rows one too early",
    model: "nano",
    stage: "audio_adaptor",
    guess: "shifted by 1 frame earlier",
    plant: { needs: [], compute: later(-1) },
  },
  {
    what: "rectifier of the adaptor before its stage",
    model: "nano",
    stage: "audio_adaptor.linear1",
    guess: "rectifier of the reference: one too many",
    plant: { needs: [], compute: ({ values }) => values.map((x) => Math.max(0, x)) },
  },
  {
    what: "another token in the prompt",
    model: "nano",
    stage: "prompt.ids",
    guess: "only",
    plant: { needs: [], compute: ({ values }) => values.map((id, i) => (i === 4 ? id + 1 : id)) },
  },
  {
    what: "embeddings times √D, as Gemma has them",
    model: "nano",
    stage: "llm.inputs_embeds",
    guess: "times 5.657 (√32)",
    plant: { needs: [], compute: times(Math.sqrt(32)) },
  },
  {
    what: "an RMS norm with 1 + w",
    model: "nano",
    stage: `${layer}.post_attention_layernorm`,
    guess: "each column is the reference's times a factor of its own",
    plant: { tensor: `${layer}.post_attention_layernorm.weight`, change: (w) => w.map((x) => 1 + x) },
  },
  {
    what: "eps of 1e-3 in place of 1e-6",
    model: "nano",
    stage: `${layer}.input_layernorm`,
    guess: "each frame is the reference's times a factor of its own",
    plant: { key: "fun-asr-nano.llm.rms_norm_eps", value: 1e-3 },
  },
  {
    what: "rotary base of 1e4 in place of 1e6",
    model: "nano",
    stage: `${layer}.self_attn.q`,
    guess: "columns half a head apart are those of the reference rotated",
    plant: { key: "fun-asr-nano.llm.rope_freq_base", value: 1e4 },
  },
  {
    what: "query norm left out",
    model: "nano",
    stage: `${layer}.self_attn.q_norm`,
    guess: `equals ${layer}.self_attn.q_proj`,
    plant: {
      needs: [`${layer}.self_attn.q_proj`],
      compute: (_, of) => of(`${layer}.self_attn.q_proj`).values,
    },
  },
  {
    what: "key rows in llama.cpp's order of rotary pairs",
    model: "nano",
    stage: `${layer}.self_attn.k_proj`,
    guess: "even columns before odd ones, in blocks of 16",
    plant: { tensor: `${layer}.self_attn.k_proj.weight`, change: interleaved(16) },
  },
  {
    what: "query heads with the keys of other groups",
    model: "nano",
    stage: `${layer}.self_attn.context`,
    guess: "heads of 16 columns in the order 1 0 3 2",
    plant: { needs: [], compute: blocks([1, 0, 3, 2]) },
  },
  {
    what: "value matrix with its heads exchanged",
    model: "nano",
    stage: `${layer}.self_attn.v_proj`,
    guess: "halves exchanged",
    plant: { tensor: `${layer}.self_attn.v_proj.weight`, change: rowBlocks([1, 0]) },
  },
  {
    what: "the gate's matrix read for up, too",
    model: "nano",
    stage: `${layer}.mlp.up_proj`,
    guess: `equals ${layer}.mlp.gate_proj`,
    plant: { needs: [`${layer}.mlp.gate_proj`], compute: (_, of) => of(`${layer}.mlp.gate_proj`).values },
  },
  {
    what: "SwiGLU without SiLU",
    model: "nano",
    stage: `${layer}.mlp.swiglu`,
    plant: {
      needs: [`${layer}.mlp.gate_proj`, `${layer}.mlp.up_proj`],
      compute: (_, of) =>
        of(`${layer}.mlp.gate_proj`).values.map((x, i) => x * of(`${layer}.mlp.up_proj`).values[i]!),
    },
  },
  {
    what: "attention without the residual around it",
    model: "nano",
    stage: `${layer}.residual`,
    guess: `equals ${layer}.self_attn`,
    plant: { needs: ["llm.inputs_embeds"], compute: (y, of) => plus(y, of("llm.inputs_embeds"), -1) },
  },
  {
    what: "output matrix of the attention times 1/√2",
    model: "nano",
    stage: `${layer}.self_attn.o_proj`,
    guess: "times 0.7071 (1/√2)",
    plant: { tensor: `${layer}.self_attn.o_proj.weight`, change: (w) => w.map((x) => x * Math.SQRT1_2) },
  },
];

export const archiveFaults: readonly Fault[] = [
  {
    what: "one stage of the archive 0.1 % too large",
    model: "nano",
    stage: "audio_encoder.tp_norm",
    guess: "times 0.999",
    plant: { archive: ({ shape, values }) => ({ shape, values: values.map((x) => 1.001 * x) }) },
  },
  {
    what: "one stage of the archive with the opposite sign",
    model: "sensevoice",
    stage: "encoder.after_norm",
    guess: "opposite sign",
    plant: { archive: ({ shape, values }) => ({ shape, values: values.map((x) => -x) }) },
  },
  {
    what: "one frame fewer in the archive",
    model: "nano",
    stage: "audio_adaptor",
    guess: "has 1 frame more than the reference, at its end",
    plant: {
      archive: ({ shape: [frames, columns], values }) => ({
        shape: [frames! - 1, columns!],
        values: values.slice(0, (frames! - 1) * columns!),
      }),
    },
  },
  {
    what: "one flipped sign of a Q8_0 scale",
    model: "nano-q8_0",
    stage: "audio_encoder.encoders.1.feed_forward.w_1",
    guess: "column 5 only",
    plant: {
      tensor: "audio_encoder.encoders.1.feed_forward.w_1.weight",
      change: (weight) => weight.map((x, i) => (Math.floor(i / 32) === 5 ? -x : x)),
    },
  },
];
