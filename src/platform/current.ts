/**
 * The platform of this process, which the entry point installs when it is imported: `src/node.ts` in Node, the worker's
 * entry in a worker.
 *
 * A module variable and not a parameter, because `load`, `transcribe` and every reader below them need it, and a process
 * runs on one platform. A module variable and not `imports` conditions of package.json, because those name one file each:
 * sources (tests, Node with type stripping) and `dist` would need two, and a type checker without Node's types would
 * follow them into the adapters. An import of a sibling entry works in all of them, and in every bundler.
 */
import { RuntimeError } from "../errors.ts";
import type { Platform } from "./platform.ts";

let current: Platform | undefined;

/** Called once by an entry point, before anything is opened. */
export function installPlatform(platform: Platform): void {
  current = platform;
}

export function platform(): Platform {
  if (current === undefined) {
    throw new RuntimeError("internal", "platform", "none is installed", {
      wanted: "an entry point: node.ts",
    });
  }
  return current;
}
