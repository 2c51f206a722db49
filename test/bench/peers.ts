/**
 * The engines that we are measured against. They are no dependencies: the benchmark installs them from the npm registry
 * into a folder of its own, once, without running their install scripts.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const peersFolder = join(tmpdir(), "fun-asr-bench", "peers");
const versions = { "onnxruntime-node": "1.30.0", "node-llama-cpp": "3.22.1" } as const;

export type PeerName = keyof typeof versions;

/** Imports a peer, installing it first if need be. */
export async function peer<Module>(name: PeerName): Promise<Module> {
  if (!existsSync(join(peersFolder, "node_modules", name))) {
    install(Object.entries(versions).map(([key, version]) => `${key}@${version}`));
  }
  const entry =
    name === "node-llama-cpp" ? join(peersFolder, "node_modules", name, "dist/index.js") : resolveIn(name);
  return (await import(pathToFileURL(entry).href)) as Module;
}

/** Adds packages to the folder of the peers, without running what they would like to run. */
export function install(packages: readonly string[]): void {
  mkdirSync(peersFolder, { recursive: true });
  const manifest = join(peersFolder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true, "type": "module" }\n');
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], {
    cwd: peersFolder,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function resolveIn(name: PeerName): string {
  return createRequire(join(peersFolder, "package.json")).resolve(name);
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs the engines in turn, `rounds` times, and gives each one's median seconds. */
export async function interleaved<Name extends string>(
  rounds: number,
  engines: { readonly [name in Name]: () => Promise<number> },
): Promise<{ readonly [name in Name]: number }> {
  const names = Object.keys(engines) as Name[];
  const seconds = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) seconds.get(name)!.push(await engines[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(seconds.get(name)!)])) as {
    [name in Name]: number;
  };
}

/** Seconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
