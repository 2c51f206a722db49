/** Where the repository keeps its own test data. */
import { resolve } from "node:path";

export function fixture(path: string): string {
  return resolve(import.meta.dirname, "../../../fixtures", path);
}
