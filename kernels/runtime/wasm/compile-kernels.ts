/** Chooses the module that fits the engine, compiles it, and makes instances. */
import { RuntimeError } from "../../../src/errors.ts";
import type { KernelExports } from "./exports.ts";
import type { WasmHost } from "./hosts/host.ts";
import { agree } from "./self-test.ts";
import { kernelNames } from "./structs/index.ts";

interface CompiledKernels {
  readonly module: WebAssembly.Module;
  /** True if vector operations are paired, and the self-test found the same bytes. */
  readonly revectorized: boolean;
}

/** Throws `backend_unavailable` where the package was not built. */
export function compileKernels(host: WasmHost, revectorize: boolean, shared: boolean): CompiledKernels {
  host.prepare();
  const bytesOf = (file: string): Uint8Array<ArrayBuffer> | undefined => {
    const bytes = host.kernelBytes(file);
    return bytes === undefined || shared ? bytes : unshared(bytes);
  };
  const relaxed = bytesOf("kernels.wasm");
  const hasRelaxed = relaxed !== undefined && WebAssembly.validate(relaxed);
  const bytes = hasRelaxed ? relaxed : bytesOf("kernels-plain.wasm");
  if (bytes === undefined) {
    throw new RuntimeError("backend_unavailable", "wasm", "the kernels have not been compiled", {
      remedy: "Run npm run build",
    });
  }
  const paired =
    revectorize && hasRelaxed && host.canRevectorize() ? bytesOf("kernels-paired.wasm") : undefined;
  if (paired !== undefined) {
    const faster = host.compile(paired, "paired");
    if (agree([host.compile(asAnother(bytes), "comparison"), faster], instantiate, shared))
      return { module: faster, revectorized: true };
  }
  return { module: host.compile(bytes, "usual"), revectorized: false };
}

/** An instance on `memory`, with the pool's function table filled. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  const table = new WebAssembly.Table({ initial: kernelNames.length + 1, element: "anyfunc" });
  const abort = (): never => {
    throw new RuntimeError("internal", "wasm", "a kernel aborted");
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table, abort } });
  for (const [i, name] of kernelNames.entries()) table.set(i + 1, exports[name]);
  return exports as unknown as KernelExports;
}

/** The same module with a custom section at its end: V8 would otherwise give the compiled module to all who compile these bytes. */
function asAnother(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const [custom, size, nameLength, name] = [0, 2, 1, 0x63];
  const another = new Uint8Array(bytes.length + 4);
  another.set(bytes);
  another.set([custom, size, nameLength, name], bytes.length);
  return another;
}

/** The end of the memory import in a module's bytes: its name, the import kind 2 (memory), and limits of kind 3 (shared). */
const sharedImport = [6, ...Array.from("memory", (letter) => letter.charCodeAt(0)), 2, 3];

/** The same module for unshared memory: the import's limits become kind 1 (with a maximum). Only `run` and `serve` need shared memory. */
function unshared(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const start = copy.findIndex((_, i) => sharedImport.every((byte, j) => copy[i + j] === byte));
  if (start < 0) throw new RuntimeError("internal", "wasm", "a kernel module without shared memory");
  copy[start + sharedImport.length - 1] = 1;
  return copy;
}
