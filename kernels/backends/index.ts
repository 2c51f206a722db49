/**
 * The backends by name. The entry point of a platform (`src/node.ts`) registers those that it has, so that nothing else
 * imports what only one platform can load.
 */
import { RuntimeError } from "../../src/errors.ts";
import type { BackendName, BackendOptions, StartBackend, StartedBackend } from "../backend.ts";

const starters = new Map<BackendName, StartBackend>();

/** Makes a backend available in this process. */
export function registerBackend(name: BackendName, start: StartBackend): void {
  starters.set(name, start);
}

/** Starts a backend with these options; throws `backend_unavailable` with the reason. */
export async function startBackend(name: BackendName, options: BackendOptions): Promise<StartedBackend> {
  const start = starters.get(name);
  if (start === undefined) {
    throw new RuntimeError("backend_unavailable", name, "this platform does not have the backend", {
      wanted: [...starters.keys()].join(", ") || "a registered backend: import the package by its name",
    });
  }
  return start(options);
}
