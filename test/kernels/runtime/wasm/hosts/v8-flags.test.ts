/** Which switches a V8 gets, as a table and in a whole run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decide, noFlags } from "../../../../../kernels/runtime/wasm/hosts/v8-flags.ts";
import type { V8Flags } from "../../../../../kernels/runtime/wasm/hosts/v8-flags.ts";

const two = ["liftoff", "wasm-lazy-compilation"];
const relaxed = ["--experimental-wasm-relaxed-simd"];
const old: V8Flags = { always: [], offWhileCompiling: two, offForComparison: [], revectorize: false };
const recent: V8Flags = {
  always: ["--no-wasm-deopt"],
  offWhileCompiling: two,
  offForComparison: ["wasm-loop-unrolling"],
  revectorize: true,
};

describe("the table", () => {
  it.each<[node: string, v8: string, flags: V8Flags]>([
    ["20.20.2", "11.3.244.8-node.38", { ...old, always: relaxed }],
    ["22.23.3", "12.4.254.21-node.57", old],
    ["24.21.0", "13.6.233.17-node.53", { ...recent, always: [] }],
    ["25.0.0", "14.1.146.11-node.11", recent],
    ["25.9.0", "14.1.146.11-node.25", recent],
    ["26.10.0", "14.6.202.34-node.34", recent],
  ])("knows Node %s", (node, v8, flags) => {
    expect(decide({ node, v8 })).toEqual(flags);
  });

  it.each([
    ["a newer major", "27.0.0", "15.0.10.1-node.1"],
    ["an odd one", "21.7.3", "11.8.172.17-node.20"],
    ["another odd one", "23.11.1", "12.9.202.28-node.14"],
    ["an older one", "18.20.0", "10.2.154.26-node.36"],
    ["a known Node with another V8", "26.0.0", "15.0.10.1-node.1"],
    ["a known V8 in another Node", "27.0.0", "14.6.202.34-node.34"],
    ["a release candidate", "26.0.0-rc.1", "14.6.202.34-node.34"],
    ["a nightly build", "26.0.0-nightly20260101abcdef", "14.6.202.34-node.34"],
    ["a custom V8", "26.10.0", "14.6.202.34"],
  ])("has %s probed", (_, node, v8) => {
    expect(decide({ node, v8 })).toBe("probe");
  });

  it.each(["bun", "deno", "electron", "nw"])("gives none to %s, which is never probed", (name) => {
    const like = { node: "24.3.0", v8: "13.6.233.10-node.18" };
    expect(decide(like)).not.toEqual(noFlags);
    expect(decide({ ...like, [name]: "1.2.3" })).toEqual(noFlags);
  });

  it("gives none where versions are missing", () => {
    expect(decide({})).toEqual(noFlags);
    expect(decide({ node: "26.10.0" })).toEqual(noFlags);
    expect(noFlags).toEqual({ always: [], offWhileCompiling: [], offForComparison: [], revectorize: false });
  });

  it("has the Node of these tests", () => {
    expect(decide(process.versions)).not.toBe("probe");
  });
});

describe("a run", () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "fun-asr-v8-"));
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  /** Starts the kernels in a process whose versions are changed by `versions`; returns all that it prints. */
  function start(versions: Readonly<Record<string, string>>, ...options: string[]): string {
    const script = `
      Object.defineProperty(process, "versions", { value: { ...process.versions, ...${JSON.stringify(versions)} } });
      const { WasmRuntime } = await import(${JSON.stringify(new URL("runtime.js", built).href)});
      const { nodeHost } = await import(${JSON.stringify(new URL("hosts/node.js", built).href)});
      const runtime = new WasmRuntime(nodeHost, { threads: 2 });
      const [x, y] = [runtime.allocator.allocate(16400), runtime.allocator.allocate(16400)];
      runtime.floats(x, 4096).fill(3);
      runtime.run("add", 4, 1, { a: x, b: x, y, size: 4096, number: 0 }); // on all threads
      const works = runtime.floats(y, 4096).every((value) => value === 6);
      console.error(works ? "works" : "fails", runtime.revectorized);`;
    return run(script, ...options);
  }

  /** All that a program prints. */
  function run(script: string, ...options: string[]): string {
    const args = [...options, "--input-type=module", "-e", script];
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    return execFileSync("sh", ["-c", 'exec "$0" "$@" 2>&1', process.execPath, ...args], {
      env,
      encoding: "utf8",
    });
  }

  const built = new URL("../../../../../dist/kernels/runtime/wasm/", import.meta.url);
  const unknown = { node: "99.0.0", v8: "99.1.2.3-node.4" };
  const answers = (): string[] => readdirSync(join(cache, "fun-asr/v8"));

  it("starts no probe and prints no error on a tested version", () => {
    expect(start({})).toMatch(/^works (true|false)\n$/);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("probes an unknown version once, and keeps the answer", () => {
    const output = start(unknown);
    expect(output).toMatch(/^works (true|false)\n$/);
    const [file, ...others] = answers();
    expect(others).toEqual([]);
    expect(file).toMatch(/^99[.]1[.]2[.]3-node[.]4-/);
    const answer = readFileSync(join(cache, "fun-asr/v8", file!), "utf8");
    // Before Node 24 there is a flag that V8 does not know.
    const isNew = Number(process.versions.node.split(".")[0]) >= 24;
    expect(answer).toBe(isNew ? "safe\n" : "unsafe\n");
    expect(output).toBe(`works ${isNew}\n`);
    expect(start(unknown)).toBe(output);
  });

  it("probes nothing in an engine that is not Node", () => {
    expect(start({ ...unknown, electron: "50.0.0" })).toBe("works false\n");
    expect(readdirSync(cache)).toEqual([]);
  });

  it.skipIf(!process.allowedNodeEnvironmentFlags.has("--permission"))(
    "works where processes, files and threads are forbidden",
    () => {
      const options = ["--permission", "--allow-fs-read=*"];
      expect(start(unknown, ...options)).toBe("works false\n");
      expect(readdirSync(cache)).toEqual([]);
      expect(start({}, ...options)).toMatch(/^works (true|false)\n$/);
    },
  );
});
