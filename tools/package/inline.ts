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

/** What TensorFlow.js asks Node's module `util` for. */
const util = `
  const is = (type) => (value) => value instanceof type;
  export const types = {
    isFloat32Array: is(Float32Array),
    isInt32Array: is(Int32Array),
    isUint8Array: is(Uint8Array),
    isUint8ClampedArray: is(Uint8ClampedArray),
  };
  const { TextDecoder, TextEncoder } = globalThis;
  export { TextDecoder, TextEncoder };`;

/** Modules that stand for others, by the name that they are imported by. */
function standIns(modules: Readonly<Record<string, string>>): Plugin {
  return {
    name: "stand-ins",
    resolveId: (name) => (name in modules ? `\0${name}` : null),
    load: (id) => modules[id.slice(1)] ?? null,
  };
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
    plugins: [standIns({ util, "node-fetch": "export default undefined;" })],
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
];

/** Replaces the files in `dist`, by the sources in `root`. Repeated calls write the same. */
export async function inlineParts(root: string, dist = join(root, "dist")): Promise<void> {
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
      if (part.type === "chunk") replace(join(dist, part.fileName), part.code);
    }
  }
  replace(
    join(dist, "kernels/runtime/wasm/hosts/built-files.js"),
    builtFiles(join(dist, "kernels/runtime/wasm")),
  );
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
