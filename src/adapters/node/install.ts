/** Makes Node the platform of this process: for entry points, before anything else is called. */
import { installPlatform } from "../../platform/current.ts";
import type { Platform } from "../../platform/platform.ts";
import { registerNodeBackends } from "./backends.ts";
import { nodePlatform } from "./platform.ts";

/** `startModelThread`: how the entry point starts the program of `loadInWorker`, if it offers that. */
export function installNode(startModelThread?: Platform["startModelThread"]): void {
  installPlatform(startModelThread === undefined ? nodePlatform : { ...nodePlatform, startModelThread });
  registerNodeBackends();
}
