/** Whether switches are safe on a V8 that was never tested: a child process is asked, and its answer is kept. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { nodeHost } from "../../../../../kernels/runtime/wasm/hosts/node.ts";
import { candidate, decide, noFlags } from "../../../../../kernels/runtime/wasm/hosts/v8-flags.ts";
import type { V8Flags } from "../../../../../kernels/runtime/wasm/hosts/v8-flags.ts";
import { answersFolder, isSafe } from "../../../../../kernels/runtime/wasm/hosts/v8-probe.ts";

const folder = mkdtempSync(join(tmpdir(), "fun-asr-v8-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const answer = "fun-asr: these flags are safe";
const starts = join(folder, "starts");
const cache = join(folder, "cache");
const modules = ["kernels.wasm", "kernels-paired.wasm"].map((file) => nodeHost.kernelBytes(file)!);

/** A program that is started as if it were Node, and counts its starts. */
function fake(script: string, name = "node"): string {
  const own = mkdtempSync(join(folder, "fake-"));
  const path = join(own, name);
  writeFileSync(path, `#!/bin/sh\necho >> ${starts}\ncat > ${own}/input\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const started = (): number => readFileSync(starts, "utf8").length;

function probe(
  execPath: string,
  more: { limit?: number; cache?: string | undefined; v8?: string } = {},
): boolean {
  return isSafe({ flags: candidate, modules, execPath, v8: "99.1.2.3-node.4", cache, ...more });
}

beforeEach(() => {
  rmSync(cache, { recursive: true, force: true });
  writeFileSync(starts, "");
});

describe.skipIf(process.platform === "win32")("the probe", () => {
  const works = `printf %s '${answer}'`;

  it.each([
    ["succeeds", works, true],
    ["aborts", "kill -TRAP $$", false],
    ["prints it and aborts", `${works}; kill -TRAP $$`, false],
    ["ends with 133", `${works}; exit 133`, false],
    ["prints something else", "printf wrong", false],
    ["prints more", `${works}; echo`, false],
    ["prints nothing", "true", false],
    ["prints an error about a flag", `${works}; echo bad option >&2`, false],
  ])("of a Node that %s", (_, script, safe) => {
    const node = fake(script);
    expect(probe(node)).toBe(safe);
    expect(probe(node)).toBe(safe);
    expect(started()).toBe(1); // the second answer was kept
  });

  it("stops a Node that hangs, and keeps no answer", () => {
    const node = fake(`${works}; exec sleep 60`);
    const start = performance.now();
    expect(probe(node, { limit: 300 })).toBe(false);
    expect(performance.now() - start).toBeLessThan(4_000);
    expect(probe(node, { limit: 300 })).toBe(false);
    expect(started()).toBe(2);
  });

  it("is negative where nothing can be started, and keeps no answer", () => {
    expect(probe(join(folder, "missing", "node"))).toBe(false);
    expect(probe(fake(works))).toBe(true);
  });

  it("never starts a program that is not called node: it could be the application itself", () => {
    expect(probe(fake(works, "app"))).toBe(false);
    expect(started()).toBe(0);
  });

  it("hides NODE_OPTIONS from the child", () => {
    process.env["NODE_OPTIONS"] = "--trace-warnings";
    try {
      expect(probe(fake(`[ -z "$NODE_OPTIONS" ] && ${works}`))).toBe(true);
    } finally {
      delete process.env["NODE_OPTIONS"];
    }
  });
});

describe("the probe of this Node", () => {
  it("compiles the kernels and multiplies with the flags that it has here", () => {
    const flags = decide(process.versions) as V8Flags;
    expect(isSafe({ flags, modules, execPath: process.execPath, v8: "", cache: undefined })).toBe(true);
  });

  it("is negative for unknown flags", () => {
    const flags = { ...noFlags, always: ["--no-such-flag"] };
    expect(isSafe({ flags, modules, execPath: process.execPath, v8: "", cache: undefined })).toBe(false);
  });

  it("is negative for modules that cannot be compiled, or compute something else", () => {
    const of = (module: Uint8Array): boolean =>
      isSafe({ flags: noFlags, modules: [module], execPath: process.execPath, v8: "", cache: undefined });
    const plain = nodeHost.kernelBytes("kernels-plain.wasm")!;
    expect(of(plain)).toBe(true);
    expect(of(plain.subarray(0, 1000))).toBe(false);
    // The export that multiplies gets the name of one that does not, and conversely.
    const swapped = Buffer.from(plain);
    const at = swapped.indexOf("linearFloat");
    swapped.write("linearFlaot", at, "latin1");
    expect(of(swapped)).toBe(false);
  });
});

describe.skipIf(process.platform === "win32")("answers", () => {
  const works = `printf %s '${answer}'`;

  it("are one file each: by V8, modules and flags", () => {
    const node = fake(works);
    probe(node);
    probe(node, { v8: "99.1.2.4-node.4" });
    isSafe({ flags: noFlags, modules, execPath: node, v8: "99.1.2.3-node.4", cache });
    isSafe({ flags: candidate, modules: [modules[0]!], execPath: node, v8: "99.1.2.3-node.4", cache });
    expect(started()).toBe(4);
    const files = readdirSync(cache);
    expect(files).toHaveLength(4); // and no draft is left
    for (const file of files) {
      expect(file).toMatch(
        new RegExp(`^99[.]1[.]2[.]\\d-node[.]4-${process.platform}-${process.arch}-[0-9a-f]{16}$`),
      );
      expect(readFileSync(join(cache, file), "utf8")).toBe("safe\n");
    }
  });

  it("that are damaged are asked for again", () => {
    const node = fake(works);
    probe(node);
    const [file] = readdirSync(cache);
    writeFileSync(join(cache, file!), "sa");
    expect(probe(node)).toBe(true);
    expect(started()).toBe(2);
    expect(readFileSync(join(cache, file!), "utf8")).toBe("safe\n");
  });

  it("are not kept where they cannot be written", () => {
    const node = fake(works);
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const place of [join(file, "cache"), "/proc/nowhere/cache", undefined]) {
      expect(probe(node, { cache: place })).toBe(true);
      expect(probe(node, { cache: place })).toBe(true);
    }
    expect(started()).toBe(6);
  });

  it("stay readable where one is written at the same place by a folder", () => {
    const node = fake(works);
    probe(node);
    const [file] = readdirSync(cache);
    rmSync(join(cache, file!));
    mkdirSync(join(cache, file!, "full"), { recursive: true });
    expect(probe(node)).toBe(true);
    expect(readdirSync(cache)).toEqual([file]);
  });

  it("are in the user's cache folder", () => {
    const before = process.env["XDG_CACHE_HOME"];
    try {
      process.env["XDG_CACHE_HOME"] = "/somewhere";
      expect(answersFolder()).toBe("/somewhere/fun-asr/v8");
      process.env["XDG_CACHE_HOME"] = "";
      expect(answersFolder()).toMatch(/[.]cache\/fun-asr\/v8$/);
    } finally {
      if (before === undefined) delete process.env["XDG_CACHE_HOME"];
      else process.env["XDG_CACHE_HOME"] = before;
    }
  });
});
