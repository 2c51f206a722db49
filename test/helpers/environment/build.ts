/** Runs once before all tests: compiles the package to `dist`, for tests of threads and processes, and its kernels. */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { buildWasm } from "../../../kernels/runtime/wasm/build.ts";
import { inlineParts } from "../../../tools/package/inline.ts";
import { joinModules } from "../../../tools/package/one-file.ts";

const root = resolve(import.meta.dirname, "../../..");

export default async function setup(): Promise<void> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  buildWasm();
  await inlineParts(root);
  await joinModules(join(root, "dist"));
}
