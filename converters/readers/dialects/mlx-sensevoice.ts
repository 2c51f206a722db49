/**
 * mlx-audio's SenseVoice-Small: the names of model.pt but for the head, `ctc_lo`; sizes follow from shapes, CMVN lies in am.mvn or in config.json, the vocabulary in tokens.json or a SentencePiece model.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { Config } from "../config.ts";
import type { FolderContent } from "../families/family.ts";
import { featureSize, frontendKeys, publishedFrontend, requireEncoder } from "../families/family.ts";
import { cmvnTensors, valuesEntry } from "../families/cmvn.ts";
import { senseVoicePieces } from "../tokens/sentencepiece.ts";
import { mlxTensors } from "./canonical-nano.ts";
import type { Dialect, DialectFile } from "./dialect.ts";
import { encoderSizes, Sizes } from "./sizes.ts";

const architecture = "sensevoice";
const heads = 4;

export const mlxAudioSenseVoice: Dialect = {
  name: "mlx-audio SenseVoice",
  architecture,
  title: "SenseVoice-Small",
  has: ["encoder.encoders0.0.norm1.weight", "encoder.tp_norm.weight", "embed.weight"],
  fits: ({ config }) => config.value("model_type") === "sensevoice",
  read,
};

async function read(file: DialectFile): Promise<FolderContent> {
  const { config, companions } = file;
  requireEncoder(config, "encoder_conf");
  const stated = config.value("frontend_conf");
  const frontendConf = {
    ...publishedFrontend,
    ...(typeof stated === "object" && stated !== null ? stated : {}),
  };
  const front = new Config({ frontend_conf: frontendConf }, companions.where("config.json"));
  const tokens = await senseVoicePieces(companions);
  const cmvn = await cmvnOf(file, featureSize(front));
  const named = [...(await mlxTensors(file))].map(([name, entry]): [string, TensorEntry] => {
    const ours = name.replace(/^ctc_lo\./u, "ctc.ctc_lo.");
    return [ours, { ...entry, name: ours }];
  });
  const tensors = new Map(named);
  const sizes = new Sizes(file.source, tensors);
  config.require("vocab_size", sizes.of("ctc.ctc_lo.weight", 0));
  config.require("input_size", sizes.of("encoder.encoders0.0.norm1.weight", 0));
  return {
    metadata: new Map<string, MetadataValue>([
      ...frontendKeys(architecture, front),
      ...encoderSizes(sizes, architecture, "encoder", config.integer("encoder_conf.attention_heads", heads)),
      ["sensevoice.ctc.blank_id", 0],
      ["sensevoice.vocab_size", tokens.length],
      ["tokenizer.ggml.model", "sentencepiece"],
      ["tokenizer.ggml.tokens", tokens],
    ]),
    tensors: new Map([...cmvn, ...tensors]),
    notes: [`${tensors.size} tensors, ${tokens.length} pieces, ${cmvn.length > 0 ? "with" : "without"} CMVN`],
  };
}

/** am.mvn comes first, as there. */
async function cmvnOf({ config, companions }: DialectFile, size: number): Promise<[string, TensorEntry][]> {
  const file = await cmvnTensors(companions, size);
  if (file.length > 0) return file;
  const [shift, scale] = [numbers(config, "cmvn_means"), numbers(config, "cmvn_istd")];
  if (shift === undefined || scale === undefined) return [];
  return [
    valuesEntry("cmvn.shift", Float32Array.from(shift)),
    valuesEntry("cmvn.scale", Float32Array.from(scale)),
  ];
}

function numbers(config: Config, path: string): readonly number[] | undefined {
  const value = config.value(path);
  return Array.isArray(value) && value.every((item) => typeof item === "number")
    ? (value as readonly number[])
    : undefined;
}
