/**
 * Compiles WebAssembly, by the AssemblyScript compiler, into `dist/kernels/runtime/wasm/`. The kernels, `assembly/` plus the
 * generated tiles, make three modules: with relaxed SIMD (fused multiply-add, 8-bit dot products), the same for a V8 that
 * pairs operations, and without for engines that lack it. The quantizers of `../../formats/assembly/` are a fourth, which
 * has a memory of its own.
 */
import { execFileSync } from "node:child_process";
import {
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
import { tiles } from "./generate.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, here.includes(`${sep}dist${sep}`) ? "../../../.." : "../../..");
const target = join(root, "dist/kernels/runtime/wasm");

interface Module {
  readonly file: string;
  /** Its AssemblyScript, and the TypeScript files that write more of it. */
  readonly sources: string;
  readonly generators: readonly string[];
  readonly options: readonly string[];
  /** What the generator writes, by file name. */
  readonly generated?: () => Readonly<Record<string, string>>;
}

function kernels(file: string, { relaxed, paired }: { relaxed: boolean; paired: boolean }): Module {
  return {
    file,
    sources: join(root, "kernels/runtime/wasm/assembly"),
    generators: ["generate.ts", "generate-float.ts", "generate-lines.ts", "generate-q8.ts"].map((name) =>
      join(root, "kernels/runtime/wasm", name),
    ),
    options: [
      "--importMemory",
      "--sharedMemory",
      "--initialMemory=16",
      "--maximumMemory=65536",
      "--memoryBase=4096",
      "--importTable",
      `--enable=threads,simd${relaxed ? ",relaxed-simd" : ""}`,
    ],
    generated: () => ({ "tiles.ts": tiles(paired) }),
  };
}

const quantizers: Module = {
  file: "quantizers.wasm",
  sources: join(root, "kernels/formats/assembly"),
  generators: [],
  // Vectors go from function to function inside of the module only.
  options: ["--initialMemory=16", "--enable=simd", "--disableWarning=112"],
};

const modules = [
  kernels("kernels.wasm", { relaxed: true, paired: false }),
  kernels("kernels-paired.wasm", { relaxed: true, paired: true }),
  kernels("kernels-plain.wasm", { relaxed: false, paired: false }),
  quantizers,
];

/** Compiles what is missing or older than its sources. */
export function buildWasm(): void {
  mkdirSync(target, { recursive: true });
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
