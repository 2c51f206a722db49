/**
 * The folder that `fun-asr setup tensorflow` installs TensorFlow in and where the backend finds it. All projects share it,
 * and `npm install` and `npm ci` do not touch it. FUN_ASR_TENSORFLOW names another folder.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { RuntimeError } from "../../../../src/errors.ts";

/** TensorFlow.js's native package, whose unmodified addon is built against the library of the setup. */
export const tfjsNode = { name: "@tensorflow/tfjs-node-gpu", version: "4.22.0" } as const;

/** The manifest that setup writes into the folder when everything works; without it the folder counts as empty. */
export interface Installation {
  /** `cpu`, `cuda`, or the place that a library was taken from. */
  readonly variant: string;
  /** The version, from TensorFlow itself. */
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

/** The manifest in `home`; undefined where TensorFlow is not set up there. */
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
  const require = requireHere();
  for (const name of [tfjsNode.name, "@tensorflow/tfjs-node"]) {
    try {
      const entry = require.resolve(name);
      if (existsSync(join(entry, "../../deps/lib"))) return entry;
    } catch {
      // Not a dependency of this project: try the next place.
    }
  }
  throw new RuntimeError("backend_unavailable", "tensorflow", `TensorFlow is not set up in ${home}`, {
    remedy: "Run `npm run setup:tensorflow` (installed as a package: `npx fun-asr setup tensorflow`)",
  });
}

/**
 * Loads a package by its name or path at run time, in a bundle too: bundlers would follow an imported `createRequire`. In a
 * bundle in CommonJS there is no `import.meta.url`.
 */
export function requireHere(): NodeJS.Require {
  const here = (import.meta.url as string | undefined) ?? __filename;
  return process.getBuiltinModule("node:module").createRequire(here);
}
