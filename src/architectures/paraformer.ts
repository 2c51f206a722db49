/** Paraformer: SAN-M encoder, CIF predictor, one pass of the decoder. */
import { crispAsrParaformer } from "../checkpoints/gguf/namings/paraformer-crispasr.ts";
import { officialParaformer } from "../checkpoints/gguf/namings/paraformer-official.ts";
import { ownNaming } from "../checkpoints/gguf/namings/own.ts";
import { paraformer as build } from "../models/paraformer/paraformer.ts";
import { paraformerRecognizer } from "../recognizers/paraformer.ts";
import { defineArchitecture } from "./architecture.ts";
import { readParaformer } from "../configs/paraformer.ts";

export const paraformer = defineArchitecture({
  name: "paraformer",
  readConfig: readParaformer,
  inputSize: ({ encoder }) => encoder.inputSize,
  build,
  recognizer: paraformerRecognizer,
  ggufNamings: [
    ownNaming("paraformer", {
      has: ["encoder.encoders0.0.norm1.weight", "predictor.cif_output.weight"],
      key: "paraformer.encoder.num_blocks",
    }),
    officialParaformer,
    crispAsrParaformer,
  ],
  upstream: {
    model: "Paraformer",
    variants: ["BiCifParaformer", "SeacoParaformer"],
    title: "Paraformer",
    readFolder: async (folder) => {
      const { readParaformer: read } = await import("../../converters/readers/families/paraformer.ts");
      return read(folder);
    },
  },
});
