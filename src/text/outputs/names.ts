/** How files that belong to a recording are called. */
import { basename, extname } from "node:path";

/** Beside it, without its extension. */
export function outputBase(name: string): string {
  return name.slice(0, name.length - extname(basename(name)).length);
}
