/** Runs other programs to their end; their output goes into the error, and an abort stops them. */
import { execFile } from "node:child_process";
import { FunAsrError } from "../errors.ts";

interface Call {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** An error for something that setup needs and does not find, or a program that failed. */
export function setupError(where: string, found: string, remedy?: string, cause?: unknown): FunAsrError {
  return new FunAsrError("setup_failed", where, found, {
    ...(remedy === undefined ? {} : { remedy }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The stdout of the program. Throws `setup_failed` with the end of its output if it is missing or fails. */
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

/** Whether a program runs and exits with 0. */
export function runs(program: string, args: readonly string[]): Promise<boolean> {
  return output(program, args).then(
    () => true,
    () => false,
  );
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-12).join("\n  ");
}
