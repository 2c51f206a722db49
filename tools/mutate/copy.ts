/** A copy of the project outside of the working tree, in which mutants are placed and tests run. */
import { execFileSync, fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript-5";
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
  #judge: ChildProcess | undefined;
  /** Changed since the last question. */
  readonly #changed = new Set<string>();

  constructor(project: string) {
    this.root = mkdtempSync(join(tmpdir(), "mutate-"));
    cpSync(project, this.root, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !["node_modules", ".git", "dist"].includes(basename(path)),
    });
    symlinkSync(join(project, "node_modules"), join(this.root, "node_modules"));
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
    const judge = (this.#judge ??= await this.#start());
    const question: Question = { changed: [...this.#changed], test };
    this.#changed.clear();
    const ending = new AbortController();
    const verdict = await Promise.race([
      new Promise<Verdict>((fulfil) => {
        judge.once("message", (message) => fulfil(message as Verdict));
        judge.once("exit", () => fulfil({ passed: false, failure: "the process ended" }));
        judge.send(question);
      }),
      sleep(limit * 1000, { passed: false, failure: `no end in ${limit} s` }, ending),
    ]);
    ending.abort();
    judge.removeAllListeners("message").removeAllListeners("exit");
    if (/^no end|^the process ended/u.test(verdict.failure)) this.#kill();
    return verdict;
  }

  async #start(): Promise<ChildProcess> {
    const judge = fork(program, [this.root], {
      cwd: this.root,
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    await new Promise((fulfil, reject) => {
      judge.once("message", fulfil);
      judge.once("exit", () => reject(new Error(`Vitest does not start in ${this.root}`)));
    });
    judge.removeAllListeners("exit");
    return judge;
  }

  /** Ends the judge with the processes that it started. */
  #kill(): void {
    const pid = this.#judge?.pid;
    this.#judge = undefined;
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // it has ended
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await sleep(200); // its last processes may still write
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
