/** The one error of all checkpoint readers: where, what, and what would have been right. */
import { ModelFormatError } from "../../src/errors.ts";

export function malformed(where: string, found: string, wanted?: string, cause?: unknown): ModelFormatError {
  const details = wanted === undefined ? { cause } : { wanted, cause };
  return new ModelFormatError("checkpoint_malformed", where, found, details);
}
