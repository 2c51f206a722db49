/**
 * The official SenseVoice-Small: keys under `sv.`. Its converter takes the wrong two lists of am.mvn (a zero for the
 * shift, the shift for the scale), and its program uses neither; the file is written as it writes it.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { typed } from "../metadata.ts";
import { cmvnIsLost, rename } from "./layout.ts";
import type { KeyPair, LaidTensor, Layout } from "./layout.ts";
import { officialTensor } from "./official.ts";

const sizes: readonly KeyPair[] = [
  ["sv.input_size", "sensevoice.encoder.input_size"],
  ["sv.output_size", "sensevoice.encoder.output_size"],
  ["sv.attention_heads", "sensevoice.encoder.attention_heads"],
  ["sv.num_blocks", "sensevoice.encoder.num_blocks"],
  ["sv.tp_blocks", "sensevoice.encoder.tp_blocks"],
  ["sv.kernel_size", "sensevoice.encoder.kernel_size"],
  ["sv.vocab_size", "sensevoice.vocab_size"],
  ["sv.blank_id", "sensevoice.ctc.blank_id"],
];

/** Language auto, event, emotion, with inverse text normalization. */
const queryTokens = [0, 1, 2, 14];

export const officialSenseVoice: Layout = {
  async files(model, to, wish) {
    const metadata = new Map([
      ["general.architecture", "sensevoice-small"] as const,
      ...rename(model, sizes),
      ["sv.query_tokens", queryTokens] as const,
      ...rename(model, [["sv.vocab", "tokenizer.ggml.tokens"]]),
    ]);
    const precise = { Q8_0: /^embed\.weight$/ };
    const tensors = [...model.tensors]
      .filter(([name]) => !name.startsWith("cmvn."))
      .map(([name, entry]) => officialTensor(name, entry, wish, precise));
    return [{ path: to, metadata: typed(metadata), tensors: [...cmvn(model.tensors), ...tensors] }];
  },
  notes: cmvnIsLost,
};

function cmvn(tensors: ReadonlyMap<string, TensorEntry>): readonly LaidTensor[] {
  const shift = tensors.get("cmvn.shift");
  if (shift === undefined) return [];
  const zero: TensorEntry = {
    name: "cmvn.shift",
    shape: [1],
    format: "F32",
    byteLength: 4,
    read: async (target) => void target.fill(0, 0, 4),
  };
  return [
    { canonical: zero.name, entry: zero, format: "F32" },
    { canonical: "cmvn.scale", entry: { ...shift, name: "cmvn.scale" }, format: "F32" },
  ];
}
