/**
 * The folder `deps`, which the addon needs to be built and to run: 14 headers of TensorFlow's C interface, its two
 * libraries under the names that linker and loader use, and NVIDIA's libraries in `deps/nvidia`, which is on
 * TensorFlow's search path (so LD_LIBRARY_PATH is not needed).
 */
import { existsSync, statSync } from "node:fs";
import { copyFile, mkdir, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { cudaWheels, tensorflowWheels } from "./pins.ts";
import type { Variant } from "./pins.ts";
import { setupError } from "./shell.ts";
import { downloadWheel, unpack } from "./wheels.ts";

const headers = [
  ...["c_api", "c_api_macros", "tf_attrtype", "tf_buffer", "tf_datatype", "tf_status", "tf_tensor"].map(
    (name) => `tensorflow/c/${name}.h`,
  ),
  "tensorflow/c/tf_tstring.h",
  "tensorflow/c/eager/c_api.h",
  "tensorflow/core/platform/ctstring.h",
  "tensorflow/core/platform/ctstring_internal.h",
  "tsl/platform/ctstring.h",
  "tsl/platform/ctstring_internal.h",
  "xla/tsl/c/tsl_status.h",
];
const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;

interface Fetching {
  /** The `deps` folder of the package, to be created. */
  readonly deps: string;
  /** Folder for downloaded wheels. */
  readonly scratch: string;
  readonly note: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Downloads the library from the registry of Python packages. */
export async function fetchLibrary(
  variant: Variant,
  { deps, scratch, note, signal }: Fetching,
): Promise<void> {
  const { name, version } = tensorflowWheels[variant];
  note(`fetching ${name} ${version}`);
  const wheel = await downloadWheel(tensorflowWheels[variant], scratch, signal);
  await fromWheel(wheel, deps, signal);
  await rm(wheel);
  for (const part of variant === "cuda" ? cudaWheels : []) {
    note(`fetching ${part.name} ${part.version}`);
    const path = await downloadWheel(part, scratch, signal);
    await unpack(path, deps, (entry) => (isCudaFile(entry) ? entry : undefined), signal);
    await rm(path);
  }
}

/** Takes the library from the user's wheel or folder: an installed `tensorflow` package, or `lib` and `include`. */
export async function takeLibrary(from: string, { deps, signal }: Fetching): Promise<void> {
  const source = resolve(from);
  if (!existsSync(source)) throw setupError(from, "no such file or folder");
  if (!statSync(source).isDirectory()) await fromWheel(source, deps, signal);
  else await fromFolder(source, deps);
}

async function fromWheel(wheel: string, deps: string, signal?: AbortSignal): Promise<void> {
  const places = new Map<string, string>([
    ...headers.map((header) => [`tensorflow/include/${header}`, `include/${header}`] as const),
    ...libraries.map((library) => [`tensorflow/${library}`, `lib/${library}`] as const),
  ]);
  await unpack(wheel, deps, (entry) => places.get(entry), signal);
  await link(wheel, deps);
}

async function fromFolder(folder: string, deps: string): Promise<void> {
  const lib = [folder, join(folder, "lib")].find((place) => existsSync(join(place, libraries[0])));
  if (lib === undefined) throw setupError(folder, `no ${libraries[0]} in this folder or its lib`);
  for (const header of headers) {
    const from = join(folder, "include", header);
    if (!existsSync(from)) continue; // `link` names the missing ones
    await mkdir(dirname(join(deps, "include", header)), { recursive: true });
    await copyFile(from, join(deps, "include", header));
  }
  await mkdir(join(deps, "lib"), { recursive: true });
  for (const library of libraries) await symlink(join(lib, library), join(deps, "lib", library));
  await link(folder, deps);
}

/** Links the other names of the libraries. Throws `setup_failed` with the names of missing files. */
async function link(source: string, deps: string): Promise<void> {
  const missing = [
    ...headers.map((header) => `include/${header}`),
    ...libraries.map((library) => `lib/${library}`),
  ].filter((path) => !existsSync(join(deps, path)));
  if (missing.length > 0) {
    const list = missing.map((path) => basename(path)).join(", ");
    throw setupError(source, `it lacks ${list}`, "Use TensorFlow 2.21.0 for Linux on x86-64");
  }
  const [cc, framework] = libraries;
  for (const [name, target] of [
    ["libtensorflow.so", cc],
    ["libtensorflow_framework.so", framework],
  ] as const) {
    await symlink(target, join(deps, "lib", name));
  }
}

/** Libraries, the PTX compiler and its device functions; no headers and no documentation. */
function isCudaFile(entry: string): boolean {
  return /^nvidia\/.*(\.so(\.\d+)*|\/bin\/ptxas|\.bc)$/u.test(entry);
}
