/**
 * Opens a model from GGUF files in any known naming as one checkpoint under canonical names and keys.
 *
 * Each file is recognized by its tensors; it may hold the whole model or a part of it (the official release keeps the
 * audio encoder and the language model apart). Keys are checked against their ranges and against each other here;
 * whether the tensors fit is seen when the model is built. Refuses files of no known naming, files that do not make
 * one model, and two tensors that would get the same name.
 */
import type { Checkpoint, Metadata, MetadataValue, TensorEntry } from "../checkpoint.ts";
import { ModelFormatError, TensorsError } from "../../errors.ts";
import { checkKeys } from "./namings/keys.ts";
import { recognizes } from "./namings/naming.ts";
import type { GgufNaming, OpenOptions } from "./namings/naming.ts";
import type { GgufFile, GgufSource } from "./file.ts";
import { canonicalShape } from "./shapes.ts";
import { openGguf, withoutSiblings } from "./split.ts";
import { dropTiedHead } from "./tied-head.ts";

/** Opens one file, or the files that make up one model, in any order. */
export async function openGgufModel(
  sources: GgufSource | readonly GgufSource[],
  namings: readonly GgufNaming[],
  options: OpenOptions = {},
): Promise<Checkpoint> {
  const list = (Array.isArray(sources) ? sources : [sources]) as readonly GgufSource[];
  const files: GgufFile[] = [];
  const close = async (): Promise<void> => {
    for (const file of files) await file[Symbol.asyncDispose]();
  };
  try {
    for (const source of withoutSiblings(list)) files.push(await openGguf(source, options.signal));
    const parts: TranslatedFile[] = [];
    for (const file of files) parts.push(await translate(file, namingOf(file, namings), options));
    return { ...(await assemble(parts, options.signal)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a GGUF file holds under canonical names and keys: a whole model or a part of one, not checked for completeness. */
export async function openGgufPart(
  source: GgufSource,
  namings: readonly GgufNaming[],
  options: OpenOptions = {},
): Promise<Checkpoint> {
  const file = await openGguf(source, options.signal);
  try {
    const { naming, metadata, tensors, notes } = await translate(file, namingOf(file, namings), options);
    return {
      source: file.source,
      naming: naming.name,
      metadata,
      notes,
      tensors: canonicalShapes(tensors),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

function canonicalShapes(tensors: ReadonlyMap<string, TensorEntry>): ReadonlyMap<string, TensorEntry> {
  return new Map([...tensors].map(([name, tensor]) => [name, canonicalShape(tensor)]));
}

/** A file under canonical names and keys. */
interface TranslatedFile {
  readonly file: GgufFile;
  readonly naming: GgufNaming;
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly notes: readonly string[];
}

function namingOf(file: GgufFile, namings: readonly GgufNaming[]): GgufNaming {
  const matches = namings.filter((naming) => recognizes(naming, file));
  const [naming] = matches;
  if (naming !== undefined && matches.length === 1) return naming;

  const architecture = String(file.metadata.get("general.architecture") ?? "none").slice(0, 40);
  const found =
    naming === undefined
      ? `no known naming has these ${file.tensors.size} tensors (general.architecture: ${architecture})`
      : `the tensors are those of ${matches.map(({ name }) => name).join(" and ")} at once`;
  const wanted = namings
    .map(({ name, has, key }) => `\n  ${name}: ${has.concat(key ?? []).join(", ")}`)
    .join("");
  throw new ModelFormatError("unknown_architecture", file.source, found, { wanted: `one of${wanted}` });
}

async function translate(file: GgufFile, naming: GgufNaming, options: OpenOptions): Promise<TranslatedFile> {
  if (naming.content !== undefined) return { file, naming, ...(await naming.content(file, options)) };
  const metadata = naming.metadata(file, options);
  const canonical = new Map(naming.names(file));
  const unused = new Map(naming.unusedTensors);
  const tensors = new Map<string, TensorEntry>();
  for (const [foreign, tensor] of file.tensors) {
    if (unused.has(foreign)) continue;
    const name = canonical.get(foreign) ?? foreign;
    if (tensors.has(name)) throw twice(file.source, name);
    tensors.set(name, { ...tensor, name });
  }
  checkKeys(file, naming.keys, { source: file.source, metadata, tensors });
  return { file, naming, metadata, tensors, notes: [] };
}

async function assemble(
  files: readonly TranslatedFile[],
  signal: AbortSignal | undefined,
): Promise<Omit<Checkpoint, typeof Symbol.asyncDispose>> {
  const source = files.map(({ file }) => file.source).join(" + ");
  checkParts(source, files);

  const metadata = new Map<string, MetadataValue>(files.flatMap((file) => [...file.metadata]));
  const tensors = new Map<string, TensorEntry>();
  for (const [name, tensor] of files.flatMap((file) => [...file.tensors])) {
    if (tensors.has(name)) throw twice(source, name);
    tensors.set(name, tensor);
  }
  if (files.every(({ file }) => !file.remote)) await dropTiedHead(metadata, tensors, signal);

  return {
    source,
    naming: `gguf (${files.map(({ naming }) => naming.name).join(" + ")})`,
    metadata,
    tensors: canonicalShapes(tensors),
    notes: files.flatMap(({ notes }) => notes),
  };
}

/** One file with the model, or one with its audio encoder and one with its language model. */
function checkParts(source: string, files: readonly TranslatedFile[]): void {
  const held = files
    .map(({ naming }) => naming.part)
    .toSorted()
    .join(" and ");
  if (held === "model" || held === "audio encoder and language model") return;
  const found = files
    .map(({ file, naming }) => `${file.source} has the ${naming.part} (${naming.name})`)
    .join(", ");
  throw new ModelFormatError("unknown_architecture", source, found || "no file was given", {
    wanted: "one file with a model, or two with its audio encoder and its language model",
  });
}

function twice(source: string, name: string): TensorsError {
  return new TensorsError(source, [{ name, problem: "two tensors have this name in the model" }]);
}
