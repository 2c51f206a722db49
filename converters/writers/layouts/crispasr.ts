/**
 * CrispASR's files: names and order of its converter, F16 for every tensor of two dimensions or more (or the type that it
 * has, where none is asked for), and its rule for what a quantized file quantizes. CrispASR quantizes the F16 values; here the weights themselves are quantized.
 */
import { formats } from "../../../kernels/formats/table.ts";
import type { Format } from "../../../kernels/formats/table.ts";
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { writeKeys } from "../../../src/checkpoints/gguf/namings/keys.ts";
import { crispAsrNano as nanoNaming } from "../../../src/checkpoints/gguf/namings/nano-crispasr.ts";
import type { GgufNaming } from "../../../src/checkpoints/gguf/namings/naming.ts";
import { crispAsrParaformer as paraformerNaming } from "../../../src/checkpoints/gguf/namings/paraformer-crispasr.ts";
import { crispAsrSenseVoice as senseVoiceNaming } from "../../../src/checkpoints/gguf/namings/sensevoice-crispasr.ts";
import type { OpenModel } from "../../readers/open-model.ts";
import { fits } from "../formats.ts";
import { mostOf, typed } from "../metadata.ts";
import { biasIsLeftOut, ctcIsLeftOut, formatOf, timeHeadIsLeftOut } from "./layout.ts";
import type { Layout, LayoutFile, LayoutOptions, PlannedTensor } from "./layout.ts";

/** The tied head is written as a separate tensor, as CrispASR's converter does. */
export const crispAsrNano = layout(nanoNaming, "Fun-ASR-Nano", ctcIsLeftOut, withHead);
export const crispAsrParaformer = layout(paraformerNaming, "Paraformer-zh", (model) => [
  ...timeHeadIsLeftOut(model),
  ...biasIsLeftOut(model),
]);
export const crispAsrSenseVoice = layout(senseVoiceNaming, "SenseVoiceSmall", () => []);

/** `title` is `general.name` where neither the user nor the source gives one. */
function layout(
  naming: GgufNaming,
  title: string,
  notes: Layout["notes"],
  prepare = (model: OpenModel): OpenModel => model,
): Layout {
  return {
    files: async (model, to, options) => {
      const { name = model.metadata.get("general.name") ?? title } = options;
      const metadata = new Map<string, MetadataValue>([
        ["general.architecture", naming.fileArchitecture ?? naming.architecture],
        ["general.name", name],
        ...writeKeys(model, naming.keys),
      ]);
      return [crispAsrFile(prepare(model), to, { naming, metadata }, options)];
    },
    notes,
  };
}

interface Content {
  readonly naming: GgufNaming;
  /** In the order of the file. */
  readonly metadata: ReadonlyMap<string, MetadataValue>;
}

/** Tensors that the model lacks are left out; those that only the naming has a place for are written. */
function crispAsrFile(
  model: OpenModel,
  path: string,
  { naming, metadata }: Content,
  { type, rules }: LayoutOptions,
): LayoutFile {
  const isBlocks = (format: Format): boolean => formats[format].blockSize > 1;
  const isQuantized =
    type === undefined ? [...model.tensors.values()].some(({ format }) => isBlocks(format)) : isBlocks(type);
  const names = [...naming.names({ source: model.source, metadata }), ...(naming.unusedTensors ?? [])];
  const tensors = names.flatMap(([foreign, canonical]): PlannedTensor[] => {
    const found = model.tensors.get(canonical) ?? model.extraTensors?.get(canonical);
    if (found === undefined) return [];
    const entry = { ...found, name: foreign };
    const format = formatOf(canonical, entry, usual(foreign, entry, type), rules);
    // ggml's C library, and so the quantizer, drops outer dimensions of 1.
    const shape =
      isQuantized && entry.shape.length === 2 && entry.shape[0] === 1 ? entry.shape.slice(1) : entry.shape;
    return [{ canonical, entry: { ...entry, shape }, format }];
  });
  const quantized: readonly [string, MetadataValue][] = isQuantized
    ? [
        ["general.quantization_version", 2],
        ["general.file_type", formats[type ?? mostOf(tensors.map(({ format }) => format))].ggmlFileType],
      ]
    : [];
  return { path, metadata: typed(new Map([...metadata, ...quantized])), tensors };
}

function withHead(model: OpenModel): OpenModel {
  const head = model.tensors.get("llm.lm_head.weight") ?? model.tensors.get("llm.model.embed_tokens.weight");
  if (head === undefined) return model;
  return { ...model, tensors: new Map([...model.tensors, ["llm.lm_head.weight", head]]) };
}

/** What is taken where a K format does not divide the rows. */
const narrower: Readonly<Partial<Record<Format, Format>>> = { Q4_K: "Q4_0", Q5_K: "Q5_0", Q6_K: "Q8_0" };

function usual(foreign: string, entry: TensorEntry, type: Format | undefined): Format {
  const dimensions = entry.shape.length;
  if (dimensions < 2) return "F32";
  if (type === undefined) return entry.format;
  const isMatrix = dimensions === 2 && entry.shape[0] !== 1;
  if (!isMatrix || foreign.includes("norm")) return "F16";
  const wanted = [type, narrower[type] ?? type];
  return wanted.find((format) => fits(entry, format)) ?? "F16";
}
