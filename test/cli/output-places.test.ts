/** Every command that writes a file, at every kind of place: what must not be written over stays, byte for byte. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, link, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { copyInputs, inputNames, isTemporary, writingCommands } from "../helpers/environment/outputs.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await copyInputs(folder);
});
const at = (name: string): string => join(folder, name);
const program = fixture("../dist/src/cli/main.js");

/** All files below the folder with their bytes: what must stay. */
async function contents(): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(files.map(async (file) => [file, (await readFile(file)).toString("base64")] as const)),
  );
}

it("are all commands with a flag or an argument for an output", async () => {
  const all = await Promise.all(commands.map(async ({ name, load }) => ({ name, ...(await load()) })));
  const writing = all
    .filter(({ flags, arguments: given = [] }) =>
      [...Object.values(flags), ...given].some(({ help }) =>
        /\bto write\b|\bwrite\b.*\b(?:page|FILE)\b/u.test(help),
      ),
    )
    .map(({ name }) => name);
  expect(new Set(writingCommands.map(({ name }) => name.split(" ")[0]))).toEqual(new Set(writing));
});

describe.each(writingCommands)("$name", ({ argv, extension = ".out" }) => {
  const run = (output: string): ReturnType<typeof cli> => cli(...argv(folder, output));
  const fine = [0, 5]; // 5: diff has found a difference
  /** What the command writes to a new file, made once. */
  let made: Promise<Buffer> | undefined;
  const expected = (): Promise<Buffer> =>
    (made ??= (async () => {
      const path = at(`new${extension}`);
      expect(fine).toContain((await run(path)).exitCode);
      const bytes = await readFile(path);
      expect(bytes.length).toBeGreaterThan(20);
      await rm(path);
      expect((await readdir(folder)).filter(isTemporary)).toEqual([]);
      return bytes;
    })());
  const isExpected = async (path: string): Promise<void> =>
    expect(Buffer.compare(await readFile(path), await expected()), path).toBe(0);

  it("refuses its inputs, by any name", async () => {
    for (const [i, name] of Object.values(inputNames).entries()) {
      const isRead = argv(folder, at("x")).includes(at(name));
      if (!isRead) continue;
      await link(at(name), at(`hard${i}${extension}`));
      await symlink(at(name), at(`soft${i}${extension}`));
      await symlink(at(`soft${i}${extension}`), at(`far${i}${extension}`));
    }
    const before = await contents();
    const links = (await readdir(folder)).filter((name) => /^(?:hard|soft|far)/u.test(name));
    expect(links.length).toBeGreaterThanOrEqual(3);
    const own =
      extension === ".out"
        ? Object.values(inputNames).filter((name) => argv(folder, "").includes(at(name)))
        : [];
    for (const name of [...links, ...own]) {
      const { exitCode, notes, results } = await run(at(name));
      expect({ exitCode, results }, name).toEqual({ exitCode: 2, results: [] });
      expect(notes.join(), name).toContain("would be written over what is read");
    }
    expect(await contents()).toEqual(before);
  });

  it("writes to devices and pipes, which stay what they are", async () => {
    const bytes = await expected();
    await symlink("/dev/null", at(`null${extension}`));
    expect(fine).toContain((await run(at(`null${extension}`))).exitCode);
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);

    await symlink("/dev/full", at(`full${extension}`));
    const full = await run(at(`full${extension}`));
    expect(full).toMatchObject({ exitCode: 1 });
    expect(full.notes.join()).toContain("the disk is full (ENOSPC)");

    const pipe = at(`pipe${extension}`);
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
    const pieces: Buffer[] = [];
    reader.stdout.on("data", (piece: Buffer) => void pieces.push(piece));
    const ended = once(reader, "close");
    expect(fine).toContain((await run(pipe)).exitCode);
    await ended;
    expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  it("keeps links and modes", async () => {
    const [target, soft] = [at("target.old"), at(`soft${extension}`)];
    await writeFile(target, "earlier", { mode: 0o600 });
    await symlink("target.old", soft);
    await symlink("later.new", at(`dangling${extension}`));
    for (const [path, written] of [
      [soft, target],
      [at(`dangling${extension}`), at("later.new")],
    ] as const) {
      expect(fine).toContain((await run(path)).exitCode);
      expect((await lstat(path)).isSymbolicLink()).toBe(true);
      await isExpected(written);
    }
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    await chmod(target, 0o755);
    expect(fine).toContain((await run(soft)).exitCode);
    expect((await stat(target)).mode & 0o777).toBe(0o755);
  });

  it("accepts the longest names, and refuses longer ones before the work", async () => {
    const longest = at("n".repeat(255 - extension.length) + extension);
    expect(fine).toContain((await run(longest)).exitCode);
    await isExpected(longest);
    const { exitCode, notes, results } = await run(at("n".repeat(256 - extension.length) + extension));
    expect({ exitCode, results }).toEqual({ exitCode: 1, results: [] });
    expect(notes.join()).toContain("the name is too long for the file system");
  });

  it("refuses folders, read-only files, and links in a loop, before the work", async () => {
    await mkdir(at(`folder${extension}`));
    await writeFile(at(`folder${extension}`) + "/mine.npy", "mine");
    await writeFile(at(`fixed${extension}`), "fixed", { mode: 0o444 });
    await symlink(`loop${extension}`, at(`loop${extension}`));
    const before = await contents();
    for (const name of ["folder", "fixed", "loop"]) {
      const { exitCode, notes, results } = await run(at(name + extension));
      expect({ exitCode, results }, name).toEqual({ exitCode: 1, results: [] });
      expect(notes.join(), name).toContain("file_unwritable");
    }
    expect(await contents()).toEqual(before);
  });

  it("leaves the earlier file, and nothing else, where writing fails midway", async () => {
    const path = at(`out${extension}`);
    await writeFile(path, "earlier");
    const names = await readdir(folder);
    const limit = Math.min((await expected()).length - 1, 2048) / 1024;
    const script = `ulimit -f ${Math.floor(limit)}; exec "$@"`;
    const child = spawn("bash", ["-c", script, "-", process.execPath, program, ...argv(folder, path)], {
      stdio: "ignore",
      env: { ...process.env, TMPDIR: folder },
    });
    expect(await once(child, "close")).toEqual([1, null]);
    expect(await readFile(path, "utf8")).toBe("earlier");
    expect((await readdir(folder)).toSorted()).toEqual(names.toSorted());
  });
});
