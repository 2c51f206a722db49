/** FSMN-VAD: where a recording holds speech. It recognizes no text, and is used with a model that does. */
import { officialFsmnVad } from "../checkpoints/gguf/namings/fsmn-vad.ts";
import { ownNaming } from "../checkpoints/gguf/namings/own.ts";
import { vadFrontend } from "../frontend/frontend.ts";
import { fsmnVad as build } from "../models/fsmn-vad.ts";
import { defineArchitecture } from "./architecture.ts";
import { readFsmnVad } from "../configs/fsmn-vad.ts";

const landmarks = ["encoder.in_linear1.linear.weight", "encoder.fsmn.0.fsmn_block.conv_left.weight"];

export const fsmnVad = defineArchitecture({
  name: "fsmn-vad",
  readConfig: readFsmnVad,
  inputSize: ({ inputDim }) => inputDim,
  frontend: vadFrontend,
  build,
  instead: "Give a model that detects speech in addition to one that recognizes it: --vad, or the option vad",
  ggufNamings: [
    ownNaming("fsmn-vad", {
      has: landmarks,
      key: "fsmn-vad.lorder",
    }),
    officialFsmnVad,
  ],
  upstream: {
    model: "FsmnVADStreaming",
    title: "FSMN-VAD",
    landmarks,
    readFolder: async (folder) => {
      const { readFsmnVad: read } = await import("../../converters/readers/families/fsmn-vad.ts");
      return read(folder);
    },
  },
});
