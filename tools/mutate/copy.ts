/** A copy of the project outside of the working tree, in which mutants are placed and tests run. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-5";
import { Child } from "../child/child.ts";
import { isAssembled } from "./related.ts";
import type { Question, Verdict } from "./judge.ts";

const wasm = "dist/kernels/runtime/wasm";
const modules = ["kernels.wasm", "kernels-paired.wasm", "kernels-plain.wasm", "quantizers.wasm"].map(
  (name) => `${wasm}/${name}`,
);
const here = dirname(fileURLToPath(import.meta.url));
/** Compiled, also where this file is not: Node runs it. */
const program = join(here, here.includes(`${sep}dist${sep}`) ? "." : "../../dist/tools/mutate", "judge.js");

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

export class Copy implements AsyncDisposable {
  readonly root: string;
  /** What {@link restore} puts back. */
  readonly #originals = new Map<string, Uint8Array>();
  readonly #judge: Child<Question, Verdict>;
  /** Changed since the last question. */
  readonly #changed = new Set<string>();

  constructor(project: string) {
    this.root = mkdtempSync(join(tmpdir(), "mutate-"));
    this.#judge = new Child({ program, argv: [this.root], heap: 4096 });
    process.on("exit", this.#remove);
    cpSync(project, this.root, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !["node_modules", ".git", "dist"].includes(basename(path)),
    });
    symlinkSync(join(project, "node_modules"), join(this.root, "node_modules"));
    for (const path of modules.filter((path) => existsSync(join(project, path))))
      // built again where they are out of date
      cpSync(join(project, path), join(this.root, path), { preserveTimestamps: true });
    this.#build();
    if (!existsSync(join(project, ".git"))) return;
    for (const argv of [
      ["init", "-q"],
      ["add", "-A"],
    ])
      execFileSync("git", argv, { cwd: this.root });
  }

  /** Compiles, and leaves each module its own file, in which a mutant can be placed: the package's modules are joined. */
  #build(): void {
    const run = (...argv: string[]): void => {
      execFileSync(process.execPath, argv, { cwd: this.root, stdio: "ignore" });
    };
    if (existsSync(join(this.root, "tsconfig.build.json")))
      run(join(this.root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json");
    if (existsSync(join(this.root, wasm, "build.js"))) run(join(wasm, "build.js"));
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }

  /** Writes a source and what is compiled from it. False where it does not compile. */
  place(file: string, source: string): boolean {
    const compiled = join("dist", file.replace(/\.ts$/u, ".js"));
    const assembles = isAssembled(file);
    for (const path of [file, compiled, ...(assembles ? modules : [])]) {
      if (existsSync(join(this.root, path)) && !this.#originals.has(path))
        this.#originals.set(path, readFileSync(join(this.root, path)));
    }
    this.#changed.add(file).add(compiled);
    writeFileSync(join(this.root, file), source);
    if (this.#originals.has(compiled) && !this.#compile(file, source, compiled)) return false;
    return !assembles || this.#assemble();
  }

  /** Puts back what {@link place} replaced. */
  restore(): void {
    for (const [path, bytes] of this.#originals) {
      this.#changed.add(path);
      writeFileSync(join(this.root, path), bytes);
    }
    this.#originals.clear();
  }

  #compile(file: string, source: string, compiled: string): boolean {
    if (file.endsWith(".mjs")) {
      writeFileSync(join(this.root, compiled), source);
      return true;
    }
    const output = ts.transpileModule(source, { compilerOptions, fileName: file, reportDiagnostics: true });
    writeFileSync(join(this.root, compiled), output.outputText);
    return (output.diagnostics ?? []).length === 0;
  }

  #assemble(): boolean {
    const argv = [join(wasm, "build.js")];
    try {
      execFileSync(process.execPath, argv, { cwd: this.root, stdio: "ignore", timeout: 300_000 });
      return true;
    } catch {
      return false;
    }
  }

  /** Runs a test file. What takes longer than the limit, in seconds, fails. */
  async run(test: string, limit: number): Promise<Verdict> {
    const question: Question = { changed: [...this.#changed], test };
    this.#changed.clear();
    let end: number | undefined;
    const verdict = await this.#judge.ask(question, () => {
      end ??= performance.now() + limit * 1000; // it has been started
      return performance.now() > end ? `no end in ${limit} s` : undefined;
    });
    return "lost" in verdict ? { passed: false, failure: verdict.lost } : verdict;
  }

  readonly #remove = (): void => rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#judge[Symbol.asyncDispose]();
    process.off("exit", this.#remove);
    this.#remove();
  }
}
