/** From model files to a transcriber: weights, the recognizer of their family, and what makes features for it. */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { openCheckpoint } from "../checkpoints/gguf/open.ts";
import type { GgufSource } from "../checkpoints/gguf/index.ts";
import { buildModel, coarsestFormat } from "../architectures/build.ts";
import { Settings } from "../architectures/settings.ts";
import { backendNames, configureBackend } from "../nn/backend.ts";
import type { TensorflowOptions } from "../nn/backend.ts";
import { defaultBackend, placementOf } from "../nn/placement.ts";
import type { BackendChoice } from "../nn/placement.ts";
import { readCmvn } from "../frontend/read-cmvn.ts";
import { readFrontend } from "../frontend/read-config.ts";
import type { Progress } from "../recognizers/recognizer.ts";
import { recognizerFor } from "../recognizers/registry.ts";
import { loadVad } from "../vad/vad.ts";
import { checkMethodOptions } from "./check-options.ts";
import { Transcriber } from "./transcriber.ts";

export interface LoadOptions {
  /** What computes: a backend, `hybrid` (encoder on `tensorflow`, language model on `wasm`), or `auto`: measured. */
  readonly backend?: BackendChoice | undefined;
  /** Threads of the backend, all cores by default; counts for the first model of a process. */
  readonly threads?: number | undefined;
  /** How the backend `tensorflow` computes; counts for models that are loaded from then on. */
  readonly tensorflow?: TensorflowOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The text of the model's am.mvn, for a Paraformer or SenseVoice file without those constants. */
  readonly amMvn?: string | undefined;
  /** An fsmn-vad GGUF file: long recordings are then cut where it hears no speech. */
  readonly vad?: GgufSource | undefined;
}

/** A model file, or the files that make up one (the official release keeps audio encoder and LLM apart). */
export type ModelSource = GgufSource | readonly GgufSource[];

/**
 * Opens a model, or builds one of a checkpoint that is open (and stays the caller's to close). Throws a
 * {@link FunAsrError} that names the file and what is wrong with it.
 */
export async function load(model: ModelSource | Checkpoint, options: LoadOptions = {}): Promise<Transcriber> {
  checkMethodOptions("load", options);
  if (isCheckpoint(model)) return build(model, options);
  await using checkpoint = await openCheckpoint(model);
  return await build(checkpoint, options);
}

function isCheckpoint(model: ModelSource | Checkpoint): model is Checkpoint {
  return typeof model === "object" && "tensors" in model;
}

async function build(checkpoint: Checkpoint, options: LoadOptions): Promise<Transcriber> {
  const { threads, tensorflow } = options;
  if (threads !== undefined) for (const name of backendNames) configureBackend(name, { threads });
  if (tensorflow !== undefined) configureBackend("tensorflow", tensorflow);
  const placement = await placementOf(options.backend ?? defaultBackend());
  const { backend } = placement;
  const { onProgress, signal } = options;
  const loaded = await buildModel(checkpoint, {
    ...placement,
    signal,
    onProgress: ({ doneBytes, totalBytes }) =>
      onProgress?.({ stage: "load", done: doneBytes, total: totalBytes }),
  });
  try {
    const { source, dialect, metadata } = checkpoint;
    const recognizer = recognizerFor(loaded.model, { source, placement, metadata });
    const info = {
      source,
      architecture: loaded.model.architecture,
      dialect,
      ...placement,
      weightFormat: coarsestFormat(checkpoint),
      ctc: recognizer.hasCtc,
      times: recognizer.hasTimes,
    };
    const frontend = readFrontend(new Settings(source, metadata).at(info.architecture).at("frontend"));
    const cmvn = await readCmvn(checkpoint, {
      width: frontend.nMels * frontend.lfrM,
      needed: recognizer.needsCmvn,
      amMvn: options.amMvn,
    });
    const vad = options.vad === undefined ? undefined : await loadVad(options.vad, { backend, signal });
    return new Transcriber(info, loaded, recognizer, { frontend, cmvn, vad });
  } catch (error) {
    loaded.dispose();
    throw error;
  }
}
