/** Locks between processes: one holder at a time, and none that outlives its process. */
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockFolder } from "../../../src/adapters/node/store/lock.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

/** The lock, if it is free. */
async function tryLock(folder: string): Promise<AsyncDisposable | undefined> {
  const soon = AbortSignal.timeout(500);
  return lockFolder(folder, { signal: soon }).catch(() => undefined);
}

async function claim(folder: string, holder: object, changed = new Date()): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "1"), JSON.stringify(holder));
  await utimes(join(folder, "1"), changed, changed);
}

const seconds = Math.round(Date.now() / 1000 - process.uptime());

it("has one holder at a time", async () => {
  const folder = join(await temporaryFolder(), "lock");
  const first = await lockFolder(folder);
  let waited = 0;
  const second = lockFolder(folder, { onWait: () => (waited += 1) });
  expect(await tryLock(folder)).toBeUndefined();
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  expect(waited).toBe(1);
  expect((await readdir(folder)).length).toBeLessThanOrEqual(2);
});

describe("a lock that was left behind", () => {
  it.each([
    ["by a process that is gone", { host: hostname(), pid: 2 ** 22 + 1, began: 1 }],
    [
      "by an earlier process of the same number",
      { host: hostname(), pid: process.pid, began: seconds - 1000 },
    ],
    ["with another content", {}],
  ])("%s is free", async (_, holder) => {
    const folder = join(await temporaryFolder(), "lock");
    await claim(folder, holder);
    const own = await tryLock(folder);
    expect(own).toBeDefined();
    await own?.[Symbol.asyncDispose]();
  });

  it("by another machine is free when it was silent for long", async () => {
    const folder = join(await temporaryFolder(), "lock");
    const holder = { host: "elsewhere", pid: 1, began: 1 };
    await claim(folder, holder);
    expect(await tryLock(folder)).toBeUndefined();
    await claim(folder, holder, new Date(Date.now() - 6 * 60_000));
    expect(await tryLock(folder)).toBeDefined();
  });
});

it("is held by one of many processes at a time, and survives those that are killed", async () => {
  const folder = await temporaryFolder();
  const [lock, log] = [join(folder, "lock"), join(folder, "log")];
  const module = new URL("../../../dist/src/adapters/node/store/lock.js", import.meta.url).href;
  const program = `
    import { appendFileSync } from "node:fs";
    const { lockFolder } = await import(${JSON.stringify(module)});
    for (let i = 0; i < 6; i++) {
      const lock = await lockFolder(${JSON.stringify(lock)});
      appendFileSync(${JSON.stringify(log)}, process.pid + " in\\n");
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
      if (Number(process.env.DIES) === i) process.kill(process.pid, "SIGKILL");
      appendFileSync(${JSON.stringify(log)}, process.pid + " out\\n");
      await lock[Symbol.asyncDispose]();
    }`;
  const ends = Array.from({ length: 6 }, (_, i) => {
    const env = { ...process.env, DIES: i < 3 ? String(i) : "never" };
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { env, stdio: "inherit" });
    return new Promise((resolve) => child.on("close", resolve));
  });
  await Promise.all(ends);
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  // three processes end in their first, second and third turn, without leaving
  expect(lines.length).toBe(3 * 12 + 1 + 3 + 5);
  for (const [i, line] of lines.entries()) {
    const [pid, what] = line.split(" ");
    if (what === "out") expect(lines[i - 1]).toBe(`${pid} in`);
  }
});
