/** Runs once before all tests: compiles the package to `dist`, for tests of threads and processes, and its kernels. */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { buildWasm } from "../../../kernels/runtime/wasm/build.ts";

const root = resolve(import.meta.dirname, "../../..");

export default function setup(): void {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  buildWasm();
}
