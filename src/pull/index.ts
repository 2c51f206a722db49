/** Models by name: `pull` installs one, `models` says which are known and installed. */
import type { InstalledModel, Store } from "../platform/store.ts";
import { buildModel } from "./build.ts";
import type { ModelStatus } from "./models.ts";
import type { PullOptions } from "./types.ts";
import { checkNames } from "../options/check.ts";
import type { NamesOf } from "../options/check.ts";

const optionNames: NamesOf<PullOptions> = {
  store: true,
  from: true,
  cache: true,
  signal: true,
  onProgress: true,
  onPlan: true,
};

/**
 * Installs a model of the registry, of a hub or of a web address, and returns where its files are. What is downloaded already
 * is not downloaded again, files in the caches of the hubs' own clients are used in place, and nothing gets its name before
 * size and SHA-256 are verified. Throws a {@link FunAsrError} with a remedy.
 */
export async function pull(name: string, options: PullOptions = {}): Promise<InstalledModel> {
  checkNames(options, optionNames);
  // loaded when it is called: programs that load a file by its path need neither hubs nor registry
  const { pullModel } = await import("./pull-model.ts");
  return pullModel(name, options, buildModel);
}

/** The registry's models, then what else is installed. Nothing is asked of the network. */
export async function models(
  options: { readonly store?: Store | undefined } = {},
): Promise<readonly ModelStatus[]> {
  checkNames(options, { store: true });
  const { models: list } = await import("./models.ts");
  return list(options);
}
