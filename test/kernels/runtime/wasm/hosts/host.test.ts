/** The boundary to the platform: hosts/ alone know it, and threads run a program from a file. */
import { readFileSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import type { ThreadStart } from "../../../../../kernels/runtime/wasm/hosts/host.ts";
import { nodeHost } from "../../../../../kernels/runtime/wasm/hosts/node.ts";
import { WasmRuntime } from "../../../../../kernels/runtime/wasm/runtime.ts";

const root = new URL("../../../../../", import.meta.url);
const programs = ["node-thread", "node-probe"].map((name) => `kernels/runtime/wasm/hosts/${name}.mjs`);

const sources = readdirSync(new URL("kernels/", root), { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /\.(ts|mjs)$/.test(name));
const textOf = (name: string): string => readFileSync(new URL(`kernels/${name}`, root), "utf8");

it("is crossed by hosts and the build only: the runtime, its kernels and the formats import nothing of Node", () => {
  const isPlatform = (name: string): boolean => /^runtime\/wasm\/(hosts\/|build\.ts$)/.test(name);
  const isNeutral = (name: string): boolean =>
    /^(runtime\/wasm|runtime\/angles|formats|ops)/.test(name) && !isPlatform(name);
  const neutral = sources.filter(isNeutral);
  expect(neutral.length).toBeGreaterThan(60);
  const offenders = neutral.filter((name) => /"node:|\bBuffer\.|\bprocess\./.test(textOf(name)));
  expect(offenders).toEqual([]);
});

it("has no code from strings", () => {
  const offenders = sources.filter((name) => /\beval: true|\beval\(|new Function\(/.test(textOf(name)));
  expect(offenders).toEqual([]);
});

it("has the program of its threads beside the sources and in the build alike", () => {
  for (const program of programs) {
    const [source, built] = [program, `dist/${program}`].map((path) => readFileSync(new URL(path, root)));
    expect(built).toEqual(source);
  }
});

it("is a value: threads and modules come from the host that the runtime was given", () => {
  const files: string[] = [];
  const started: ThreadStart[] = [];
  const runtime = new WasmRuntime(
    {
      ...nodeHost,
      processors: () => 3,
      kernelBytes: (file) => {
        files.push(file);
        return nodeHost.kernelBytes(file);
      },
      startThread: (start) => started.push(start),
    },
    { revectorize: false },
  );
  expect(runtime.threads).toBe(3);
  expect(files).toEqual(["kernels.wasm"]);
  const y = runtime.allocator.allocate(4096 * 4);
  runtime.floats(y, 4096).fill(-1);
  runtime.run("atLeast", 4, 1, { a: y, b: 0, y, size: 4096, number: 2 });
  expect(started.map(({ thread }) => thread)).toEqual([1, 2]);
  expect(runtime.floats(y, 4096).every((value) => value === 2)).toBe(true); // the caller does the work of late threads
});

it("names the remedy where the package was not built", () => {
  const host = { ...nodeHost, kernelBytes: () => undefined };
  expect(() => new WasmRuntime(host)).toThrow(
    expect.objectContaining({ code: "backend_unavailable", remedy: "Run npm run build" }),
  );
});
