/** Where the repository keeps its own test data. */
import { basename, dirname, resolve } from "node:path";

const above = resolve(import.meta.dirname, "../../..");
/** The compiled helpers are in dist, which has no test data. */
const root = basename(above) === "dist" ? dirname(above) : above;

export function fixture(path: string): string {
  return resolve(root, "fixtures", path);
}
