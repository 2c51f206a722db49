/**
 * One Fun-ASR-Nano from the files that hold its parts, ONNX exports and GGUF in any combination: audio encoder with
 * adaptor, CTC branch, language model. The file of a whole model can give single parts.
 */
import type { MetadataValue, TensorEntry } from "../checkpoints/checkpoint.ts";
import { ModelFormatError, UsageError } from "../errors.ts";
import { openPart } from "../architectures/open.ts";
import { dropTiedHead } from "../checkpoints/gguf/tied-head.ts";
import { openOnnxPart } from "../../converters/readers/onnx/part.ts";
import type { PartOptions } from "../../converters/readers/onnx/part.ts";
import type { OpenModel } from "../../converters/readers/open-model.ts";

export type PartName = "audio" | "ctc" | "llm";

export interface PartFile {
  readonly path: string;
  readonly kind: "onnx" | "gguf";
  /** The part that is taken from it; all that it holds by default. */
  readonly take?: PartName;
}

/** Which tensors and keys make up a part. */
const contents: Readonly<Record<PartName, { readonly tensors: RegExp; readonly keys: RegExp }>> = {
  audio: { tensors: /^audio_(encoder|adaptor)\./, keys: /^fun-asr-nano\.(frontend|encoder|adaptor)\./ },
  ctc: { tensors: /^ctc(_decoder)?\./, keys: /^fun-asr-nano\.ctc(_decoder)?\./ },
  llm: { tensors: /^llm\./, keys: /^(fun-asr-nano\.llm|tokenizer)\./ },
};
const partNames = Object.keys(contents) as readonly PartName[];

/** Each part may come from one file only; a part that is taken by name takes precedence over one that a file holds in addition. */
export async function openParts(files: readonly PartFile[], options: PartOptions): Promise<OpenModel> {
  const open: OpenModel[] = [];
  const close = async (): Promise<void> => {
    for (const part of open) await part[Symbol.asyncDispose]();
  };
  try {
    const holders = new Map<PartName, { readonly part: OpenModel; readonly named: boolean }>();
    for (const { path, kind, take } of files) {
      const part = await openFileOf(kind, path, options);
      open.push(part);
      if (take !== undefined && !holds(part, take)) throw lacks(part.source, take);
      for (const name of partNames.filter((name) => holds(part, name))) {
        const known = holders.get(name);
        const named = take === name;
        if (known !== undefined && known.named === named) throw twice(name, known.part, part);
        if (known === undefined || named) holders.set(name, { part, named });
      }
    }
    for (const name of ["audio", "llm"] as const) {
      if (!holders.has(name)) throw lacks(open.map(({ source }) => source).join(" + "), name);
    }
    return await assemble(
      new Map([...holders].map(([name, { part }]) => [name, part])),
      open,
      close,
      options.signal,
    );
  } catch (error) {
    await close();
    throw error;
  }
}

async function openFileOf(kind: PartFile["kind"], path: string, options: PartOptions): Promise<OpenModel> {
  if (kind === "onnx") return openOnnxPart(path, options);
  const part = await openPart(path, options);
  return { ...part, notes: part.notes ?? [], files: [path] };
}

function holds({ tensors }: OpenModel, name: PartName): boolean {
  return [...tensors.keys()].some((tensor) => contents[name].tensors.test(tensor));
}

async function assemble(
  holders: ReadonlyMap<PartName, OpenModel>,
  open: readonly OpenModel[],
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<OpenModel> {
  const metadata = new Map<string, MetadataValue>([
    ["general.architecture", "fun-asr-nano"],
    ["general.name", "Fun-ASR-Nano"],
  ]);
  const tensors = new Map<string, TensorEntry>();
  for (const name of partNames) {
    const part = holders.get(name);
    for (const [key, value] of part?.metadata ?? [])
      if (contents[name].keys.test(key)) metadata.set(key, value);
    for (const [key, entry] of part?.tensors ?? [])
      if (contents[name].tensors.test(key)) tensors.set(key, entry);
  }
  await dropTiedHead(metadata, tensors, signal);
  return {
    source: open.map(({ source }) => source).join(" + "),
    naming: `parts (${[...new Set(open.map(({ naming }) => naming))].join(" + ")})`,
    metadata,
    tensors,
    notes: open.flatMap(({ notes }) => notes),
    files: open.flatMap(({ files }) => files),
    [Symbol.asyncDispose]: close,
  };
}

const titles: Readonly<Record<PartName, string>> = {
  audio: "audio encoder",
  ctc: "CTC branch",
  llm: "language model",
};

function lacks(source: string, name: PartName): UsageError {
  return new UsageError("bad_option", source, `no ${titles[name]} in it`, {
    wanted: `a file that holds one`,
  });
}

function twice(name: PartName, first: OpenModel, second: OpenModel): ModelFormatError {
  const found = `the ${titles[name]} is in ${first.source} and in ${second.source}`;
  return new ModelFormatError("bad_tensors", second.source, found, { wanted: "every part once" });
}
