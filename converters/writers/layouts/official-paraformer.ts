/** The official Paraformer: keys under `pf.`, the state dict's names without the embedding that only training needs. */
import { typed } from "../metadata.ts";
import { rename, valueOf } from "./layout.ts";
import type { KeyPair, Layout } from "./layout.ts";
import { officialTensor } from "./official.ts";

const keys: readonly KeyPair[] = [
  ["pf.enc.output_size", "paraformer.encoder.output_size"],
  ["pf.enc.attention_heads", "paraformer.encoder.attention_heads"],
  ["pf.enc.num_blocks", "paraformer.encoder.num_blocks"],
  ["pf.enc.kernel_size", "paraformer.encoder.kernel_size"],
  ["pf.dec.num_blocks", "paraformer.decoder.num_blocks"],
  ["pf.dec.att_layer_num", "paraformer.decoder.att_layer_num"],
  ["pf.dec.decoders3", 1],
  ["pf.dec.attention_heads", "paraformer.decoder.attention_heads"],
  ["pf.dec.kernel_size", "paraformer.decoder.kernel_size"],
  ["pf.vocab_size", "paraformer.vocab_size"],
  ["pf.vocab", "tokenizer.ggml.tokens"],
  ["pf.predictor.tail_threshold", "paraformer.predictor.tail_threshold"],
  ["pf.predictor.threshold", "paraformer.predictor.threshold"],
];

export const officialParaformer: Layout = {
  async files(model, to, wish) {
    const metadata = new Map([["general.architecture", "paraformer"] as const, ...rename(model, keys)]);
    const precise = { F16: /cif_output/, Q8_0: /^predictor\./ };
    const tensors = [...model.tensors].map(([name, entry]) => officialTensor(name, entry, wish, precise));
    return [{ path: to, metadata: typed(metadata), tensors }];
  },
  notes: (model) =>
    valueOf(model, "paraformer.decoder.sanm_shift") === 0
      ? []
      : ["the decoder's memory is shifted, which this layout cannot say"],
};
