/**
 * The engines that we compare with. They are not dependencies: the benchmark installs them once from the npm registry
 * into a separate folder, without running their install scripts.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const peersFolder = join(tmpdir(), "fun-asr-bench", "peers");
const versions = { "onnxruntime-node": "1.30.0", "node-llama-cpp": "3.22.1" } as const;

type PeerName = keyof typeof versions;

/** Imports a peer, and installs it first if it is missing. */
export async function peer<Module>(name: PeerName): Promise<Module> {
  if (!existsSync(join(peersFolder, "node_modules", name))) {
    install(Object.entries(versions).map(([key, version]) => `${key}@${version}`));
  }
  const entry = name === "node-llama-cpp" ? llamaIn(peersFolder) : resolveIn(name);
  return (await import(pathToFileURL(entry).href)) as Module;
}

/** node-llama-cpp with its AVX2 library only, by removing the better ones, since it loads the best library it finds. */
export async function llamaForAvx2<Module>(): Promise<Module> {
  const folder = `${peersFolder}-avx2`;
  const entry = llamaIn(folder);
  if (!existsSync(entry)) {
    const version = versions["node-llama-cpp"];
    install([`node-llama-cpp@${version}`, `@node-llama-cpp/linux-x64@${version}`, "--omit=optional"], folder);
  }
  const libraries = join(folder, "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64");
  for (const file of readdirSync(libraries)) {
    if (file.startsWith("libggml-cpu-") && !file.includes("haswell")) rmSync(join(libraries, file));
  }
  return (await import(pathToFileURL(entry).href)) as Module;
}

function llamaIn(folder: string): string {
  return join(folder, "node_modules/node-llama-cpp/dist/index.js");
}

/** Installs packages into a folder (by default the peers' folder) without their install scripts. */
export function install(packages: readonly string[], folder = peersFolder): void {
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true, "type": "module" }\n');
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], {
    cwd: folder,
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

/** Runs the engines interleaved, `rounds` times, and returns the median seconds of each. */
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
