/** The front door: opens a model. */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { checkMethodOptions } from "./check-options.ts";
import type { Transcriber } from "./transcriber.ts";
import type { LoadOptions, ModelSource } from "./types.ts";

/**
 * Opens a model by its path, address, bytes, or the name of an installed one (see `pull`), or builds one from an open
 * checkpoint, which the caller closes. Throws a {@link FunAsrError} that names the file and what is wrong with it.
 */
export async function load(model: ModelSource | Checkpoint, options: LoadOptions = {}): Promise<Transcriber> {
  checkMethodOptions("load", options);
  // loaded when it is called: containers, networks and recognizers are most of the library
  const { loadModel } = await import("./load-model.ts");
  return loadModel(model, options);
}
