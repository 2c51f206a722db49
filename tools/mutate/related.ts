/** Which tests concern a source file, the nearest first. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** Paths in literals: imports, also lazy ones and those of types, threads that are started, and compiled files. */
const paths = /["'`](?:(\.{1,2}\/[^"'`\s]+)|[^"'`\s]*?\b(dist\/[^"'`\s]+\.js))["'`]/gu;

/** Sources of the WebAssembly modules, and the files that load these. */
const modules: readonly (readonly [sources: RegExp, loader: string])[] = [
  [/^kernels\/formats\/assembly\//u, "kernels/formats/fast.ts"],
  [
    /^kernels\/runtime\/wasm\/(?:assembly|structs|generate|layout)/u,
    "kernels/runtime/wasm/compile-kernels.ts",
  ],
];

/** Whether a file is compiled into a WebAssembly module. */
export const isAssembled = (file: string): boolean => modules.some(([sources]) => sources.test(file));

/** All source files in folders of a project, as paths from its root with forward slashes. */
export function sourcesIn(root: string, folders: readonly string[]): string[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /(?<!\.d)\.m?ts$|\.mjs$/u.test(entry.name))
        .map((entry) =>
          posix.join(entry.parentPath.slice(root.length + 1).replaceAll("\\", "/"), entry.name),
        ),
    )
    .toSorted();
}

/** Names and words of texts. */
const wordsOf = (text: string): Set<string> => new Set(text.match(/[A-Za-z_]\w{3,}/gu));

export class Relation {
  /** Files by what they refer to. */
  readonly #users = new Map<string, Set<string>>();
  /** The words of each test file and of its path. */
  readonly #words = new Map<string, ReadonlySet<string>>();

  constructor(root: string, files: readonly string[]) {
    const known = new Set(files);
    for (const file of files) {
      const text = readFileSync(join(root, file), "utf8");
      if (file.endsWith(".test.ts")) this.#words.set(file, wordsOf(`${file} ${text}`));
      for (const [, relative, compiled] of text.matchAll(paths)) {
        const target = relative === undefined ? compiled! : posix.join(posix.dirname(file), relative);
        const source = target.replace(/^dist\//u, "").replace(/(?<=\.m?)js$/u, "ts");
        const used = [source, target.replace(/^dist\//u, "")].find((name) => known.has(name));
        if (used === undefined || used === file) continue;
        this.#use(used, file);
      }
      for (const [sources, loader] of modules) if (sources.test(file)) this.#use(file, loader);
    }
  }

  #use(used: string, user: string): void {
    const users = this.#users.get(used) ?? new Set();
    this.#users.set(used, users.add(user));
  }

  /**
   * Test files that use a file, through others or directly, with their distance: the number of references between, less
   * the folders that the test's place has in common with the file's, less what it has in common with the words around
   * the mutant, of which rare ones count most.
   */
  testsOf(file: string, around = ""): ReadonlyMap<string, number> {
    const words = [...wordsOf(around)].map((word) => {
      const frequency = [...this.#words.values()].filter((others) => others.has(word)).length;
      return { word, weight: Math.log((this.#words.size + 1) / (frequency + 1)) };
    });
    const steps = new Map([[file, 0]]);
    for (const [at, step] of steps)
      for (const user of this.#users.get(at) ?? []) if (!steps.has(user)) steps.set(user, step + 1);
    const own = file.replace(/^src\//u, "");
    const found = new Map<string, number>();
    for (const [path, step] of steps) {
      if (!path.endsWith(".test.ts")) continue;
      const mirrored = path.replace(/^test\//u, "");
      const exact = mirrored === own.replace(/\.m?[jt]s$/u, ".test.ts");
      const known = this.#words.get(path);
      let alike = 0;
      for (const { word, weight } of words) if (known?.has(word)) alike += weight;
      found.set(path, exact ? -Infinity : step - common(dirname(own), dirname(mirrored)) - alike / 2);
    }
    return found;
  }
}

function common(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  const end = left.findIndex((part, i) => part !== right[i]);
  return end < 0 ? left.length : end;
}
