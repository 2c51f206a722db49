/**
 * Compiles WebAssembly with the AssemblyScript compiler into `dist/kernels/runtime/wasm/`. The kernels, `assembly/` plus the
 * generated files, become three modules: with relaxed SIMD (fused multiply-add, 8-bit dot products), the same for a V8 that
 * pairs operations, and without relaxed SIMD for engines that lack it. The quantizers of `../../formats/assembly/` are a
 * fourth module, with its own memory. The programs of hosts/ that are plain
 * JavaScript are copied as well.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { addresses, structClasses } from "./generate-structs.ts";
import { tiles } from "./generate.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, here.includes(`${sep}dist${sep}`) ? "../../../.." : "../../..");
const source = join(root, "kernels/runtime/wasm");
const target = join(root, "dist/kernels/runtime/wasm");
/** Plain JavaScript, which tsc does not copy. */
const programs = ["hosts/node-thread.mjs", "hosts/node-probe.mjs"];

/** What the generated files depend on. */
const generators = [
  "generate.ts",
  "generate-float.ts",
  "generate-gemm.ts",
  "generate-lines.ts",
  "generate-q8.ts",
  "generate-structs.ts",
  "layout.ts",
  ...readdirSync(join(source, "structs")).map((name) => `structs/${name}`),
];

interface Module {
  readonly file: string;
  /** Folder of its AssemblyScript, and the TypeScript files that generate more of it. */
  readonly sources: string;
  readonly generators: readonly string[];
  readonly options: readonly string[];
  /** The generated files, by name. */
  readonly generated?: () => Readonly<Record<string, string>>;
}

function kernels(file: string, { relaxed, paired }: { relaxed: boolean; paired: boolean }): Module {
  return {
    file,
    sources: join(source, "assembly"),
    generators: generators.map((name) => join(source, name)),
    options: [
      "--importMemory",
      "--sharedMemory",
      "--initialMemory=16",
      "--maximumMemory=65536",
      "--memoryBase=4096",
      "--importTable",
      `--enable=threads,simd${relaxed ? ",relaxed-simd" : ""}`,
    ],
    generated: () => ({
      "tiles.ts": tiles(paired),
      "structs.ts": structClasses(),
      "addresses.ts": addresses(),
    }),
  };
}

const quantizers: Module = {
  file: "quantizers.wasm",
  sources: join(root, "kernels/formats/assembly"),
  generators: [],
  // 112: vectors are passed between functions, but only inside the module.
  options: ["--initialMemory=16", "--enable=simd", "--disableWarning=112"],
};

const modules = [
  kernels("kernels.wasm", { relaxed: true, paired: false }),
  kernels("kernels-paired.wasm", { relaxed: true, paired: true }),
  kernels("kernels-plain.wasm", { relaxed: false, paired: false }),
  quantizers,
];

/** Compiles the modules that are missing or older than their sources. */
export function buildWasm(): void {
  mkdirSync(join(target, "hosts"), { recursive: true });
  for (const name of programs) copyFileSync(join(source, name), join(target, name));
  for (const module of modules) {
    const path = join(target, module.file);
    const parts = readdirSync(module.sources).map((name) => join(module.sources, name));
    const newest = Math.max(...parts.concat(module.generators).map((name) => statSync(name).mtimeMs));
    if (!existsSync(path) || statSync(path).mtimeMs < newest) compile(module, path);
  }
}

function compile({ sources, options, generated }: Module, path: string): void {
  const folder = mkdtempSync(join(target, "assembly-"));
  try {
    cpSync(sources, folder, { recursive: true });
    for (const [name, text] of Object.entries(generated?.() ?? {})) writeFileSync(join(folder, name), text);
    const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
    const all = ["index.ts", "--outFile=out.wasm", "-O3", "--noAssert", "--runtime=stub", ...options];
    execFileSync(process.execPath, [compiler, ...all], {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
    renameSync(join(folder, "out.wasm"), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildWasm();
