/** Runs once before all tests: compiles the WebAssembly kernels if their sources have changed. */
import { buildWasm } from "../../../kernels/runtime/wasm/build.ts";

export default function setup(): void {
  buildWasm();
}
