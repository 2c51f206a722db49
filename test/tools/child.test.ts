/** The process in which the fuzzer and the catalog of attacks read, and mutants are tested: restarted after any end, and ended with its parent. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import { Child } from "../../tools/child/child.ts";

const compiled = (name: string): string =>
  pathToFileURL(join(resolve(import.meta.dirname, "../.."), "dist/tools/child", name)).href;
const folder = mkdtempSync(join(tmpdir(), "fun-asr-child-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function programOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const program = programOf(
  "program.mjs",
  `import { spawn } from "node:child_process";
   import { mkdtempSync } from "node:fs";
   import { tmpdir } from "node:os";
   import { join } from "node:path";
   import { serve } from ${JSON.stringify(compiled("serve.js"))};
   serve(async (request) => {
     console.error(process.pid);
     if (request === "abort") process.abort();
     if (request === "exit") process.exit(3);
     if (request === "fill") for (const all = []; ; ) all.push(new Array(1e6).fill(0));
     if (request === "loop") for (;;);
     if (request === "start") return { pid: spawn(process.execPath, ["-e", "for (;;);"]).pid };
     if (request === "wait") return await new Promise(() => {});
     return { pid: process.pid, file: mkdtempSync(join(tmpdir(), "left-")) };
   });`,
);

type Request = "abort" | "exit" | "fill" | "loop" | "start" | "wait" | "answer";
interface Answer {
  readonly pid: number;
  readonly file: string;
}

const never = (): undefined => undefined;
const child = (): Child<Request, Answer> => new Child({ program, heap: 64 });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("answers every request in one process, until it is told to take a fresh one", async () => {
  await using one = child();
  const [first, second] = [await one.ask("answer", never), await one.ask("answer", never)] as Answer[];
  expect(second!.pid).toBe(first!.pid);
  await one.restart();
  expect(isRunning(first!.pid)).toBe(false);
  const third = (await one.ask("answer", never)) as Answer;
  expect(third.pid).not.toBe(first!.pid);
});

it.each<[Request, RegExp]>([
  ["abort", /^crashes \(SIGABRT\)$/u],
  ["exit", /^crashes \(exit code 3\)$/u],
  ["fill", /^crashes \(SIG(?:ABRT|TRAP)\)$/u],
])("reports a crash by %s, and answers the next request", async (request, lost) => {
  await using one = child();
  const { pid } = (await one.ask("answer", never)) as Answer;
  expect(await one.ask(request, never)).toEqual({ lost: expect.stringMatching(lost) });
  const after = (await one.ask("answer", never)) as Answer;
  expect(after.pid).not.toBe(pid);
});

it.each<Request>(["loop", "wait"])(
  "ends a %s that takes too long, and answers the next request",
  async (request) => {
    await using one = child();
    const { pid } = (await one.ask("answer", never)) as Answer;
    let looks = 0;
    expect(await one.ask(request, () => (++looks > 2 ? "too long" : undefined))).toEqual({
      lost: "too long",
    });
    expect(looks).toBe(3);
    expect(isRunning(pid)).toBe(false);
    expect(await one.ask("answer", never)).toHaveProperty("pid");
  },
);

it("answers after a crash between two requests", async () => {
  await using one = child();
  const { pid } = (await one.ask("answer", never)) as Answer;
  process.kill(pid, "SIGKILL");
  const after = await one.ask("answer", never);
  // its end may not have been reported yet
  const answer = "lost" in after ? await one.ask("answer", never) : after;
  expect((answer as Answer).pid).not.toBe(pid);
});

it("leaves neither the process nor its temporary files", async () => {
  let answer: Answer;
  {
    await using one = child();
    answer = (await one.ask("answer", never)) as Answer;
    expect(existsSync(answer.file)).toBe(true);
  }
  expect(isRunning(answer.pid)).toBe(false);
  expect(existsSync(answer.file)).toBe(false);
});

it("ends the processes that it has started", async () => {
  const one = child();
  const { pid } = (await one.ask("start", never)) as Answer;
  expect(isRunning(pid)).toBe(true);
  await one.restart();
  await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
});

it("refuses a program that does not start", async () => {
  await using one = new Child<string, Answer>({
    program: programOf("bad.mjs", "process.exit(7);"),
    heap: 64,
  });
  await expect(one.ask("answer", never)).rejects.toThrow(/bad\.mjs does not start: it ends with 7/u);
});

it.each([
  ["ends by itself", "setTimeout(() => process.exit(), 500);", undefined],
  ["is killed", "setInterval(() => {}, 1000);", "SIGKILL"],
] as const)("ends with its parent, which %s, also while it is busy", async (_, text, signal) => {
  const parent = programOf(
    "parent.mjs",
    `import { Child } from ${JSON.stringify(compiled("child.js"))};
     const one = new Child({ program: ${JSON.stringify(program)}, heap: 64, stderr: "inherit" });
     const started = await one.ask("start", () => undefined);
     console.error(started.pid);
     void one.ask("loop", () => undefined);
     process.stdin.once("data", () => { ${text} });`,
  );
  const running = spawn(process.execPath, [parent], { stdio: ["pipe", "ignore", "pipe"] });
  const pids: number[] = []; // of the process at each request, and of what it has started
  for await (const line of createInterface(running.stderr)) if (pids.push(Number(line)) === 3) break;
  expect(new Set(pids).size).toBe(2);
  expect(pids.every(isRunning)).toBe(true);
  running.stdin.write("go");
  if (signal !== undefined) running.kill(signal);
  await once(running, "exit");
  await expect.poll(() => pids.some(isRunning), { timeout: 30_000 }).toBe(false);
});
