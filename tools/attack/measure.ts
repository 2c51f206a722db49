/** What an input came to, and what that took. */
import { FunAsrError } from "../../src/errors.ts";

export interface Measurement {
  /** `read`, the code of a `FunAsrError`, or any other error's name and message. */
  readonly outcome: string;
  /** Processor time, in milliseconds. */
  readonly milliseconds: number;
  /** The largest memory of the process so far, in MiB. */
  readonly mebibytes: number;
}

export async function measure(run: () => unknown): Promise<Measurement> {
  const start = process.cpuUsage();
  const outcome = await outcomeOf(run);
  const { user, system } = process.cpuUsage(start);
  return {
    outcome,
    milliseconds: (user + system) / 1000,
    mebibytes: process.resourceUsage().maxRSS / 1024,
  };
}

async function outcomeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return "read";
  } catch (error) {
    return error instanceof FunAsrError ? error.code : String(error).slice(0, 200);
  }
}
