/**
 * Opens whatever holds a model as one checkpoint under canonical names and keys: GGUF of any naming, a FunASR folder
 * with its weights, the parts of a model in ONNX and GGUF. Files are recognized by their first bytes, never by their
 * names.
 */
import { UsageError } from "../errors.ts";
import { openOrAborted } from "../platform/interruptible.ts";
import { platform } from "../platform/current.ts";
import type { OpenOptions } from "../checkpoints/gguf/namings/naming.ts";
import { openCheckpoint } from "../architectures/open.ts";
import { withInstalled } from "../installed/replace.ts";
import type { OpenModel } from "../../converters/readers/open-model.ts";
import { kindOf } from "./kind.ts";
import { nanoSet } from "./nano-set.ts";
import { openDialect } from "./open-dialect.ts";
import { isWholeOnnx, onlyGguf, openFolder } from "./open-folder.ts";
import { openParts } from "./parts.ts";
import type { PartFile, PartName } from "./parts.ts";

/**
 * Opens one file or folder, the files that make up one model, or an installed model by its name. Throws the signal's reason as
 * soon as it is aborted.
 */
export const openModel = (given: readonly string[], options: OpenOptions = {}): Promise<OpenModel> =>
  openOrAborted(() => openPaths(given, options), options.signal);

async function openPaths(given: readonly string[], options: OpenOptions): Promise<OpenModel> {
  const { sources: paths } = await withInstalled(given);
  const [path] = paths;
  if (path === undefined)
    throw new UsageError("bad_option", "input", "no file", { wanted: "a file or a folder" });
  if (paths.some((name) => /^https?:/i.test(name))) return openGgufs(paths, options);
  const location = await platform().locate(path);
  const foreign = paths.length === 1 ? await openDialect(location, options) : undefined;
  if (foreign !== undefined) return foreign;
  const set = paths.length === 1 ? await nanoSet(location) : undefined;
  if (set !== undefined)
    return openNamed(
      set.map((name) => ({ path: name })),
      options,
    );
  if (paths.length === 1 && location.file === undefined) {
    const gguf = await onlyGguf(location.files);
    return gguf === undefined ? openFolder(location) : openGgufs([gguf], options);
  }
  const kinds = await Promise.all(paths.map(kindOf));
  if (paths.length === 1 && kinds[0] === "onnx" && (await isWholeOnnx(location))) return openFolder(location);
  if (kinds.includes("onnx"))
    return openNamed(
      paths.map((name) => ({ path: name })),
      options,
    );
  return paths.length === 1 && kinds[0] !== "gguf" ? openFolder(location) : openGgufs(paths, options);
}

/** A file, and the part of the model that is to be taken from it. */
export interface NamedFile {
  readonly path: string;
  readonly take?: PartName;
}

/** Opens the parts of one Fun-ASR-Nano, with the tokens of its CTC branch among the files. Ends as `openModel` does. */
export const openFiles = (files: readonly NamedFile[], options: OpenOptions = {}): Promise<OpenModel> =>
  openOrAborted(() => openNamed(files, options), options.signal);

async function openNamed(files: readonly NamedFile[], options: OpenOptions): Promise<OpenModel> {
  const parts: PartFile[] = [];
  const texts: string[] = [];
  for (const file of await filesOf(files)) {
    const kind = await kindOf(file.path);
    if (kind === "onnx" || kind === "gguf") parts.push({ ...file, kind });
    else if (kind === "text") texts.push(file.path);
    else
      throw new UsageError("bad_option", file.path, "no part of a model", {
        wanted: "ONNX, GGUF or tokens.txt",
      });
  }
  const [tokens, second] = texts;
  if (second !== undefined)
    throw new UsageError("bad_option", second, "a second list of tokens", { wanted: "one tokens.txt" });
  return openParts(parts, { ...options, tokens });
}

/** A name stands for all files of the installed model. */
async function filesOf(files: readonly NamedFile[]): Promise<NamedFile[]> {
  const found = files.map(async (file) =>
    (await withInstalled(file.path)).sources.map((path) => ({ ...file, path })),
  );
  return (await Promise.all(found)).flat();
}

async function openGgufs(paths: readonly string[], options: OpenOptions): Promise<OpenModel> {
  const checkpoint = await openCheckpoint(paths, options);
  return { ...checkpoint, notes: checkpoint.notes ?? [], files: paths };
}
