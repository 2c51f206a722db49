/** CT-Transformer punctuation: marks for text that has none. It takes no audio, and is used with a model that does. */
import { ownNaming } from "../checkpoints/gguf/namings/own.ts";
import { readCtPunc } from "../configs/ct-punc.ts";
import { ctPunc as build } from "../models/ct-punc.ts";
import { defineArchitecture } from "./architecture.ts";

const landmarks = ["embed.weight", "encoder.encoders0.0.norm1.weight", "decoder.weight"];

export const ctPunc = defineArchitecture({
  name: "ct-punc",
  readConfig: readCtPunc,
  build,
  instead: "Load a model that recognizes speech: this one takes text, and puts punctuation marks in it",
  ggufNamings: [
    ownNaming("ct-punc", {
      has: landmarks,
      key: "ct-punc.encoder.num_blocks",
    }),
  ],
  upstream: {
    model: "CTTransformer",
    variants: ["CTTransformerStreaming"],
    title: "CT-Transformer punctuation",
    readFolder: async (folder) => {
      const { readCtPunc: read } = await import("../../converters/readers/families/ct-punc.ts");
      return read(folder);
    },
  },
});
