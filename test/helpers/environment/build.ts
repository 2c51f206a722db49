/**
 * Runs once before all tests: compiles the package to `dist`, for tests of threads and processes, and its kernels. Makes a
 * folder for what files of tests share.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { buildWasm } from "../../../kernels/runtime/wasm/build.ts";
import { inlineParts } from "../../../tools/package/inline.ts";
import { joinModules } from "../../../tools/package/one-file.ts";

const root = resolve(import.meta.dirname, "../../..");

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  buildWasm();
  await inlineParts(root);
  await joinModules(join(root, "dist"));
  const shared = mkdtempSync(join(tmpdir(), "fun-asr-shared-"));
  provide("shared", shared);
  return () => rmSync(shared, { recursive: true, force: true });
}
