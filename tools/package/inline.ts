/**
 * Puts into the compiled package what it would otherwise load from other places: of some dependencies the parts that are
 * used, and the WebAssembly modules. For each there is a module of ours which exports just that, and its file in `dist` is
 * replaced here. So the package starts fast, and what it computes with is in every bundle. Part of `npm run build`.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import type { Plugin } from "rolldown";

const wasm = ["kernels.wasm", "kernels-paired.wasm", "kernels-plain.wasm", "quantizers.wasm"];

/** The packages that parts are taken of, sorted; the build fails where the bundles have others. */
export const inlined = [
  "@huggingface/gguf",
  "@huggingface/tasks",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-core",
  "long",
  "pinyin-pro",
  "re2js",
  "seedrandom",
] as const;

/**
 * TensorFlow.js without its adapters to Node and to pages: they import modules of Node, and register themselves in the
 * environment that all copies of TensorFlow.js in the process share, which then complain. What it needs of them is here.
 */
const neutral: Plugin = {
  name: "neutral",
  load: (id) => (/tfjs-core\/dist\/platforms\/platform_\w+\.js$/u.test(id) ? "export {};" : null),
  transform(code, id) {
    if (!id.endsWith("tfjs-core/dist/util.js")) return null;
    const platform = `const neutralPlatform = {
      now: () => performance.now(),
      encode: (text) => new TextEncoder().encode(text),
      decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
    };`;
    return `${platform}\n${code.replaceAll("env().platform.", "(env().platform ?? neutralPlatform).")}`;
  },
};

/** Modules that stand for others, by the name that they are imported by. */
function standIns(modules: Readonly<Record<string, string>>): Plugin {
  return {
    name: "stand-ins",
    resolveId: (name) => (name in modules ? `\0${name}` : null),
    load: (id) => modules[id.slice(1)] ?? null,
  };
}

/** A module with another source: `require` within a function reads the library when that is called. */
function whenCalled(file: string, source: string): Plugin {
  return { name: "when called", load: (id) => (id.replaceAll("\\", "/").endsWith(file) ? source : null) };
}

/** For packages that do not declare that importing their modules has no effect. */
const pure: Plugin = {
  name: "pure",
  transform: (_, id) => (id.includes("@huggingface") ? { moduleSideEffects: false } : null),
};

/** The files to replace below `dist`, without ".js", and the modules of the same names that say what is in them. */
const bundles = [
  {
    files: ["kernels/tensorflow-js", "kernels/tensorflow-js-cpu"],
    plugins: [neutral],
    resolve: { mainFields: ["module", "main"] },
  },
  {
    files: ["src/checkpoints/gguf/gguf-library"],
    plugins: [pure],
    resolve: { mainFields: ["module"], aliasFields: [["browser"]], conditionNames: ["import"] },
  },
  {
    files: ["src/text/hotwords/pinyin"],
    // in a function, since reading its dictionary takes longer than loading everything else
    plugins: [
      standIns({
        "pinyin-pro": "export const pinyin = (...given) => require('pinyin-pro/cjs').pinyin(...given);",
      }),
    ],
    resolve: { alias: { "pinyin-pro/cjs": "pinyin-pro/dist/index.js" } },
  },
  {
    files: ["src/text/re2"],
    plugins: [whenCalled("src/text/re2.ts", "export const re2 = () => require('re2js').RE2JS;")],
    resolve: { conditionNames: ["require"] },
  },
];

/** Replaces the files in `dist`, by the sources in `root`. Repeated calls write the same. */
export async function inlineParts(root: string, dist = join(root, "dist")): Promise<void> {
  const packages = new Set<string>();
  for (const { files, plugins, resolve } of bundles) {
    const input = Object.fromEntries(files.map((file) => [file, join(root, `${file}.ts`)]));
    const bundle = await rolldown({ input, plugins, resolve, platform: "neutral", cwd: root });
    const { output } = await bundle.generate({
      chunkFileNames: "kernels/tensorflow-js-shared.js",
      codeSplitting: files.length > 1,
      comments: { legal: true, annotation: false, jsdoc: false },
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    });
    await bundle.close();
    for (const part of output) {
      if (part.type !== "chunk") continue;
      for (const name of packagesOf(part.moduleIds)) packages.add(name);
      replace(join(dist, part.fileName), part.code);
    }
  }
  const found = [...packages].sort().join(", ");
  if (found !== inlined.join(", ")) throw new Error(`dist has parts of ${found}, and not of what is listed`);
  replace(
    join(dist, "kernels/runtime/wasm/hosts/built-files.js"),
    builtFiles(join(dist, "kernels/runtime/wasm")),
  );
}

/** The packages of the modules with these ids. */
function packagesOf(ids: readonly string[]): Set<string> {
  const names = ids.map((id) =>
    /.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/u.exec(id)?.[1]?.replaceAll("\\", "/"),
  );
  return new Set(names.filter((name) => name !== undefined));
}

/** The module with the files of `folder`. */
function builtFiles(folder: string): string {
  const base64 = (file: string): string => readFileSync(join(folder, file)).toString("base64");
  return `const modules = {
${wasm.map((file) => `  "${file}": "${base64(file)}",`).join("\n")}
};
export const moduleBytes = (file) =>
  Object.hasOwn(modules, file) ? Uint8Array.from(Buffer.from(modules[file], "base64")) : undefined;
export const threadProgram = new URL("data:text/javascript;base64,${base64("hosts/node-thread.mjs")}");
`;
}

/** In one step, since programs may be reading the file. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await inlineParts(resolve(import.meta.dirname, "../../.."));
}
