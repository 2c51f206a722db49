/** The package as npm packs it: its files, its size, and projects that are compiled and run with it. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notices, noticesFile } from "../../tools/package/notices.ts";
import { packed } from "../helpers/environment/packed.ts";
import packageJson from "../../package.json" with { type: "json" };

const root = resolve(import.meta.dirname, "../..");
const modules = join(root, "node_modules");
let work: string;
/** The unpacked package, where a project finds it. */
let installed: string;
let paths: readonly string[];
let size: number;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "fun-asr-pack-"));
  const made = await packed();
  ({ paths, size } = made);
  installed = join(work, "project/node_modules/fun-asr");
  cpSync(made.folder, installed, { recursive: true });
  writeFileSync(join(work, "project/package.json"), JSON.stringify({ name: "project", type: "module" }));
}, 240_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("the files", () => {
  it("are programs, declarations, kernels, the demo, schemas and texts, and nothing else", () => {
    const known = [
      /^dist\/(?:src|kernels|converters)\/.*\.(?:js|d\.ts|mjs)$/u,
      /^dist\/models\/registry\.json$/u,
      /^models\/demo\/[\w.-]+\.(?:gguf|md)$/u,
      /^fixtures\/audio\/(?:demo\/)?[\w-]+\.(?:wav|json)$/u,
      /^schemas\/[\w-]+\.json$/u,
      /^(?:package\.json|README\.md|LICENSE|THIRD-PARTY-NOTICES\.md)$/u,
    ];
    expect(paths.filter((path) => !known.some((pattern) => pattern.test(path)))).toEqual([]);
    for (const name of ["LICENSE", noticesFile, "models/demo/fun-asr-demo-q8_0.gguf"])
      expect(paths).toContain(name);
    const kernels = readFileSync(join(installed, "dist/kernels/runtime/wasm/hosts/built-files.js"), "utf8");
    const modules = [...kernels.matchAll(/"([\w-]+\.wasm)": "AGFzb/gu)].map(([, name]) => name);
    expect(modules).toEqual(["kernels.wasm", "kernels-paired.wasm", "kernels-plain.wasm", "quantizers.wasm"]);
  });

  it("take at most 13 MB", () => {
    expect(size).toBeLessThanOrEqual(13_000_000);
  });

  it("have all modules that they import, and no source maps", () => {
    for (const path of paths.filter((path) => /\.(?:js|d\.ts)$/u.test(path))) {
      const text = readFileSync(join(installed, path), "utf8");
      expect(text, path).not.toContain("sourceMappingURL");
      for (const [, name = ""] of text.matchAll(
        /^(?:import|export)\b[^"]*?from "(\.[^"]+)"|import\("(\.[^"]+)"\)/gmu,
      )) {
        if (name === "") continue;
        const target = join(dirname(join(installed, path)), name);
        const file = path.endsWith(".d.ts") ? target.replace(/\.(?:ts|js)$/u, ".d.ts") : target;
        expect(existsSync(file), `${path}: ${name}`).toBe(true);
      }
    }
  });

  it("are found by their names", () => {
    symlinkSync(modules, join(installed, "node_modules"));
    const names = Object.keys(packageJson.exports).map((name) =>
      name.replace("*", "transcript-v2.json").replace(/^\./u, "fun-asr"),
    );
    const script = `
      for (const name of ${JSON.stringify(names)}) {
        const options = name.endsWith(".json") ? { with: { type: "json" } } : {};
        const module = await import(name, options);
        console.log(name === "fun-asr/worker" || Object.keys(module).length > 0);
      }`;
    const run = { cwd: join(work, "project"), encoding: "utf8" } as const;
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], run);
    expect(printed.trim().split("\n")).toEqual(names.map(() => "true"));
    const cli = join(installed, packageJson.bin["fun-asr"]);
    const clip = join(installed, "fixtures/audio/demo/en-travel.wav");
    expect(execFileSync(process.execPath, [cli, clip, "-np"], run).trim().length).toBeGreaterThan(10);
    rmSync(join(installed, "node_modules"));
  });
});

const program = `
  import { load, loadInWorker, detectSpeech, Engine, FunAsrError, Hotwords } from "fun-asr";
  import type { Segment, Transcription } from "fun-asr";
  import { capture, diff, lens, openArchive } from "fun-asr/lab";
  import type { Hook } from "fun-asr/lab";
  import { convert } from "fun-asr/convert";
  import { createAsrEngine } from "fun-asr/compat";
  export const hook: Hook = { wants: () => true, onTensor: (_, value) => void value.shape };
  export const all = [detectSpeech, Engine, FunAsrError, Hotwords, capture, diff, lens, openArchive, convert, createAsrEngine];
  export async function main(): Promise<string> {
    const model = await load("m.gguf");
    const result: Transcription = await model.transcribe("a.wav", { timestamps: "word" });
    for await (const segment of model.transcribeStream("a.wav")) { const one: Segment = segment; void one; }
    const worker = await loadInWorker("m.gguf");
    await worker.dispose();
    model.dispose();
    return result.text;
  }
  // @ts-expect-error: no such option
  export const wrong = load("m.gguf", { thread: 1 });
`;

describe.each(["typescript", "typescript-6", "typescript-5"])("a project with %s", (compiler) => {
  it.each([
    [
      "a page's types and strict options",
      { lib: ["esnext", "dom"], types: [], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ],
    [
      "Node's types and a bundler",
      { lib: ["es2022"], types: ["node"], module: "esnext", moduleResolution: "bundler" },
    ],
  ])("compiles with %s, libraries checked", (_, options) => {
    const folder = join(work, "project");
    const types = join(folder, "node_modules/@types");
    rmSync(types, { recursive: true, force: true });
    if (options.types.length > 0) {
      mkdirSync(types, { recursive: true });
      cpSync(join(modules, "@types/node"), join(types, "node"), { recursive: true });
      cpSync(join(modules, "undici-types"), join(folder, "node_modules/undici-types"), { recursive: true });
    }
    const compilerOptions = {
      target: "es2022",
      module: "nodenext",
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      ...options,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    writeFileSync(join(folder, "program.ts"), program);
    const compile = (): string =>
      execFileSync(process.execPath, [join(modules, compiler, "bin/tsc"), "-p", folder], {
        encoding: "utf8",
      });
    try {
      compile();
    } catch (error) {
      expect((error as { readonly stdout: string }).stdout).toBe("");
    }
  });
});

interface Component {
  readonly name: string;
  readonly licenses?: readonly object[];
  readonly properties?: readonly { readonly name: string }[];
}

describe("licenses", () => {
  it("are listed as `npm run notices` writes them", () => {
    const text = readFileSync(join(root, noticesFile), "utf8");
    expect(text).toBe(notices(root));
    for (const [name, version] of Object.entries(packageJson.dependencies))
      expect(text).toContain(`| ${name} | ${version} |`);
    expect(text).toMatch(/\| codec-parser \| [\d.]+ \| LGPL-3\.0-or-later \|/u);
  });

  it("are in the bill of materials, for every package that is installed", () => {
    const words = packageJson.scripts.sbom.split(" ");
    const made = JSON.parse(execFileSync(words[0]!, words.slice(1), { cwd: root, encoding: "utf8" })) as {
      readonly bomFormat: string;
      readonly components: readonly Component[];
    };
    expect(made.bomFormat).toBe("CycloneDX");
    const listed = [...notices(root).matchAll(/^\| (\S+) \| \d/gmu)].map(([, name]) => name!);
    // npm leaves out yaml with --omit dev, since a tool of development may use it as well: all are listed, and marked
    const shipped = made.components.filter(
      ({ properties = [] }) => !properties.some(({ name }) => name === "cdx:npm:package:development"),
    );
    expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(listed));
    for (const { name, licenses } of shipped) {
      if (listed.includes(name)) expect(licenses, name).toHaveLength(1);
    }
  });
});
