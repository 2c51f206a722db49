/** CT-Transformer punctuation as FunASR exports it, with config.yaml and tokens.json beside the graph: no shape shows its marks and heads. */
import { ModelFormatError } from "../../../../src/errors.ts";
import type { FolderContent } from "../../families/family.ts";
import { readCtPunc } from "../../families/ct-punc.ts";
import type { ExportFile, WholeExport } from "./export.ts";

const graph = (model: string) =>
  ({
    architecture: "ct-punc",
    title: "CT-Transformer punctuation",
    outputs: ["logits"],
    canonical: (name: string) => name.replace(/^encoder\.model\./, "encoder."), // the exporter wraps it
    read: (file: ExportFile) => read(file, model),
  }) as const;

export const funasrPunctuation: WholeExport = {
  ...graph("CTTransformer"),
  name: "FunASR's CT-Transformer",
  inputs: ["inputs", "text_lengths"],
};

/** Its callers give masks, which the network's own layers state here. */
export const funasrRealtimePunctuation: WholeExport = {
  ...graph("CTTransformerStreaming"),
  name: "FunASR's CT-Transformer for real time",
  inputs: ["inputs", "text_lengths", "vad_masks", "sub_masks"],
};

async function read(
  { source, config, companions, tensors }: ExportFile,
  model: string,
): Promise<FolderContent> {
  if (config === undefined) {
    throw new ModelFormatError("checkpoint_malformed", source, "no config.yaml beside it", {
      wanted: "that of the model, which has its marks",
    });
  }
  config.requireOne("model", [model]);
  return readCtPunc({ config, companions, tensors });
}
