/**
 * What an import of the package loads: the compiled modules that a program waits for before it has called anything. Models,
 * kernels, readers of files and TensorFlow.js come with the call that needs them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const dist = resolve(import.meta.dirname, "../../dist");

/** The modules that a file imports statically, and the names of packages among them. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;"]*?from\s*"([^"]+)"|^import\s*"([^"]+)"/gmu)].map(
    ([, from, alone]) => from ?? alone!,
  );
}

/** All files below `dist` that are loaded with one of them, and all packages. */
function loadedWith(entry: string): { readonly files: string[]; readonly packages: string[] } {
  const files = new Set([join(dist, entry)]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const name of importsOf(file)) {
      if (name.startsWith(".")) files.add(join(dirname(file), name));
      else if (!name.startsWith("node:") && name !== "worker_threads") packages.add(name);
    }
  }
  return { files: [...files].map((file) => relative(dist, file)).sort(), packages: [...packages].sort() };
}

const heavy =
  /^(?:converters|kernels\/(?:formats|ops|runtime|tensorflow)|src\/(?:activations|architectures|audio|checkpoints|cli|configs|containers|decoding|diff|frontend|hub|installed|models|registry|report|setup|verify))/u;

describe("an import of fun-asr", () => {
  const { files, packages } = loadedWith("src/node.js");

  it("loads no package", () => expect(packages).toEqual([]));

  it("loads the options, the engine's queue, the hotwords' lists and what starts the rest, and no more", () => {
    expect(files.filter((file) => heavy.test(file))).toEqual([]);
    expect(files.length).toBeGreaterThan(20);
    expect(files.length).toBeLessThanOrEqual(64);
  });

  it("is seen by this test: the command line has more", () => {
    const more = loadedWith("src/cli/program.js");
    expect(more.files.filter((file) => heavy.test(file)).length).toBeGreaterThan(5);
  });
});

describe("load", () => {
  it("waits for few modules more than an import does: most are in one file", () => {
    const imported = loadedWith("src/node.js").files;
    const { files } = loadedWith("src/transcriber/load-model.js");
    expect(files).toContain("src/loaded-with-a-model.js");
    expect(files.filter((file) => !imported.includes(file)).length).toBeLessThanOrEqual(8);
    const joined = readFileSync(join(dist, "src/loaded-with-a-model.js"), "utf8");
    expect(joined.length).toBeGreaterThan(500_000);
  });

  it("shares each module with who imports its own file", async () => {
    const file = (name: string): string => pathToFileURL(join(dist, name)).href;
    const own = (await import(file("src/transcriber/load-model.js"))) as { readonly loadModel: unknown };
    const joined = (await import(file("src/loaded-with-a-model.js"))) as object;
    expect(Object.values(joined).includes(own.loadModel)).toBe(true);
  });
});

describe("the compiled library", () => {
  it("contains what it uses of TensorFlow.js, the dictionary and the second reader, and imports none of them", () => {
    const names = ["src", "kernels", "converters"].flatMap((room) =>
      readdirSync(join(dist, room), { recursive: true, encoding: "utf8" }).map((name) => join(room, name)),
    );
    const modules = names.filter((name) => name.endsWith(".js") && existsSync(join(dist, name)));
    expect(modules.length).toBeGreaterThan(500);
    const outside = /(?:from|import\(|require\()\s*["'](?:@tensorflow|@huggingface|pinyin-pro)/u;
    expect(modules.filter((name) => outside.test(readFileSync(join(dist, name), "utf8")))).toEqual([]);
  });
});
