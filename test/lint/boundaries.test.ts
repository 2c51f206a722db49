/** The checks of `npm run check` find what they forbid: files with one fault each, in a folder with the project's rules. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const tool = (name: string): string => join(root, "node_modules/.bin", name);

/** What is wrong, the file, its text, and the rule that must refuse it. */
const lintFaults: readonly (readonly [string, string, string, string])[] = [
  ["a module of Node", "src/audio/node.ts", 'import "node:fs";', "no-nodejs-modules"],
  ["the same without its prefix", "kernels/formats/fs.ts", 'export * from "fs";', "no-nodejs-modules"],
  ["Buffer", "src/text/buffer.ts", "export const bytes = Buffer.alloc(1);", "no-restricted-globals"],
  ["process", "src/vad/process.ts", "export const { env } = process;", "no-restricted-globals"],
  ["setImmediate", "src/nn/turn.ts", "setImmediate(() => {});", "no-restricted-globals"],
  ["the page", "src/frontend/page.ts", "export const { title } = document;", "no-restricted-globals"],
  ["an adapter", "src/audio/adapter.ts", 'export * from "../adapters/node/x.ts";', "no-restricted-imports"],
  [
    "an adapter, deeper down",
    "src/text/a/adapter.ts",
    'export * from "../../adapters/node/x.ts";',
    "no-restricted-imports",
  ],
  [
    "the comparison of runs",
    "src/transcriber/up.ts",
    'export * from "../diff/x.ts";',
    "no-restricted-imports",
  ],
  ["the entry point", "src/longform/entry.ts", 'export * from "../index.ts";', "no-restricted-imports"],
  ["TensorFlow", "src/decoding/tensor.ts", 'export * from "@tensorflow/tfjs-core";', "no-restricted-imports"],
  ["a cycle", "src/platform/one.ts", 'export * from "./two.ts";', "no-cycle"],
  [
    "a cycle of types",
    "src/platform/two.ts",
    'import type { One } from "./one.ts";\nexport type Two = One;',
    "no-cycle",
  ],
];

const typeFaults: readonly (readonly [string, string, string])[] = [
  ["a module of Node", "src/audio/node.ts", 'export { readFile } from "node:fs/promises";'],
  ["Buffer", "src/text/buffer.ts", "export const bytes = Buffer.alloc(1);"],
  ["process", "src/vad/process.ts", 'export const home = process.env["HOME"];'],
  ["setImmediate", "src/platform/turn.ts", "setImmediate(() => {});"],
  ["the page", "src/frontend/page.ts", "export const title = document.title;"],
];

async function plant(
  folder: string,
  files: readonly (readonly [path: string, text: string])[],
): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-test-"));
  folders.push(folder);
  return folder;
}

describe("oxlint", () => {
  let problems: readonly string[];
  beforeAll(async () => {
    const folder = await temporaryFolder();
    await copyFile(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    await plant(folder, [
      ...lintFaults.map(([, path, text]) => [path, text] as const),
      ["src/audio/fine.ts", "export const half = (rate: number): number => rate / 2;"],
      ["src/adapters/node/x.ts", 'export { open } from "node:fs/promises";'],
      ["src/diff/x.ts", "export const x = 1;"],
      ["src/index.ts", "export const y = 1;"],
    ]);
    const { stdout } = spawnSync(tool("oxlint"), ["--format", "unix"], { cwd: folder, encoding: "utf8" });
    problems = stdout.replaceAll("\\", "/").split("\n");
  });

  it.each(lintFaults)("refuses %s", (_, path, __, rule) => {
    expect(problems.filter((line) => line.includes(`${path}:`) && line.includes(`(${rule})`))).not.toEqual(
      [],
    );
  });

  it.each(["src/audio/fine.ts", "src/adapters/node/x.ts"])("accepts %s", (path) => {
    expect(problems.filter((line) => line.includes(`${path}:`))).toEqual([]);
  });
});

describe("the core's tsconfig", () => {
  let problems: readonly string[];
  beforeAll(async () => {
    const folder = await temporaryFolder();
    for (const name of ["tsconfig.json", "tsconfig.core.json", "core-globals.d.ts", "package.json"])
      await copyFile(join(root, name), join(folder, name));
    // What the real check could see, it must not see.
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    await plant(folder, [
      ...typeFaults.map(([, path, text]) => [path, text] as const),
      [
        "src/audio/fine.ts",
        "export const url = new URL(import.meta.url);\nexport const at = performance.now();",
      ],
    ]);
    const flags = ["-p", "tsconfig.core.json", "--pretty", "false"];
    problems = spawnSync(tool("tsc"), flags, { cwd: folder, encoding: "utf8" }).stdout.split("\n");
  });

  it.each(typeFaults)("refuses %s", (_, path) => {
    expect(problems.filter((line) => line.startsWith(`${path}(`))).toHaveLength(1);
  });

  it("has what Node and browsers share", () => {
    expect(problems.filter((line) => line.includes("fine.ts"))).toEqual([]);
  });
});
