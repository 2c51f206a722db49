/** Makes Node the platform of this process: for entry points, before anything else is called. */
import { installPlatform } from "../../platform/current.ts";
import { registerNodeBackends } from "./backends.ts";
import { nodePlatform } from "./platform.ts";

export function installNode(): void {
  installPlatform(nodePlatform);
  registerNodeBackends();
}
