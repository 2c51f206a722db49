/** One hostile input: what must come of it, and within which time and memory. */
import type { ErrorCode } from "../../src/errors.ts";

export interface AttackCase {
  readonly name: string;
  /** Reads the input; what it returns does not count. */
  readonly run: () => unknown;
  /** The codes of right refusals; `read` where the input is accepted. */
  readonly expected: readonly (ErrorCode | "read")[];
  /** Most processor time, in milliseconds; 1000 by default. */
  readonly milliseconds?: number;
  /** Most memory that the process may come to have, in MiB; 512 by default. */
  readonly mebibytes?: number;
}

export const limitsOf = ({ milliseconds = 1000, mebibytes = 512 }: Omit<AttackCase, "run">) => ({
  milliseconds,
  mebibytes,
});
