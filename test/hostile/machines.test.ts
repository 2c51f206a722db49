/**
 * Machines on which something does not run: no WebAssembly, no SIMD, little memory, Node's permissions, loops of links.
 * Every one of them gets an error with a code and a way out, and no stack.
 */
import { spawnSync } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFolder } from "../../src/adapters/node/folder.ts";
import { explain } from "../../src/cli/exit.ts";
import { memoryFault } from "../../src/errors.ts";
import { load } from "../../src/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const program = fixture("../dist/src/cli/main.js");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const flac = fixture("../test/audio/compressed/mono-16.flac");
const [major = 0] = process.versions.node.split(".").map(Number);
const permission = major < 22 ? "--experimental-permission" : "--permission";

/** The built program under these switches of Node. */
function under(switches: readonly string[], ...argv: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...switches, program, ...argv], {
    encoding: "utf8",
    env: { ...process.env, PATH: "" }, // no ffmpeg
  });
  return { code: status, output: stdout + stderr };
}
const hasStack = (output: string): boolean => /^\s+at /mu.test(output);

describe("an error with a way out", () => {
  it.each<[string, readonly string[], readonly string[], number, RegExp]>([
    [
      "no WebAssembly",
      ["--jitless"],
      ["-m", model, clip],
      1,
      /without WebAssembly.*--backend cpu.*\[backend_unavailable\]/u,
    ],
    [
      "no WebAssembly, for a decoder",
      ["--jitless"],
      ["-m", model, "--backend", "cpu", flac],
      4,
      /FLAC is not decoded here, and ffmpeg does not start.*\[unsupported_encoding\]/u,
    ],
    [
      "little memory for WebAssembly",
      ["--wasm-max-mem-pages=100"],
      ["-m", model, clip],
      1,
      /cannot be reserved.*--backend cpu.*\[out_of_memory\]/u,
    ],
  ])("%s", (_, switches, argv, code, message) => {
    const run = under(switches, ...argv);
    expect(run.output).toMatch(message);
    expect([run.code, hasStack(run.output)]).toEqual([code, false]);
  });

  it.runIf(process.arch === "x64")("a processor without SSE4.1", () => {
    const switches = ["sse3", "ssse3", "sse4-1", "sse4-2", "avx"].map((set) => `--no-enable-${set}`);
    const { code, output } = under(switches, "-m", model, clip);
    expect(output).toMatch(/processor with SIMD.*--backend cpu.*\[backend_unavailable\]/u);
    expect([code, hasStack(output)]).toEqual([1, false]);
  });

  it("a program that Node may not start", async () => {
    const path = join(await temporaryFolder(), "talk.caf");
    await writeFile(path, `caff\0\u0001\0\0desc${"x".repeat(100)}`, "latin1");
    const { code, output } = under([permission, "--allow-fs-read=*"], "-m", model, "--threads", "1", path);
    expect(output).toMatch(/ffmpeg does not start.*\[unsupported_encoding\]/u);
    expect([code, hasStack(output)]).toEqual([4, false]);
  });
});

describe.runIf(process.platform === "linux")("a limit of the process", () => {
  /** The built program under a limit that a shell sets. */
  const limited = (limit: string, ...argv: string[]): { code: number | null; output: string } => {
    const script = `ulimit ${limit}; exec "$@"`;
    const args = ["-c", script, "sh", process.execPath, program, ...argv];
    const { status, stdout, stderr } = spawnSync("sh", args, { encoding: "utf8" });
    return { code: status, output: stdout + stderr };
  };

  it.each([22, 24, 28, 32, 40, 48, 64, 96])("of %i open files", (files) => {
    const { code, output } = limited(`-n ${files}`, "-m", model, "-np", "-n", "1", clip);
    expect(hasStack(output), output).toBe(false);
    if (code === 0) return; // this version of Node opens fewer at once
    expect(output).toMatch(/EMFILE.*ulimit -n 1024.*\[file_unreadable\]/u);
    expect(code).toBe(2);
  });

  it("of 256 open files is enough", () => {
    expect(limited("-n 256", "-m", model, "-np", "-n", "1", clip).code).toBe(0);
  });

  it.each([1_000_000, 1_500_000])("of %i KiB of memory never blames the file", (kibibytes) => {
    const { code, output } = limited(`-v ${kibibytes}`, "-m", model, clip);
    expect(hasStack(output), output).toBe(false);
    if (output.includes("Fatal process") || code === null) return; // Node itself needs more
    expect(output).toContain("[out_of_memory]");
    expect(code).toBe(1);
  });
});

it("an engine's refusal of memory is no fault of a file, and other causes are", () => {
  const refusal = new RangeError("Array buffer allocation failed");
  expect(memoryFault("m.gguf", refusal)).toMatchObject({ code: "out_of_memory", where: "m.gguf" });
  expect(explain(refusal)).toMatch(/\[out_of_memory\]$/u);
  for (const cause of [new RangeError("Invalid array length"), new Error("allocation failed"), undefined]) {
    expect(memoryFault("m.gguf", cause)).toBeUndefined();
  }
});

it.runIf(major >= 22)("files that Node may not read", () => {
  const readable = ["dist", "node_modules", "package.json"].map(
    (name) => `--allow-fs-read=${fixture(`../${name}`)}`,
  );
  const run = under([permission, ...readable], "-m", model, clip);
  expect(run.output).toMatch(/ERR_ACCESS_DENIED.*--allow-fs-read.*\[file_unreadable\]/u);
  expect([run.code, hasStack(run.output)]).toEqual([2, false]);
});

it("requests without WebAssembly, which Node's fetch needs", () => {
  for (const argv of [
    ["inspect", "https://127.0.0.1:1/m.gguf"],
    ["-m", "http://127.0.0.1:1/m.gguf", "--backend", "cpu", clip],
    ["pull", "owner/name"],
  ]) {
    const { code, output } = under(["--jitless"], ...argv);
    expect(output).toMatch(/--jitless.*\[download_failed\]/u);
    expect([code, hasStack(output)]).toEqual([1, false]);
  }
}, 30_000);

describe("paths and addresses", () => {
  it("a file in the place of a folder cannot be listed", async () => {
    await expect(openFolder(clip).names()).rejects.toMatchObject({ code: "file_unreadable" });
  });

  it("a loop of links in a pattern, in a folder and as a file", async () => {
    const folder = await temporaryFolder();
    const loop = join(folder, "loop.wav");
    await symlink("loop.wav", loop);
    for (const path of [loop, folder, join(loop, "*.wav"), join(loop, "**/*.wav"), join(clip, "*.wav")]) {
      const { exitCode, notes } = await cli("-m", model, path);
      expect([exitCode, hasStack(notes.join("\n"))], path).toEqual([2, false]);
    }
  });

  it.each(["http://", "https://[", "http://host:99999999/m.gguf"])("%s is no address", async (address) => {
    await expect(load(address)).rejects.toMatchObject({ name: "UsageError", code: "bad_option" });
    const loaded = await load(model);
    await expect(loaded.transcribe(address)).rejects.toMatchObject({ code: "bad_option" });
    loaded.dispose();
  });

  it("audio at an address is refused as such, not as a missing file", async () => {
    using loaded = await load(model);
    for (const input of ["https://host/talk.wav", new URL("https://host/talk.wav")]) {
      await expect(loaded.transcribe(input)).rejects.toMatchObject({ code: "bad_option" });
    }
  });
});

it("arguments of other types", async () => {
  using loaded = await load(model);
  for (const text of [5, undefined, null, {}, ["a"]]) {
    await expect(loaded.align(clip, text as unknown as string)).rejects.toMatchObject({ code: "bad_option" });
  }
  for (const input of [5, undefined, null, {}, [1, 2], true]) {
    await expect(loaded.transcribe(input as unknown as string)).rejects.toMatchObject({ name: "UsageError" });
  }
});
