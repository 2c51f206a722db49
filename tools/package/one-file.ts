/**
 * Puts all modules that `load` waits for into one file: finding, reading and linking hundreds takes longer than running
 * them. Each keeps its own file, which exports from that one, so that it exists once in a process, however it is imported.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

/** The file in `dist`, without ".js". */
const target = "src/loaded-with-a-model";

/** What a call of `load` in Node imports, on the default backend; the rest follows from their imports. */
const roots = [
  "src/transcriber/load-model.js",
  "src/adapters/node/backends.js",
  "kernels/backends/wasm.js",
  "kernels/runtime/wasm/hosts/node.js",
];

/** Rewrites the files in `dist`, once: after the compiler, and after what is inlined in them. */
export async function joinModules(dist: string): Promise<void> {
  if (readFileSync(join(dist, roots[0]!), "utf8").includes(target.slice("src/".length)))
    throw new Error("the modules have been joined before: compile again");
  const before = importsOf(dist, ["src/node.js"]);
  const joined = importsOf(dist, roots).filter((path) => !before.includes(path) && !staysAlone(path));
  const input = Object.fromEntries(
    joined.map((path) => [relative(dist, path).slice(0, -".js".length), path]),
  );
  const bundle = await rolldown({
    input,
    platform: "neutral",
    cwd: dist,
    treeshake: false,
    preserveEntrySignatures: "strict",
    plugins: [
      {
        name: "others",
        resolveId(name, importer) {
          if (importer === undefined) return null;
          if (!name.startsWith(".")) return { id: name, external: true };
          const id = join(dirname(importer), name);
          return joined.includes(id) ? null : { id, external: "relative" };
        },
      },
    ],
  });
  const { output } = await bundle.generate({
    keepNames: true,
    comments: { legal: true, annotation: false, jsdoc: false },
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [{ name: target, test: () => true }] },
  });
  await bundle.close();
  const names = output.map(({ fileName }) => fileName);
  if (new Set(names).size !== joined.length + 1) throw new Error(`not one file: ${names.join(", ")}`);
  for (const part of output) if (part.type === "chunk") replace(join(dist, part.fileName), part.code);
}

/** The paths of these files and of all that they import statically. */
function importsOf(dist: string, files: readonly string[]): string[] {
  const found = new Set(files.map((file) => join(dist, file)));
  for (const path of found) {
    for (const [, name] of readFileSync(path, "utf8").matchAll(
      /^(?:(?:import|export)\b[^;"]*?from|import)\s*"(\.[^"]+)"/gmu,
    )) {
      const file = join(dirname(path), name!);
      if (existsSync(file)) found.add(file);
    }
  }
  return [...found];
}

/** Whether a module keeps its own file: it finds others from its address, or is nothing but the bytes of the kernels. */
function staysAlone(path: string): boolean {
  return path.endsWith("built-files.js") || readFileSync(path, "utf8").includes("import.meta");
}

/** In one step, since programs may be reading the file. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await joinModules(resolve(import.meta.dirname, "../.."));
}
