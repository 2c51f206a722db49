/** A built checkout: runs its command line in child processes, and knows which flags its commands have. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { spelled } from "./flags.ts";
import type { Argument } from "./flags.ts";

export interface Outcome {
  /** The exit code, or the signal that ended the process. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export class Checkout {
  /** Absolute. */
  readonly folder: string;
  readonly #main: string;
  /** Where the commands run: relative output paths, and so the texts that contain them, are the same for both. */
  readonly #cwd: string;
  readonly #signal: AbortSignal;
  readonly #helps = new Map<string, Promise<string>>();

  constructor(folder: string, cwd: string, signal: AbortSignal) {
    this.folder = resolve(folder);
    this.#main = mainOf(folder);
    this.#cwd = cwd;
    this.#signal = signal;
  }

  /** Runs a command, with each flag as this checkout spells it. */
  async run(command: string, argv: readonly Argument[]): Promise<Outcome> {
    const depends = argv.some((word) => typeof word !== "string");
    return this.#spawn([command, ...spelled(argv, depends ? await this.#help(command) : "")]);
  }

  #help(command: string): Promise<string> {
    const known = this.#helps.get(command);
    if (known !== undefined) return known;
    const asked = this.#spawn([command, "--help"]).then(({ stdout }) => stdout);
    this.#helps.set(command, asked);
    return asked;
  }

  #spawn(argv: readonly string[]): Promise<Outcome> {
    const { FUN_ASR_BACKEND: _, ...env } = process.env;
    return new Promise((fulfil, reject) => {
      const child = spawn(process.execPath, [this.#main, ...argv], {
        cwd: this.#cwd,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        signal: this.#signal,
        killSignal: "SIGKILL",
      });
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.on("error", reject);
      child.on("close", (code, killed) =>
        fulfil({
          exit: code ?? killed ?? "unknown",
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        }),
      );
    });
  }
}

/** The executable of a built checkout. */
function mainOf(folder: string): string {
  return resolve(folder, "dist/src/cli/main.js");
}

/** Whether the checkout is built. */
export function isBuilt(folder: string): boolean {
  return existsSync(mainOf(folder)) && existsSync(join(folder, "fixtures"));
}
