/** Other programs, as setup runs them: to the end, output kept for the error, stopped when the user stops us. */
import { execFile } from "node:child_process";
import { FunAsrError } from "../errors.ts";

export interface Call {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** A piece that setup needs is missing, or something that it ran failed. */
export function setupError(where: string, found: string, remedy?: string, cause?: unknown): FunAsrError {
  return new FunAsrError("setup_failed", where, found, {
    ...(remedy === undefined ? {} : { remedy }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What the program printed. Throws `setup_failed` with the end of its output where it is missing or fails. */
export function output(program: string, args: readonly string[], call: Call = {}): Promise<string> {
  const { signal, ...options } = call;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { ...options, ...(signal === undefined ? {} : { signal }), maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (signal?.aborted === true) reject(signal.reason as Error);
        else if (error === null) resolve(stdout);
        else if (error.code === "ENOENT") reject(setupError(program, "no such program", undefined, error));
        else
          reject(setupError(program, lastLines(`${stdout}\n${stderr}`) || error.message, undefined, error));
      },
    );
  });
}

/** Whether a program can be run at all. */
export function runs(program: string, args: readonly string[]): Promise<boolean> {
  return output(program, args).then(
    () => true,
    () => false,
  );
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-12).join("\n");
}
