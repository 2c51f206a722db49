/**
 * Every command that writes, on disks that do not take its output: a read-only file system, a read-only folder, and a disk
 * that is full. What is there stays, nothing is left, and the error names the reason.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestContext } from "vitest";
import { copyInputs, inputNames, isTemporary, writingCommands } from "../helpers/environment/outputs.ts";
import type { WritingCommand } from "../helpers/environment/outputs.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const program = fixture("../dist/src/cli/main.js");

/** Commands that name their outputs themselves, in a folder that is given. */
const more: readonly WritingCommand[] = [
  {
    name: "transcribe --output-dir",
    argv: (folder, output) => [...recognition(folder), "-osrt", "-otxt", "--output-dir", join(output, "..")],
  },
  {
    name: "transcribe --output-dir, in a new folder",
    argv: (folder, output) => [...recognition(folder), "-osrt", "--output-dir", join(output, "../a/b")],
  },
  {
    name: "dump to a folder",
    argv: (folder, output) => ["dump", ...recognition(folder), "--stages", "fbank", "-o", `${output}-stages`],
  },
];
function recognition(folder: string): string[] {
  return [join(folder, inputNames.audio), "-m", join(folder, inputNames.model), "-np", "-n", "1"];
}

/** The reason why nothing can be mounted; undefined where it can. */
let unmountable: string | undefined;
/** A read-only file system and a full one, each with an earlier output of every command. */
let [fixed, full] = ["", ""];
let folder: string;

const mount = (...argv: string[]): void => void execFileSync("mount", argv, { stdio: "pipe" });
const nameOf = (index: number, { extension = ".out" }: WritingCommand): string => `out${index}${extension}`;
const all = [...writingCommands, ...more];

async function fill(): Promise<void> {
  for (const [index, command] of all.entries()) {
    for (const disk of [fixed, full]) await writeFile(join(disk, nameOf(index, command)), "earlier");
  }
  const rest = join(full, "rest");
  let isFull = false;
  while (!isFull)
    isFull = await writeFile(rest, "x".repeat(512), { flag: "a" }).then(
      () => false,
      () => true,
    );
  mount("-o", "remount,ro", fixed);
}

beforeAll(async () => {
  fixed = await mkdtemp(join(tmpdir(), "fun-asr-fixed-"));
  full = await mkdtemp(join(tmpdir(), "fun-asr-full-"));
  try {
    for (const disk of [fixed, full]) mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", disk);
  } catch (error) {
    unmountable = String((error as { stderr?: unknown }).stderr ?? error).trim();
    return;
  }
  await fill();
});
afterAll(() => {
  if (unmountable !== undefined) return;
  for (const disk of [fixed, full]) {
    execFileSync("umount", [disk]);
    execFileSync("rmdir", [disk]);
  }
});
beforeEach(async () => {
  folder = await temporaryFolder();
  await copyInputs(folder);
});

function skipUnmountable({ skip }: TestContext): void {
  if (unmountable !== undefined) skip(`nothing can be mounted here: ${unmountable}`);
}

/** The names and the bytes of all files below a folder. */
async function contents(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.map(async (entry) => {
    const file = join(entry.parentPath, entry.name);
    return entry.isFile() ? `${file} ${(await readFile(file)).toString("base64")}` : file;
  });
  return (await Promise.all(files)).toSorted();
}

describe.each([...all.entries()].map(([index, command]) => ({ ...command, index })))("$name", (command) => {
  const output = (disk: string): string => join(disk, nameOf(command.index, command));

  it("on a read-only file system is refused before the work", async (context) => {
    skipUnmountable(context);
    const before = await contents(fixed);
    const { exitCode, notes, results } = await cli(...command.argv(folder, output(fixed)));
    expect(notes.join("\n")).toContain("the file system is read-only (EROFS)");
    expect({ exitCode, results }).toEqual({ exitCode: 1, results: [] });
    expect(await contents(fixed)).toEqual(before);
  });

  it("on a full disk says so, keeps the earlier file, and leaves nothing", async (context) => {
    skipUnmountable(context);
    // the folders that a command was asked for are made
    const contentsOf = async (): Promise<string[]> =>
      (await contents(full)).filter((line) => !/\/a(?:\/b)?$/u.test(line));
    const before = await contentsOf();
    const { exitCode, notes } = await cli(...command.argv(folder, output(full)));
    expect(notes.join("\n")).toMatch(/\[disk_full\]|the disk is full \(ENOSPC\)/u);
    expect(exitCode).toBe(1);
    expect(await contentsOf()).toEqual(before);
  });

  it("in a read-only folder is refused before the work", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed);
    await writeFile(output(closed), "earlier");
    await chmod(closed, 0o555);
    const before = await contents(folder);
    // root may write everywhere, unless it gives that up
    const limited = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override"] : ["env"];
    const [start = "", ...rest] = [
      ...limited,
      process.execPath,
      program,
      ...command.argv(folder, output(closed)),
    ];
    const { status, stderr, stdout } = spawnSync(start, rest, { encoding: "utf8" });
    expect(stderr).toContain("permission denied (EACCES)");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(await contents(folder)).toEqual(before);
  });
});

describe("partial files of transcribe", () => {
  it.each(["audio", "model"] as const)("are not written over the %s", async (kind) => {
    await symlink(inputNames[kind], join(folder, "clip.partial.srt"));
    const before = await contents(folder);
    const argv = [...recognition(folder), "-osrt", "-of", join(folder, "clip")];
    const { exitCode, notes } = await cli(...argv);
    expect(notes.join("\n")).toContain("would be written over what is read");
    expect(exitCode).toBe(2);
    expect(await contents(folder)).toEqual(before);
    expect((await readdir(folder)).filter(isTemporary)).toEqual([]);
  });
});
