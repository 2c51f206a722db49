/**
 * Dialects: models that others keep as tensors with Hugging Face's files beside them (config.json, a tokenizer), in
 * safetensors or, as audio.cpp does, in a GGUF file. One record each states how it is recognized and read.
 */
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import type { OpenOptions } from "../../../src/checkpoints/gguf/namings/naming.ts";
import type { Companions } from "../companions.ts";
import type { Config } from "../config.ts";
import type { FolderContent } from "../families/family.ts";
import type { StoredEntry } from "../safetensors.ts";

/** Tensors under foreign names, and what lies beside them. */
export interface DialectFile {
  /** Its name in messages. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The tensors as they are stored; absent where the container has floats and GGML's formats only. */
  readonly stored?: ReadonlyMap<string, StoredEntry>;
  /** `__metadata__` of safetensors. */
  readonly metadata: ReadonlyMap<string, string>;
  /** config.json. */
  readonly config: Config;
  readonly companions: Companions;
  readonly options: OpenOptions;
}

export interface Dialect {
  /** As messages and `Checkpoint.naming` name it. */
  readonly name: string;
  readonly architecture: string;
  /** `general.name` of the model. */
  readonly title: string;
  /** Tensors that every file of the dialect has. */
  readonly has: readonly string[];
  /** What distinguishes it from others with the same tensors. */
  readonly fits?: (file: DialectFile) => boolean;
  readonly read: (file: DialectFile) => Promise<FolderContent>;
}
