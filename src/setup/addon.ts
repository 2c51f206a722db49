/** The native addon of tfjs-node-gpu: its unchanged sources, compiled against `deps` to the place where the package looks. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageFolder, tfjsNode } from "../../kernels/runtime/tensorflow/hosts/node-home.ts";
import { nodeApiHeaders } from "./pins.ts";
import { output, runs, setupError } from "./shell.ts";

/** Version of Node-API that the loader of the package requests on Node 20, 22 and 24. */
const nodeApi = 8;

/** Installs the package into `home`, without its install script (which downloads TensorFlow 2.9.1). */
export async function installPackage(home: string, signal?: AbortSignal): Promise<void> {
  const dependencies = Object.fromEntries(
    [tfjsNode, nodeApiHeaders].map(({ name, version }) => [name, version]),
  );
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "package.json"), JSON.stringify({ private: true, dependencies }));
  const flags = [
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel=error",
  ];
  const npm = process.env["npm_execpath"];
  const [program, args] =
    npm?.endsWith(".js") === true ? [process.execPath, [npm, ...flags]] : ["npm", flags];
  await output(program, args, { cwd: home, signal });
}

/** The C++ compiler of this machine. Throws `setup_failed` without one. */
export async function findCompiler(): Promise<string> {
  const candidates = [process.env["CXX"], "g++", "clang++", "c++"];
  for (const compiler of candidates) {
    if (compiler !== undefined && (await runs(compiler, ["--version"]))) return compiler;
  }
  throw setupError(
    "C++ compiler",
    "none of g++, clang++ and c++ runs",
    "Install one (Debian: apt install g++), or set CXX to its name",
  );
}

/** Compiles and links the addon of the package in `home`. Throws `setup_failed` with the output of the compiler. */
export async function buildAddon(compiler: string, home: string, signal?: AbortSignal): Promise<void> {
  const folder = packageFolder(home);
  const headers = join(home, "node_modules", nodeApiHeaders.name, "include");
  if (!existsSync(join(headers, "node_api.h"))) throw setupError(headers, "no node_api.h");
  const target = join(folder, "lib", `napi-v${nodeApi}`);
  await mkdir(target, { recursive: true });
  await output(
    compiler,
    [
      "-std=c++17",
      "-O2",
      "-fPIC",
      "-shared",
      "-w",
      `-DNAPI_VERSION=${nodeApi}`,
      "-DNODE_GYP_MODULE_NAME=tfjs_binding",
      `-I${headers}`,
      `-I${join(folder, "deps/include")}`,
      join(folder, "binding/tfjs_backend.cc"),
      join(folder, "binding/tfjs_binding.cc"),
      "-o",
      join(target, "tfjs_binding.node"),
      `-L${join(folder, "deps/lib")}`,
      "-ltensorflow",
      "-ltensorflow_framework",
      "-Wl,-rpath,$ORIGIN/../../deps/lib",
    ],
    { signal },
  );
}
