/** Opens models in any container. */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { GgufSource } from "../checkpoints/gguf/file.ts";
import type { OpenOptions } from "../checkpoints/gguf/namings/naming.ts";
import { platform } from "../platform/current.ts";
import { openOrAborted } from "../platform/interruptible.ts";
import { openCheckpoint } from "../architectures/open.ts";
import { withInstalled } from "../installed/replace.ts";
import { containerOfName, kindOf } from "./kind.ts";

/** A path, an address, or the bytes of a GGUF file; the files that make up one model, in any order. */
export type ModelFiles = GgufSource | readonly GgufSource[];

/**
 * Opens whatever holds a model. Addresses and bytes must be GGUF; a path may also be a FunASR folder, its model.pt or
 * model.safetensors, or one of several parts in ONNX and GGUF. A text may also name an installed model. Throws the signal's
 * reason as soon as it is aborted.
 */
export const openModel = (files: ModelFiles, options: OpenOptions = {}): Promise<Checkpoint> =>
  openOrAborted(() => openNow(files, options), options.signal);

async function openNow(files: ModelFiles, options: OpenOptions): Promise<Checkpoint> {
  const { sources, amMvn } = await withInstalled<GgufSource>(files);
  const checkpoint = await openSources(sources, options);
  return amMvn === undefined ? checkpoint : { ...checkpoint, amMvn };
}

async function openSources(list: readonly GgufSource[], options: OpenOptions): Promise<Checkpoint> {
  const paths = list
    .map((file) => (file instanceof URL && file.protocol === "file:" ? file.href : file))
    .filter((file) => typeof file === "string" && !/^https?:/i.test(file)) as readonly string[];
  if (paths.length < list.length || paths.length === 0) return openCheckpoint(list, options);
  const [path = ""] = paths;
  const isFile = (await platform().locate(path)).file !== undefined;
  // of a file that is no model, the message should be about the container that its name states, by default GGUF
  if (paths.length === 1 && isFile && !(await isForeign(path))) return openCheckpoint(path, options);
  // loaded only where it is needed: the readers of ONNX, PyTorch and YAML are larger than GGUF's
  const { openModel: openPaths } = await import("./open-paths.ts");
  return openPaths(paths, options);
}

/** Whether a file is of another container than GGUF, by its first bytes or, where they show none, by its name. */
async function isForeign(path: string): Promise<boolean> {
  const kind = await kindOf(path);
  if (kind === "gguf") return false;
  return kind === "state dict" || kind === "onnx" || containerOfName(path) !== undefined;
}
