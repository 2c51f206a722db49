/**
 * SenseVoice-Small: config.yaml, the pieces of its vocabulary (tokens.json, or the SentencePiece model), and am.mvn where the folder has it:
 * upstream applies it although config.yaml does not name it. FunASR's SenseVoiceSmall.
 */
import { senseVoicePieces } from "../tokens/sentencepiece.ts";
import { cmvnTensors } from "./cmvn.ts";
import { encoderKeys, featureSize, frontendKeys } from "./family.ts";
import type { FolderContent, ModelFolder } from "./family.ts";

const architecture = "sensevoice";

export async function readSenseVoice(folder: ModelFolder): Promise<FolderContent> {
  const { config, companions, tensors } = folder;
  config.require("encoder", "SenseVoiceEncoderSmall");
  const blank = config.integer("model_conf.blank_id", 0);
  config.require("ctc_conf.blank_id", blank);
  const tokens = await senseVoicePieces(companions);
  const cmvn = folder.cmvn ?? (await cmvnTensors(companions, featureSize(config)));
  const normalized = cmvn.length > 0 ? "with CMVN" : "without am.mvn: features are not normalized";
  return {
    metadata: new Map([
      ...frontendKeys(architecture, config),
      ...encoderKeys(architecture, config, "encoder_conf"),
      ["sensevoice.ctc.blank_id", blank],
      ["sensevoice.vocab_size", tokens.length],
      ["tokenizer.ggml.model", "sentencepiece"],
      ["tokenizer.ggml.tokens", tokens],
    ]),
    tensors: new Map([...cmvn, ...tensors]),
    notes: [`${tensors.size} tensors, ${tokens.length} pieces, ${normalized}`],
  };
}
