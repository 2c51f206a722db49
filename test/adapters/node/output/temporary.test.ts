/** Temporary files: short names, removed at the end of the process, and swept where a process was killed. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  removeTemporaries,
  temporaryIn,
  workFolder,
} from "../../../../src/adapters/node/output/temporary.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

const module = pathToFileURL(fixture("../dist/src/adapters/node/output/temporary.js")).href;

/** The name that a process of that number would give, on this machine or another. */
function nameOf(name: string, pid: number, machine?: string): string {
  const [, product, own, , random] = name.split(".");
  return `.${product}.${machine ?? own}.${pid}.${random}.tmp`;
}

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "close");
  return child.pid!;
}

describe("a temporary name", () => {
  it("is short, whatever the output is called", async () => {
    const folder = await temporaryFolder();
    const [one, other] = [await temporaryIn(folder), await temporaryIn(folder)];
    expect(Buffer.byteLength(basename(one.path))).toBeLessThanOrEqual(40);
    expect(other.path).not.toBe(one.path);
    one.release();
    other.release();
  });
});

describe("what is left in a folder", () => {
  it("is removed where its process is gone, and stays where it runs or is on another machine", async () => {
    const folder = await temporaryFolder();
    const sample = await temporaryIn(folder);
    sample.release();
    const name = basename(sample.path);
    const running = spawn("sleep", ["60"]);
    onTestFinished(() => void running.kill());
    const dead = await deadPid();
    const other = name.split(".")[2] === "0000" ? "ffff" : "0000";
    const names = {
      dead: nameOf(name, dead),
      deadFolder: nameOf(name, dead).replace(/\.[0-9a-f]{8}\./u, ".00000000."),
      running: nameOf(name, running.pid!),
      otherMachine: nameOf(name, dead, other),
      oldOfOtherMachine: nameOf(name, dead, other).replace(/\.[0-9a-f]{8}\./u, ".00000000."),
      mine: ".fun-asr.tmp",
      archive: nameOf(name, dead).replace(/\.tmp$/u, ".old"),
    };
    const inner = join(folder, "inner");
    await mkdir(inner);
    for (const [kind, file] of Object.entries(names)) {
      if (kind === "deadFolder") {
        await mkdir(join(inner, file));
        await writeFile(join(inner, file, "a.npy"), "…");
      } else await writeFile(join(inner, file), "…");
    }
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(join(inner, names.oldOfOtherMachine), longAgo, longAgo);

    const next = await temporaryIn(inner);
    next.release();
    const kept = [names.running, names.otherMachine, names.mine, names.archive];
    expect((await readdir(inner)).toSorted()).toEqual(kept.toSorted());
  });
});

describe("removal", () => {
  it("of all at once leaves nothing", async () => {
    const folder = await temporaryFolder();
    const file = await temporaryIn(folder);
    await writeFile(file.path, "…");
    const kept = await temporaryIn(folder);
    await writeFile(kept.path, "kept");
    kept.release();
    await using work = await workFolder();
    await writeFile(join(work.path, "big"), "…");
    removeTemporaries();
    expect(await readdir(folder)).toEqual([basename(kept.path)]);
    expect(await readFile(kept.path, "utf8")).toBe("kept");
    await expect(readdir(work.path)).rejects.toThrow("ENOENT");
  });

  it("happens when the process ends, also by process.exit", async () => {
    const folder = await temporaryFolder();
    const script = `
      import { writeFileSync } from "node:fs";
      import { temporaryIn } from ${JSON.stringify(module)};
      writeFileSync((await temporaryIn(${JSON.stringify(folder)})).path, "…");
      process.exit(3);`;
    expect(() => execFileSync(process.execPath, ["--input-type=module", "-e", script])).toThrow(
      "Command failed",
    );
    expect(await readdir(folder)).toEqual([]);
  });
});
