/** The official Paraformer: the state dict's names without the embedding that only training needs. */
import { requiredValue } from "../../../src/checkpoints/gguf/namings/keys.ts";
import { officialParaformer as naming } from "../../../src/checkpoints/gguf/namings/paraformer-official.ts";
import type { Layout } from "./layout.ts";
import { officialMetadata, officialTensor } from "./official.ts";

/** The predictor decides how many tokens there are, and keeps its precision. */
const precise = { F16: /cif_output/, Q8_0: /^predictor\./ };

export const officialParaformer: Layout = {
  files: async (model, to, options) => [
    {
      path: to,
      metadata: officialMetadata(model, naming),
      tensors: [...model.tensors].map(([name, entry]) => officialTensor(name, entry, options, precise)),
    },
  ],
  notes: (model) =>
    requiredValue(model, "paraformer.decoder.sanm_shift") === 0
      ? []
      : ["the decoder's memory is shifted, which this layout cannot state"],
};
