/**
 * Compiles the kernels: `assembly/` plus the generated tiles, by the AssemblyScript compiler, into `dist/kernels/wasm/`.
 * Two modules: with relaxed SIMD (fused multiply-add, 8-bit dot products), and without for engines that lack it.
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
const root = resolve(here, here.includes(`${sep}dist${sep}`) ? "../../.." : "../..");
const sources = join(root, "kernels/wasm");
const target = join(root, "dist/kernels/wasm");

const modules = [
  { file: "kernels.wasm", relaxed: true },
  { file: "kernels-plain.wasm", relaxed: false },
];

/** Compiles what is missing or older than its sources. */
export function buildWasm(): void {
  const parts = readdirSync(join(sources, "assembly")).map((name) => `assembly/${name}`);
  const newest = Math.max(...["generate.ts", ...parts].map((name) => statSync(join(sources, name)).mtimeMs));
  mkdirSync(target, { recursive: true });
  for (const { file, relaxed } of modules) {
    const path = join(target, file);
    if (!existsSync(path) || statSync(path).mtimeMs < newest) compile(path, relaxed);
  }
}

function compile(path: string, relaxed: boolean): void {
  const folder = mkdtempSync(join(target, "assembly-"));
  try {
    cpSync(join(sources, "assembly"), folder, { recursive: true });
    writeFileSync(join(folder, "tiles.ts"), tiles(relaxed));
    const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
    const options = [
      "index.ts",
      "--outFile=kernels.wasm",
      "-O3",
      "--noAssert",
      "--runtime=stub",
      "--importMemory",
      "--sharedMemory",
      "--initialMemory=16",
      "--maximumMemory=65536",
      "--memoryBase=4096",
      "--importTable",
      `--enable=threads,simd${relaxed ? ",relaxed-simd" : ""}`,
    ];
    execFileSync(process.execPath, [compiler, ...options], {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
    renameSync(join(folder, "kernels.wasm"), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildWasm();
