/**
 * The official SenseVoice-Small. Its converter takes the wrong two lists of am.mvn (a zero for the shift, the shift
 * for the scale), and its program uses neither; the file is written as that converter writes it.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { officialSenseVoice as naming } from "../../../src/checkpoints/gguf/namings/sensevoice-official.ts";
import { cmvnIsLeftOut } from "./layout.ts";
import type { Layout, PlannedTensor } from "./layout.ts";
import { officialMetadata, officialTensor } from "./official.ts";

/** Its program reads the queries as F32, though its exporter writes F16 into a file of F16. */
const precise = { F16: /^embed\.weight$/, Q8_0: /^embed\.weight$/ };

export const officialSenseVoice: Layout = {
  async files(model, to, options) {
    const tensors = [...model.tensors]
      .filter(([name]) => !name.startsWith("cmvn."))
      .map(([name, entry]) => officialTensor(name, entry, options, precise));
    return [
      {
        path: to,
        metadata: officialMetadata(model, naming),
        tensors: [...cmvn(model.tensors), ...tensors],
      },
    ];
  },
  notes: cmvnIsLeftOut,
};

function cmvn(tensors: ReadonlyMap<string, TensorEntry>): readonly PlannedTensor[] {
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
