/** The one error of all checkpoint readers: the place, what is there, and what would be right. */
import { ModelFormatError } from "../errors.ts";

export function malformed(where: string, found: string, wanted?: string, cause?: unknown): ModelFormatError {
  const details = wanted === undefined ? { cause } : { wanted, cause };
  return new ModelFormatError("checkpoint_malformed", where, found, details);
}
