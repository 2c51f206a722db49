/** Models by name: `pull` installs one, `models` says which are known and installed. */
import type { InstalledModel } from "../platform/store.ts";
import { buildModel } from "./build.ts";
import { pullModel } from "./pull-model.ts";
import type { PullOptions } from "./types.ts";

/**
 * Installs a model of the registry, of a hub or of a web address, and returns where its files are. What is downloaded already is
 * not downloaded again, files in the caches of the hubs' own clients are used in place, and nothing gets its name before size
 * and SHA-256 are verified. Throws a {@link FunAsrError} with a remedy.
 */
export const pull = (name: string, options: PullOptions = {}): Promise<InstalledModel> =>
  pullModel(name, options, buildModel);

export { models } from "./models.ts";
