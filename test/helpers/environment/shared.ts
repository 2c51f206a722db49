/**
 * Finds the optional folder of shared test data: `shared/` beside the checkout, or where FUN_ASR_SHARED points.
 * A test that uses it is skipped, with the reason, when the folder is absent.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Full path of a file in the shared folder, or undefined (with a printed reason) where there is none. */
export function shared(path: string): string | undefined {
  const folder = process.env["FUN_ASR_SHARED"] ?? resolve(import.meta.dirname, "../../../../shared");
  const full = resolve(folder, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: the optional test data shared/${path} is not beside this checkout`);
  return undefined;
}
