/** Opens models in any container. */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { GgufSource } from "../checkpoints/gguf/file.ts";
import type { NamingOptions } from "../checkpoints/gguf/namings/naming.ts";
import { platform } from "../platform/current.ts";
import { openCheckpoint } from "../architectures/open.ts";
import { withInstalled } from "../installed/replace.ts";
import { kindOf } from "./kind.ts";

/** A path, an address, or the bytes of a GGUF file; the files that make up one model, in any order. */
export type ModelFiles = GgufSource | readonly GgufSource[];

/**
 * Opens whatever holds a model. Addresses and bytes must be GGUF; a path may also be a FunASR folder, its model.pt or
 * model.safetensors, or one of several parts in ONNX and GGUF. A text may also name an installed model.
 */
export async function openModel(files: ModelFiles, options: NamingOptions = {}): Promise<Checkpoint> {
  const { sources, amMvn } = await withInstalled<GgufSource>(files);
  const checkpoint = await openSources(sources, options);
  return amMvn === undefined ? checkpoint : { ...checkpoint, amMvn };
}

async function openSources(list: readonly GgufSource[], options: NamingOptions): Promise<Checkpoint> {
  const paths = list
    .map((file) => (file instanceof URL && file.protocol === "file:" ? file.href : file))
    .filter((file) => typeof file === "string" && !/^https?:/i.test(file)) as readonly string[];
  if (paths.length < list.length || paths.length === 0) return openCheckpoint(list, options);
  const [path = ""] = paths;
  const isFile = (await platform().locate(path)).file !== undefined;
  // of a file that is no model, the message should be about GGUF, the usual container
  if (paths.length === 1 && isFile && !["state dict", "onnx"].includes(await kindOf(path)))
    return openCheckpoint(path, options);
  // loaded only where it is needed: the readers of ONNX, PyTorch and YAML are larger than GGUF's
  const { openModel: openPaths } = await import("./open-paths.ts");
  return openPaths(paths, options);
}
