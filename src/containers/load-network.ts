/** Loads a model that is used in addition to one that recognizes text. */
import { buildModel } from "../architectures/build.ts";
import type { LoadedModel } from "../architectures/build.ts";
import type { Model } from "../architectures/index.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { leaseEngine } from "../engine/shared.ts";
import type { EngineChoice } from "../engine/shared.ts";
import { ModelFormatError } from "../errors.ts";
import { openModel } from "./open-model.ts";
import type { ModelFiles } from "./open-model.ts";

/** A built model of one architecture. */
type ModelOf<Name extends Model["architecture"]> = Extract<Model, { readonly architecture: Name }>;

export type NetworkOptions = EngineChoice & { readonly signal?: AbortSignal | undefined };

/**
 * Opens and builds a model of this architecture, and passes it to `use`, after which the checkpoint is closed. Whoever holds
 * the result disposes of the loaded model, and with it of the engine's lease. Throws `unknown_architecture` for another
 * model.
 */
export async function loadNetwork<Name extends Model["architecture"], Result>(
  source: ModelFiles,
  architecture: Name,
  { signal, ...choice }: NetworkOptions,
  use: (model: ModelOf<Name>, loaded: LoadedModel, checkpoint: Checkpoint) => Result | Promise<Result>,
): Promise<Result> {
  await using checkpoint = await openModel(source, { signal });
  const { engine, release } = leaseEngine(choice);
  let loaded: LoadedModel | undefined;
  try {
    const built = await buildModel(checkpoint, { engine, ...(await engine.placement(signal)), signal });
    const dispose = (): void => {
      built.dispose();
      release();
    };
    loaded = { ...built, dispose };
    const { model } = loaded;
    if (model.architecture !== architecture) {
      const found = `a model of ${model.architecture}`;
      const wanted = `one of ${architecture}`;
      throw new ModelFormatError("unknown_architecture", checkpoint.source, found, { wanted });
    }
    return await use(model as ModelOf<Name>, loaded, checkpoint);
  } catch (error) {
    if (loaded === undefined) release();
    else loaded.dispose();
    throw error;
  }
}
