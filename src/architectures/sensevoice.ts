/** SenseVoice-Small: SAN-M encoder and CTC, with language, emotion and event as the first labels. */
import { ownNaming } from "../checkpoints/gguf/namings/own.ts";
import { crispAsrSenseVoice } from "../checkpoints/gguf/namings/sensevoice-crispasr.ts";
import { transcribeCppSenseVoice } from "../checkpoints/gguf/namings/sensevoice-transcribe-cpp.ts";
import { officialSenseVoice } from "../checkpoints/gguf/namings/sensevoice-official.ts";
import { senseVoice as build } from "../models/sensevoice/sensevoice.ts";
import { senseVoiceRecognizer } from "../recognizers/sensevoice.ts";
import { defineArchitecture } from "./architecture.ts";
import { readSenseVoice } from "../configs/sensevoice.ts";

export const senseVoice = defineArchitecture({
  name: "sensevoice",
  readConfig: readSenseVoice,
  inputSize: ({ encoder }) => encoder.inputSize,
  build,
  recognizer: senseVoiceRecognizer,
  ggufNamings: [
    ownNaming("sensevoice", {
      has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight"],
      key: "sensevoice.encoder.num_blocks",
    }),
    officialSenseVoice,
    crispAsrSenseVoice,
    transcribeCppSenseVoice,
  ],
  upstream: {
    model: "SenseVoiceSmall",
    title: "SenseVoice-Small",
    readFolder: async (folder) => {
      const { readSenseVoice: read } = await import("../../converters/readers/families/sensevoice.ts");
      return read(folder);
    },
  },
});
