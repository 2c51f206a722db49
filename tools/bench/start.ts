/** How long a program waits before it can transcribe. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Figures } from "./sections.ts";

const root = resolve(import.meta.dirname, "../../..");

const program = `
  const start = performance.now();
  const { load } = await import(${JSON.stringify(pathToFileURL(resolve(root, "dist/src/node.js")).href)});
  const imported = performance.now();
  await load(${JSON.stringify(resolve(root, "models/demo/fun-asr-demo-q8_0.gguf"))}, { backend: "wasm" });
  console.log(JSON.stringify([imported - start, performance.now() - imported]));
  process.exit(0);
`;

/** Medians over 21 processes. */
export function benchStart(): Promise<Figures> {
  const times = Array.from({ length: 21 }, () => {
    const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
    });
    return JSON.parse(printed) as [importing: number, loading: number];
  });
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[10]!;
  return Promise.resolve({
    "import (ms)": median(times.map(([importing]) => importing)),
    "load of the demo (ms)": median(times.map(([, loading]) => loading)),
    "import and load (ms)": median(times.map(([importing, loading]) => importing + loading)),
    "shortest load (ms)": Math.min(...times.map(([, loading]) => loading)),
  });
}
