/** Exit codes of the command line, and which error has which. */
import {
  AudioError,
  CtcUnavailableError,
  FileError,
  FunAsrError,
  ModelFormatError,
  UsageError,
} from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { named } from "./machine-fault.ts";

export const exitCodes = {
  fine: 0,
  failure: 1,
  /** A flag or a value is wrong, or a file that the command line names cannot be read. */
  usage: 2,
  model: 3,
  audio: 4,
  difference: 5,
  strict: 6,
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A result that `--strict` does not accept. */
export class StrictError extends FunAsrError {
  override readonly name = "StrictError";

  constructor(where: string, warnings: string) {
    super("doubtful", where, `refused because of warnings: ${warnings}`, {
      remedy: "Without --strict, the result is written with its warnings",
    });
  }
}

/** What is wrong with the network or the disk, and not with the command line. */
const machineFaults: ReadonlySet<ErrorCode> = new Set([
  "disk_full",
  "offline",
  "download_failed",
  "download_mismatch",
]);

export function exitCodeOf(thrown: unknown): ExitCode {
  const error = named(thrown);
  if (error instanceof DOMException && error.name === "AbortError") return exitCodes.interrupted;
  if (error instanceof StrictError) return exitCodes.strict;
  if (error instanceof FunAsrError && machineFaults.has(error.code)) return exitCodes.failure;
  if (error instanceof UsageError || error instanceof FileError) return exitCodes.usage;
  if (error instanceof ModelFormatError || error instanceof CtcUnavailableError) return exitCodes.model;
  if (error instanceof AudioError) return exitCodes.audio;
  if (error instanceof FunAsrError && error.code === "difference") return exitCodes.difference;
  return exitCodes.failure;
}

/** One line for people: the message, and the code to look up. Our own errors never show a stack. */
export function explain(thrown: unknown): string {
  const error = named(thrown);
  if (error instanceof FunAsrError) return `${error.message} [${error.code}]`;
  if (error instanceof DOMException && error.name === "AbortError") return "interrupted";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
