/**
 * Paraformer: config.yaml, am.mvn, tokens.json. FunASR's Paraformer, BiCifParaformer, which has a second head for times, and
 * SeacoParaformer, which has in addition a bias towards hotwords, and seg_dict with the tokens of words; defaults are those
 * of their classes.
 */
import type { MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../../src/errors.ts";
import type { Companions } from "../companions.ts";
import type { Config } from "../config.ts";
import { tokenList } from "../tokens/token-list.ts";
import { cmvnTensors } from "./cmvn.ts";
import { encoderKeys, featureSize, frontendKeys } from "./family.ts";
import type { FolderContent, ModelFolder } from "./family.ts";

const architecture = "paraformer";
/** The embedding of the target text; SeACo embeds hotwords with it. */
const targetEmbedding = "decoder.embed.0.weight";
/** The tokens of words, for hotwords. */
const segDict = "seg_dict";

export async function readParaformer(folder: ModelFolder): Promise<FolderContent> {
  const { config, companions, tensors } = folder;
  config.require("encoder", "SANMEncoder");
  const tokens = await tokenList(companions);
  const cmvn = folder.cmvn ?? (await cmvnTensors(companions, featureSize(config)));
  if (cmvn.length === 0) {
    throw new ModelFormatError("file_not_found", companions.folder, "there is no am.mvn", {
      wanted: "the normalization of the features, without which the model recognizes nothing",
    });
  }
  const isSeaco = config.text("model", architecture) === "SeacoParaformer";
  return {
    metadata: new Map([
      ...frontendKeys(architecture, config),
      ...encoderKeys(architecture, config, "encoder_conf"),
      ...predictorKeys(config),
      ...decoderKeys(config),
      ...(isSeaco ? biasKeys(config, tensors.has("lstm_proj.weight")) : []),
      ...(isSeaco && (await companions.has(segDict)) ? [await segDictKey(companions)] : []),
      ["paraformer.vocab_size", tokens.length],
      ["tokenizer.ggml.model", "char"],
      ["tokenizer.ggml.tokens", tokens],
    ]),
    tensors: new Map([...cmvn, ...[...tensors].filter(([name]) => isSeaco || name !== targetEmbedding)]),
    extraTensors: new Map([...tensors].filter(([name]) => !isSeaco && name === targetEmbedding)),
    notes: [`${tensors.size} tensors, ${tokens.length} tokens`],
  };
}

/** The file itself: a vocabulary of its own, of which a list of hotwords needs few lines. */
async function segDictKey(companions: Companions): Promise<[string, MetadataValue]> {
  await companions.text(segDict); // refuses what is not UTF-8
  return ["paraformer.seaco.seg_dict", await companions.bytes(segDict)];
}

/** What its bias needs beside its tensors. */
function biasKeys(config: Config, isProjected: boolean): [string, MetadataValue][] {
  config.require("model_conf.bias_encoder_type", "lstm", "lstm");
  config.require("model_conf.bias_encoder_bid", isProjected, false);
  config.require("model_conf.sos", 1);
  config.require("seaco_decoder", "ParaformerSANMDecoder");
  config.require("seaco_decoder_conf.use_output_layer", false, true);
  config.require("seaco_decoder_conf.wo_input_layer", true, false);
  config.require("seaco_decoder_conf.normalize_before", true);
  config.require("seaco_decoder_conf.concat_after", false);
  config.require("seaco_decoder_conf.sanm_shfit", 0);
  const key = (name: string): string => `paraformer.seaco.${name}`;
  const conf = "seaco_decoder_conf";
  return [
    [key("inner_dim"), config.integer("model_conf.inner_dim", 256)],
    [key("no_bias_id"), config.integer("model_conf.NO_BIAS", 8377)],
    [key("attention_heads"), config.integer(`${conf}.attention_heads`)],
    [key("linear_units"), config.integer(`${conf}.linear_units`)],
    [key("num_blocks"), config.integer(`${conf}.num_blocks`)],
    [key("att_layer_num"), config.integer(`${conf}.att_layer_num`, 6)],
    [key("kernel_size"), config.integer(`${conf}.kernel_size`)],
  ];
}

function predictorKeys(config: Config): [string, MetadataValue][] {
  const conf = "predictor_conf";
  config.require(`${conf}.idim`, config.integer("encoder_conf.output_size"));
  config.require(`${conf}.tail_mask`, true);
  const key = (name: string): string => `paraformer.predictor.${name}`;
  const keys: [string, MetadataValue][] = [
    [key("threshold"), config.number(`${conf}.threshold`, 1)],
    [key("l_order"), config.integer(`${conf}.l_order`)],
    [key("r_order"), config.integer(`${conf}.r_order`)],
    [key("tail_threshold"), config.number(`${conf}.tail_threshold`, 0)],
    [key("smooth_factor"), config.number(`${conf}.smooth_factor`, 1)],
    [key("noise_threshold"), config.number(`${conf}.noise_threshold`, 0)],
  ];
  if (config.text("predictor") === "CifPredictorV2") return keys;
  config.require("predictor", "CifPredictorV3");
  config.require(`${conf}.upsample_type`, "cnn_blstm", "cnn");
  config.require(`${conf}.use_cif1_cnn`, false, true);
  return [
    ...keys,
    [key("upsample_times"), config.integer(`${conf}.upsample_times`)],
    [key("smooth_factor2"), config.number(`${conf}.smooth_factor2`, 1)],
    [key("noise_threshold2"), config.number(`${conf}.noise_threshold2`, 0)],
  ];
}

function decoderKeys(config: Config): [string, MetadataValue][] {
  const conf = "decoder_conf";
  config.require("decoder", "ParaformerSANMDecoder");
  config.require(`${conf}.normalize_before`, true);
  config.require(`${conf}.concat_after`, false);
  config.require(`${conf}.use_output_layer`, true);
  const key = (name: string): string => `paraformer.decoder.${name}`;
  return [
    [key("attention_heads"), config.integer(`${conf}.attention_heads`)],
    [key("linear_units"), config.integer(`${conf}.linear_units`)],
    [key("num_blocks"), config.integer(`${conf}.num_blocks`)],
    [key("att_layer_num"), config.integer(`${conf}.att_layer_num`, 6)],
    [key("kernel_size"), config.integer(`${conf}.kernel_size`)],
    [key("sanm_shift"), config.integer(`${conf}.sanm_shfit`, 0)],
  ];
}
