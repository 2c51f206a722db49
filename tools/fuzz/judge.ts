/** What one mutant came to: read, refused by a code, or a fault. */
import { getHeapStatistics } from "node:v8";
import { FunAsrError } from "../../src/errors.ts";
import { threadTime } from "./held.ts";
import { mutant } from "./structure/mutate.ts";
import type { Reader } from "./readers/reader.ts";

export interface Verdict {
  /** `read` or the code of the refusal; undefined for a fault. */
  readonly outcome: string | undefined;
  /** What is wrong, in words. */
  readonly fault?: string;
  /** Processor time, in milliseconds. */
  readonly milliseconds: number;
  /** That of this thread. */
  readonly ofThread: number;
  /** What the process got in memory meanwhile: of the system, and of buffers that may still be empty. In MiB. */
  readonly mebibytes: number;
}

/** Codes that no input may lead to: they are faults of this package. */
const OWN = new Set(["internal", "kernel_arguments", "unknown_kernel"]);

/** The mutant of the reader's originals with this number. */
export function mutantOf(
  { originals }: Reader,
  index: number,
): { readonly name: string; readonly bytes: Buffer } {
  const { name, tree } = originals[index % originals.length]!;
  return { name, bytes: mutant(tree, index) };
}

export async function judge(reader: Pick<Reader, "read">, bytes: Buffer): Promise<Verdict> {
  const resident = process.resourceUsage().maxRSS;
  const buffers = getHeapStatistics().external_memory;
  const start = process.cpuUsage();
  const before = threadTime();
  let result: Pick<Verdict, "outcome" | "fault">;
  try {
    await reader.read(bytes);
    result = { outcome: "read" };
  } catch (error) {
    const known = error instanceof FunAsrError && !OWN.has(error.code) ? error.code : undefined;
    result = { outcome: known, ...(known === undefined ? { fault: described(error) } : {}) };
  }
  const ofThread = threadTime() - before;
  const { user, system } = process.cpuUsage(start);
  const grown = Math.max(
    (process.resourceUsage().maxRSS - resident) / 1024,
    (getHeapStatistics().external_memory - buffers) / 2 ** 20,
  );
  return { ...result, milliseconds: (user + system) / 1000, ofThread, mebibytes: grown };
}

/** The error and the first place of it in this project. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return `throws ${typeof error}`;
  const place = error.stack?.split("\n").find((line) => /\/(src|converters|kernels)\//u.test(line)) ?? "";
  return `${error.name}: ${error.message.slice(0, 200)} ${place.trim().replace(/\(.*\/(src|converters|kernels)\//u, "($1/")}`.trim();
}
