/** Fun-ASR-Nano and MLT-Nano: SAN-M encoder, adaptor, Qwen3, and a CTC branch where the checkpoint has one. */
import { audioCpp } from "../checkpoints/gguf/namings/audio-cpp.ts";
import { crispAsrNano } from "../checkpoints/gguf/namings/nano-crispasr.ts";
import { mmprojNanoEncoder } from "../checkpoints/gguf/namings/nano-mmproj.ts";
import { officialNanoEncoder } from "../checkpoints/gguf/namings/nano-official.ts";
import { transcribeCppNano } from "../checkpoints/gguf/namings/nano-transcribe-cpp.ts";
import { ownNaming } from "../checkpoints/gguf/namings/own.ts";
import { qwen3 } from "../checkpoints/gguf/namings/qwen3.ts";
import { funAsrNano as build } from "../models/fun-asr-nano/fun-asr-nano.ts";
import { funAsrNanoRecognizer } from "../recognizers/fun-asr-nano.ts";
import { defineArchitecture } from "./architecture.ts";
import { readFunAsrNano } from "../configs/fun-asr-nano.ts";

export const funAsrNano = defineArchitecture({
  name: "fun-asr-nano",
  readConfig: readFunAsrNano,
  inputSize: ({ encoder }) => encoder.inputSize,
  build,
  recognizer: funAsrNanoRecognizer,
  ggufNamings: [
    ownNaming("fun-asr-nano", {
      has: ["audio_encoder.encoders0.0.norm1.weight", "llm.model.embed_tokens.weight"],
    }),
    officialNanoEncoder,
    qwen3,
    mmprojNanoEncoder,
    crispAsrNano,
    transcribeCppNano,
    audioCpp(async (file, options) => {
      const { readAudioCpp } = await import("../../converters/readers/dialects/audio-cpp.ts");
      return readAudioCpp(file, options);
    }),
  ],
  upstream: {
    model: "FunASRNano",
    title: "Fun-ASR-Nano",
    readFolder: async (folder) => {
      const { readFunAsrNano: read } = await import("../../converters/readers/families/fun-asr-nano.ts");
      return read(folder);
    },
  },
});
