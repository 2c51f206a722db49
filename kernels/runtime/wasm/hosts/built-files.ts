/**
 * The compiled kernels and the program of their threads, as files of the output folder. The build replaces this module by
 * one that contains them, so that they are in every bundle.
 */
import { existsSync, readFileSync } from "node:fs";

/** The bytes of a module by file name, or undefined where the package was not built. */
export function moduleBytes(file: string): Uint8Array<ArrayBuffer> | undefined {
  // One folder up once compiled; in the output folder when this file runs as TypeScript.
  const places = [
    new URL(`../${file}`, import.meta.url),
    new URL(`../../../../dist/kernels/runtime/wasm/${file}`, import.meta.url),
  ];
  const found = places.find((url) => existsSync(url));
  return found === undefined ? undefined : new Uint8Array(readFileSync(found));
}

/** Plain JavaScript: Node 20 runs no TypeScript in a worker, and the build copies the file to the same relative place. */
export const threadProgram = new URL("./node-thread.mjs", import.meta.url);
