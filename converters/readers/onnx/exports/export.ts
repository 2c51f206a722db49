/**
 * Whole models as ONNX graphs. One record each states by what a graph is recognized (what it takes and gives, and its
 * exporter's notes), which names its weights have, and how it is read.
 */
import type { TensorEntry } from "../../../../src/checkpoints/checkpoint.ts";
import type { Companions } from "../../companions.ts";
import type { Config } from "../../config.ts";
import type { FolderContent } from "../../families/family.ts";

export interface WholeExport {
  /** As messages and `Checkpoint.naming` name it. */
  readonly name: string;
  readonly architecture: string;
  /** `general.name` of the model. */
  readonly title: string;
  /** Names of the graph's inputs and outputs, in their order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What distinguishes it from others with the same ones. */
  readonly fits?: (metadata: ReadonlyMap<string, string>) => boolean;
  /** The state dict's name of a weight. */
  readonly canonical?: (name: string) => string;
  readonly read: (file: ExportFile) => Promise<FolderContent>;
}

export interface ExportFile {
  /** Its name in messages. */
  readonly source: string;
  /** Under the state dict's names; kernels of FSMN blocks are [D, K]. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** `metadata_props`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** config.yaml, where it lies beside the file. */
  readonly config: Config | undefined;
  readonly companions: Companions;
}
