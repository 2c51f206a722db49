/** CT-Transformer punctuation: config.yaml and tokens.json. FunASR's CTTransformer and CTTransformerStreaming. */
import type { MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import { tokenList } from "../tokens/token-list.ts";
import { layerKeys, requireLayers } from "./family.ts";
import type { FolderContent, ModelFolder } from "./family.ts";

const architecture = "ct-punc";
const section = "encoder_conf";

export async function readCtPunc({ config, companions, tensors }: ModelFolder): Promise<FolderContent> {
  const isRealtime = config.text("model", "CTTransformer") === "CTTransformerStreaming";
  config.require("encoder", isRealtime ? "SANMVadEncoder" : "SANMEncoder");
  requireLayers(config, section);
  const inputSize = config.integer("model_conf.embed_unit", 128);
  config.require(`${section}.input_size`, inputSize);
  config.require("model_conf.att_unit", config.integer(`${section}.output_size`), 256);
  const words = await tokenList(companions);
  const key = (name: string): string => `${architecture}.${name}`;
  return {
    metadata: new Map<string, MetadataValue>([
      ...layerKeys(architecture, config, section, inputSize),
      [key("encoder.sanm_shift"), config.integer(`${section}.sanm_shfit`, 0)],
      [key("realtime"), isRealtime],
      [key("marks"), config.texts("model_conf.punc_list")],
      [key("sentence_end_id"), config.integer("model_conf.sentence_end_id", 3)],
      [key("vocab_size"), words.length],
      ["tokenizer.ggml.model", "word"],
      ["tokenizer.ggml.tokens", words],
    ]),
    tensors,
    notes: [
      `${tensors.size} tensors, ${words.length} words`,
      ...((await companions.has("jieba_usr_dict")) ? [dictionaryNote] : []),
    ],
  };
}

const dictionaryNote =
  "jieba_usr_dict: words are those of a dictionary, which is not part of the model; without it they are single characters";
