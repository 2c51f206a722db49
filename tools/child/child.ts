/** A program in a process of its own, which may crash, hang or take too much memory without harm to this one. */
import { fork } from "node:child_process";
import type { ChildProcess, Serializable } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endGroup } from "./end-group.ts";

export interface ChildSettings {
  /** Path of a compiled program that calls `serve`. */
  readonly program: string;
  readonly argv?: readonly string[];
  /** The V8 heap in MiB: a program that needs more crashes. */
  readonly heap: number;
  /** MiB of its part for what is new, which the collector moves when it is full; V8's own by default. */
  readonly semiSpace?: number;
  /** An open file that the program has as descriptor 4. */
  readonly file?: number;
  /** Where what it prints on stderr goes. */
  readonly stderr?: "ignore" | "inherit";
}

/** The process ended before it answered, or was ended: how, in words. */
export interface Lost {
  readonly lost: string;
}

/** What ends each running process. */
const ends = new Set<() => void>();
process.on("exit", () => {
  for (const end of ends) end();
});

/** Milliseconds between two looks at a process that has not answered. */
const LOOKS = 250;

/**
 * Answers requests, one at a time. The process is started by the first request, and again by the first after it was lost; it
 * ends with this process, whatever it does, and with it the processes that it has started. Its temporary files are in a folder
 * of its own, which goes when it ends.
 */
export class Child<Request extends Serializable, Answer extends object> implements AsyncDisposable {
  readonly #settings: ChildSettings;
  #process: ChildProcess | undefined;

  constructor(settings: ChildSettings) {
    this.#settings = settings;
  }

  /**
   * The answer, or how the process was lost: `crashes (…)`, or what `tooLong` returns, which is called some times a second
   * and is a reason to end the process. Throws if the program does not start.
   */
  async ask(request: Request, tooLong: () => string | undefined): Promise<Answer | Lost> {
    const child = (this.#process ??= await this.#start());
    return await new Promise<Answer | Lost>((resolve) => {
      const end = (answer: Answer | Lost): void => {
        clearInterval(looks);
        child.off("message", end).off("exit", crash);
        resolve(answer);
      };
      const crash = (code: number | null, signal: string | null): void =>
        end({ lost: `crashes (${signal ?? `exit code ${code}`})` });
      const looks = setInterval(() => {
        const lost = tooLong();
        if (lost === undefined) return;
        child.off("exit", crash);
        void this.restart().then(() => end({ lost }));
      }, LOOKS);
      child.on("message", end).on("exit", crash);
      child.send(request, () => {}); // where the process is gone, its exit is reported
    });
  }

  /** Ends the process; the next request has a fresh one. */
  async restart(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    endGroup(child.pid!);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
  }

  async #start(): Promise<ChildProcess> {
    const { program, argv = [], heap, semiSpace, file, stderr = "ignore" } = this.#settings;
    const folder = mkdtempSync(join(tmpdir(), "fun-asr-child-"));
    const child = fork(program, [...argv], {
      execArgv: [
        `--max-old-space-size=${heap}`,
        ...(semiSpace === undefined ? [] : [`--max-semi-space-size=${semiSpace}`]),
      ],
      env: { ...process.env, TMPDIR: folder },
      detached: process.platform !== "win32", // it leads a group of processes
      stdio: ["ignore", "ignore", stderr, "ipc", ...(file === undefined ? [] : [file])],
    });
    const end = (): void => {
      endGroup(child.pid!);
      rmSync(folder, { recursive: true, force: true });
    };
    ends.add(end);
    child.once("exit", () => {
      ends.delete(end);
      end();
      if (this.#process === child) this.#process = undefined;
    });
    const ready = new AbortController();
    const [how] = (await Promise.race([
      once(child, "message", ready),
      once(child, "exit", ready),
    ])) as unknown[];
    ready.abort();
    if (how !== "ready") throw new Error(`${program} does not start: it ends with ${String(how)}`);
    return child;
  }
}
