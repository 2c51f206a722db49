/** `fun-asr bench` on the tiny model. */
import { readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

it("measures every segment length and format, and the error rate", async () => {
  const ref = join(await temporaryFolder(), "ref.tsv");
  const recognized = (await cli("-m", model, "-f", clip, "--decoder", "ctc")).results[0]!;
  await writeFile(ref, `tiny.wav\t${recognized} extra\n`);
  const ways = ["--windows", "10,20", "--types", "bf16,q8_0", "--repeat", "2", "--ref", ref];
  const run = await cli("bench", "-m", model, "-f", clip, "--decoder", "ctc", "--json", ...ways);
  expect(run.exitCode, run.notes.join()).toBe(0);
  const rows = JSON.parse(run.results.join("")) as { type: string; window: number; errorRate: number }[];
  expect(rows.map(({ type, window }) => [type, window])).toEqual([
    ["BF16", 10],
    ["BF16", 20],
    ["Q8_0", 10],
    ["Q8_0", 20],
  ]);
  expect(rows[0]).toMatchObject({ repeatable: true, audioSeconds: 0.76, rtf: expect.any(Number) });
  expect(rows[0]!.errorRate).toBeGreaterThan(0);
  expect(run.progress).toContain("pass 2/2: Q8_0, 20 s");
});

it("prints a table, with the given backend and threads", async () => {
  const how = ["--backend", "cpu", "-t", "1", "--repeat", "1", "--decoder", "ctc"];
  const run = await cli("bench", "-m", model, "-f", clip, ...how);
  expect(run.results.join("\n")).toMatch(/^type +window +audio s +RTF[^\n]*\nas in the file +30/u);
});

it.each([
  ["a window of no length", ["--windows", "0"]],
  ["an unknown format", ["--types", "q9"]],
])("refuses %s", async (_, argv) => {
  expect((await cli("bench", "-m", model, "-f", clip, ...argv)).exitCode).toBe(2);
});

it("refuses a reference without the file, or without tabs", async () => {
  const ref = join(await temporaryFolder(), "ref.tsv");
  for (const text of ["other.wav\thello\n", "no tab here\n"]) {
    await writeFile(ref, text);
    const run = await cli(
      "bench",
      "-m",
      model,
      "-f",
      clip,
      "--decoder",
      "ctc",
      "--repeat",
      "1",
      "--ref",
      ref,
    );
    expect(run.exitCode).toBe(2);
    expect(run.progress.filter((line) => line !== "")).toEqual([]); // before anything is measured
    expect(run.notes.join()).toMatch(/--ref/u);
  }
});

it.each<[string, string[], () => Promise<boolean>]>([
  ["while it makes models", ["--types", "q8_0,f16"], async () => (await readdir(tmpdir())).length > 0],
  ["while it measures", [], async () => true],
])("stops at Ctrl-C %s, and leaves nothing behind", async (_, argv, isDue) => {
  vi.stubEnv("TMPDIR", await temporaryFolder());
  const running = cli("bench", "-m", model, "-f", clip, "--repeat", "100", ...argv);
  // pressed as soon as somebody waits for it, and once only: a second one would end the process
  while (process.listenerCount("SIGINT") === 0 || !(await isDue())) await sleep(1);
  process.emit("SIGINT");
  const run = await running;
  expect(run).toMatchObject({ exitCode: 130, results: [], notes: ["interrupted"] });
  expect(await readdir(tmpdir())).toEqual([]);
  vi.unstubAllEnvs();
});
