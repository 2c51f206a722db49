/**
 * Where TensorFlow is put by `fun-asr setup tensorflow` and found by the backend: a folder of its own, which neither
 * `npm install` nor `npm ci` touches and which all projects share. FUN_ASR_TENSORFLOW names another.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { RuntimeError } from "../../../../src/errors.ts";

/** TensorFlow.js's native package, whose unmodified addon is built against the library of the setup. */
export const tfjsNode = { name: "@tensorflow/tfjs-node-gpu", version: "4.22.0" } as const;

/** What setup leaves in the folder once everything works; without it the folder counts as empty. */
export interface Installation {
  /** `cpu`, `cuda`, or the place that a library was taken from. */
  readonly variant: string;
  /** As TensorFlow itself says. */
  readonly tensorflow: string;
  readonly package: string;
}

const manifest = "installation.json";

export function tensorflowHome(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return process.env["FUN_ASR_TENSORFLOW"] ?? join(cache, "fun-asr", "tensorflow");
}

export function manifestPath(home: string): string {
  return join(home, manifest);
}

/** What is set up in `home`, if anything. */
export function readInstallation(home: string): Installation | undefined {
  try {
    return JSON.parse(readFileSync(manifestPath(home), "utf8")) as Installation;
  } catch {
    return undefined;
  }
}

/** The folder of the package inside `home`. */
export function packageFolder(home: string): string {
  return join(home, "node_modules", ...tfjsNode.name.split("/"));
}

/**
 * The package's entry: the one that was set up, or else one that the user's project has (an optional peer).
 * Throws `backend_unavailable` without either.
 */
export function findPackage(home = tensorflowHome()): string {
  if (readInstallation(home) !== undefined) return join(packageFolder(home), "dist/index.js");
  const require = createRequire(import.meta.url);
  for (const name of [tfjsNode.name, "@tensorflow/tfjs-node"]) {
    try {
      const entry = require.resolve(name);
      if (existsSync(join(entry, "../../deps/lib"))) return entry;
    } catch {
      // Not a dependency of this project: look further.
    }
  }
  throw new RuntimeError("backend_unavailable", "tensorflow", `TensorFlow is not set up in ${home}`, {
    remedy: "Run `npm run setup:tensorflow` (installed as a package: `npx fun-asr setup tensorflow`)",
  });
}
