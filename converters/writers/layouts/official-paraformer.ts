/** The official Paraformer: the state dict's names without the embedding that only training needs. */
import { requiredValue } from "../../../src/checkpoints/gguf/namings/keys.ts";
import { officialParaformer as naming } from "../../../src/checkpoints/gguf/namings/paraformer-official.ts";
import { biasIsLeftOut } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { officialMetadata, officialTensor } from "./official.ts";

/** The predictor decides how many tokens there are, and keeps its precision. */
const precise = { F16: /cif_output/, Q8_0: /^predictor\./ };

/** What the exporter keeps. */
const held = /^(cmvn|encoder|decoder|predictor)\./;
const targetEmbedding = "decoder.embed.0.weight";

export const officialParaformer: Layout = {
  files: async (model, to, options) => [
    {
      path: to,
      metadata: officialMetadata(model, naming),
      tensors: [...model.tensors]
        .filter(([name]) => held.test(name) && name !== targetEmbedding)
        .map(([name, entry]) => officialTensor(name, entry, options, precise)),
    },
  ],
  notes: (model) => [
    ...(requiredValue(model, "paraformer.decoder.sanm_shift") === 0
      ? []
      : ["the decoder's memory is shifted, which this layout cannot state"]),
    ...biasIsLeftOut(model),
  ],
};
