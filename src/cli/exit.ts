/** Exit codes of the command line, and which error means which. */
import {
  AudioError,
  CtcUnavailableError,
  FileError,
  FunAsrError,
  ModelFormatError,
  UsageError,
} from "../errors.ts";

export const exitCodes = {
  fine: 0,
  failure: 1,
  usage: 2,
  model: 3,
  audio: 4,
  difference: 5,
  strict: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A result that `--strict` does not accept. */
export class StrictError extends FunAsrError {
  override readonly name = "StrictError";

  constructor(where: string, warnings: string) {
    super("doubtful", where, `refused for its warnings: ${warnings}`, {
      remedy: "Without --strict the result is given with them",
    });
  }
}

/** `files` is the code for a file that cannot be opened: what kind of file it is, only the caller knows. */
export function exitCodeOf(error: unknown, files: ExitCode = exitCodes.failure): ExitCode {
  if (error instanceof DOMException && error.name === "AbortError") return exitCodes.interrupted;
  if (error instanceof StrictError) return exitCodes.strict;
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof ModelFormatError || error instanceof CtcUnavailableError) return exitCodes.model;
  if (error instanceof AudioError) return exitCodes.audio;
  if (error instanceof FunAsrError && error.code === "difference") return exitCodes.difference;
  if (error instanceof FileError) return files;
  return exitCodes.failure;
}

/** One line for people: the message, and the code to look up. Errors of ours never show a stack. */
export function explain(error: unknown): string {
  if (error instanceof FunAsrError) return `${error.message} [${error.code}]`;
  if (error instanceof DOMException && error.name === "AbortError") return "interrupted";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
