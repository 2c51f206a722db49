/**
 * The output of a program that records. It is read ahead, so that no sound is lost while it is recognized, and has a process
 * group of its own: Ctrl-C on the terminal reaches this process alone, which ends the program.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { RuntimeError } from "../../../errors.ts";
import { orAborted } from "../../../platform/interruptible.ts";

/** Bytes that are read ahead: ten minutes at 16 kHz. Then the program has to wait, and may lose sound. */
const AHEAD = 10 * 60 * 32_000;
/** Characters of the program's messages that are kept, and of them that are shown. */
const MOST_MESSAGE = 2_000;
/** How long the program has to end, in milliseconds. */
const GRACE = 1_000;

/** What is started: a program with arguments, or a line for the shell. */
export type CommandLine = readonly [program: string, ...argv: string[]] | string;

export class Recording {
  /** The bytes, up to the program's end. Throws `no_microphone` where it fails, unless it was stopped. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ahead = new PassThrough({ highWaterMark: AHEAD });
  readonly #ended: Promise<string | undefined>;
  #message = "";
  #stopped = false;

  /** Throws `no_microphone` where the program cannot be started at once; later, where it turns out that it is not there. */
  constructor(command: CommandLine) {
    const isLine = typeof command === "string";
    const [program, ...argv] = isLine ? [command] : command;
    this.#name = isLine ? "--mic-command" : program;
    try {
      this.#child = spawn(program, argv, {
        shell: isLine,
        detached: process.platform !== "win32",
        stdio: ["ignore", "pipe", "pipe"],
        windowsHide: true,
      });
    } catch (cause) {
      throw failed(this.#name, String(cause), cause);
    }
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#message = (this.#message + text).slice(-MOST_MESSAGE);
    });
    this.#child.stdout!.pipe(this.#ahead);
    this.#ended = once(this.#child, "close").then(
      ([code, signal]) => (code === 0 ? undefined : this.#reason(code as number | null, String(signal))),
      (cause: unknown) => {
        this.#ahead.end(); // of a program that is not there
        return (cause as Error).message;
      },
    );
    this.bytes = this.#read();
  }

  /** Whether there is sound within `ms` milliseconds; else why not. Throws the signal's reason. */
  async begins(ms: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    const within = new AbortController();
    const timer = setTimeout(() => within.abort(), ms);
    try {
      const readable = once(this.#ahead, "readable", { signal: within.signal }).then(
        () => true,
        () => false,
      );
      const isReadable = await orAborted(readable, signal);
      if (!isReadable) return `no sound in ${ms / 1000} s`;
      if (this.#ahead.readableLength > 0) return undefined;
      return (await this.#ended) ?? "it ended without sound";
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the program; the bytes that it has written can still be read. Returns false where that was done before. */
  stop(): boolean {
    if (this.#stopped) return false;
    this.#stopped = true;
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), GRACE);
    timer.unref();
    void this.#ended.then(() => clearTimeout(timer));
    return true;
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of this.#ahead) yield piece as Uint8Array;
      const reason = await this.#ended;
      if (reason !== undefined && !this.#stopped) throw failed(this.#name, reason);
    } finally {
      this.stop();
    }
  }

  #reason(code: number | null, signal: string): string {
    const last = this.#message.trim().split("\n").at(-1) ?? "";
    const how = code === null ? `ended by ${signal}` : `exit code ${code}`;
    return last === "" ? how : `${last} (${how})`;
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal); // with what a shell has started
    } catch {
      // it has just ended
    }
  }
}

/** The error of a recorder that does not record. */
export function failed(name: string, found: string, cause?: unknown): RuntimeError {
  return new RuntimeError("no_microphone", name, found, {
    remedy: "--mic list shows the programs that can record; --mic-command names another one",
    cause,
  });
}
