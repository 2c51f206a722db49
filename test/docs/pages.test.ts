/** Every code block of the documents runs as a reader would run it, in a folder with the files that the pages name. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, exchangesOf, matches } from "./blocks.ts";

const root = resolve(import.meta.dirname, "../..");
const pages = ["README.md", "ARCHITECTURE.md", "kernels/README.md", "models/demo/README.md"]
  .concat(readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])))
  .map((page) => join(root, page));
const folder = mkdtempSync(join(tmpdir(), "fun-asr-docs-"));
const bin = join(folder, ".bin");
/** The compiler's errors in the TypeScript blocks, if any. */
let problems = "";

beforeAll(() => {
  mkdirSync(bin);
  const program = `#!/bin/sh\nexec "${process.execPath}" "${root}/dist/src/cli/main.js" "$@"\n`;
  writeFileSync(join(bin, "fun-asr"), program, { mode: 0o755 });
  // The folder is the package `fun-asr` itself, so that a block imports it by its name, as a reader does.
  for (const name of ["fixtures", "models", "schemas", "dist", "package.json", "node_modules"])
    symlinkSync(join(root, name), join(folder, name));
  mkdirSync(join(folder, "talks"));
  for (const name of ["en-travel", "zh-weather"])
    copyFileSync(join(root, `fixtures/audio/demo/${name}.wav`), join(folder, `talks/${name}.wav`));
  compile();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scriptOf = (page: string, line: number): string =>
  `${relative(root, page).replaceAll("/", "-")}-${line}`;

/** Compiles all TypeScript blocks, types checked, to `out/` in the folder. */
function compile(): void {
  mkdirSync(join(folder, "blocks"));
  for (const page of pages)
    for (const { language, text, line } of blocksOf(page))
      if (language === "ts")
        writeFileSync(join(folder, "blocks", `${scriptOf(page, line)}.ts`), `${text}\nexport {};\n`);
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    preserveSymlinks: true,
    rootDir: "blocks",
    outDir: "out",
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["blocks"] }));
  const { status, stdout } = shell(`"${process.execPath}" "${root}/node_modules/typescript/bin/tsc" -p .`);
  if (status !== 0) problems = stdout;
}

function shell(command: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-euo", "pipefail", "-c", command], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

function expectScript(text: string): void {
  const { status, stderr } = shell(text);
  expect(status, stderr).toBe(0);
}

/** Each command's output, its exit code aside: what a command reports, it may report by its code too. */
function expectDialog(text: string): void {
  for (const { command, output } of exchangesOf(text)) {
    const { stdout, stderr } = shell(command);
    expect(matches(output, stdout), `${command}\n${stdout}${stderr}`).toBe(true);
  }
}

function expectModule(name: string): void {
  expect(problems.split("\n").filter((line) => line.includes(name))).toEqual([]);
  expectScript(`"${process.execPath}" "out/${name}.js"`);
}

describe.each(pages.map((page) => [relative(root, page), page]))("%s", (_, page) => {
  const blocks = blocksOf(page).map((block) => ({
    ...block,
    first: block.text.split("\n")[0]!.slice(0, 60),
  }));

  it("has blocks of known languages only", () => expect(blocks).toEqual(expect.any(Array)));

  it.each(blocks.filter(({ notRun }) => notRun === undefined))(
    "line $line: $first",
    { timeout: 180_000 },
    ({ language, text, line }) => {
      if (language === "sh") expectScript(text);
      else if (language === "console") expectDialog(text);
      else expectModule(scriptOf(page, line));
    },
  );

  // Counted as skipped, with the reason that the page gives.
  const skipped = blocks.filter(({ notRun }) => notRun !== undefined);
  it.skipIf(true).each(skipped)("line $line: $first (not run: $notRun)", ({ notRun }) =>
    expect(notRun).toBeDefined(),
  );
});
