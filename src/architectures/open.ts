/** Opens models from GGUF files, in the naming of any architecture. */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { GgufSource } from "../checkpoints/gguf/file.ts";
import type { OpenOptions } from "../checkpoints/gguf/namings/naming.ts";
import { openGgufModel, openGgufPart } from "../checkpoints/gguf/open.ts";
import { ggufNamings } from "./index.ts";

/** Opens one file, or the files that make up one model, in any order. */
export const openCheckpoint = (
  sources: GgufSource | readonly GgufSource[],
  options: OpenOptions = {},
): Promise<Checkpoint> => openGgufModel(sources, ggufNamings, options);

/** A whole model or a part of one, not checked for completeness. */
export const openPart = (source: GgufSource, options: OpenOptions = {}): Promise<Checkpoint> =>
  openGgufPart(source, ggufNamings, options);
