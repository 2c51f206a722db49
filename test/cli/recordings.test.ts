/** The recording of a command: an argument or the value of `-f`, for all commands that read one, with the same result. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const shared = ["-m", model, "-np"];

/** The words of each command but for the recording, in a folder. */
const reading: Readonly<Record<string, (folder: string) => string[]>> = {
  transcribe: () => [...shared, "--decoder", "ctc"],
  align: (folder) => [...shared, "--text", join(folder, "text.txt")],
  ctc: () => shared,
  dump: (folder) => [...shared, "-n", "1", "-o", join(folder, "out")],
  diff: () => [...shared, "--against", "cpu", "-n", "1", "--stages", "audio_adaptor"],
  patch: () => [...shared, "-n", "1", "--at", "audio_adaptor", "--from", clip],
  ablate: () => [...shared, "-n", "1", "--at", "audio_adaptor"],
  lens: () => [...shared, "--of", "ctc"],
  report: (folder) => [...shared, "-n", "1", "-o", join(folder, "out")],
  bench: () => ["-m", model, "--decoder", "ctc", "--repeat", "1"],
};

it("is read by these commands, and by no other", async () => {
  const all = await Promise.all(
    commands.map(async ({ name, load }) => ({ name, flags: (await load()).flags })),
  );
  const names = all.filter(({ flags }) => flags["file"]?.short === "-f").map(({ name }) => name);
  expect(names).toEqual(Object.keys(reading));
});

describe.each(Object.entries(reading))("%s", (command, words) => {
  it("takes an argument, in any place, or -f", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "text.txt"), "Ki, no");
    const rest = words(folder);
    const results: unknown[] = [];
    for (const argv of [
      [clip, ...rest],
      [...rest, clip],
      ["-f", clip, ...rest],
      [...rest, "--file", clip],
    ]) {
      const run = await cli(command, ...argv);
      expect(run.exitCode, run.notes.join()).toBe(0);
      const written = await readFile(join(folder, "out")).catch(() => undefined);
      results.push(command === "bench" ? "a figure" : { results: run.results, size: written?.length });
    }
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  it("refuses none, before the model is opened", async () => {
    const run = await cli(
      command,
      ...words(await temporaryFolder()).map((word) => (word === model ? "absent" : word)),
    );
    expect(run).toMatchObject({ exitCode: 2, results: [] });
    expect(run.notes.join()).toContain("no audio file");
  });
});

const single = Object.entries(reading).filter(([command]) => !["transcribe", "bench"].includes(command));
it.each(single)("two are refused by %s", async (command, words) => {
  const run = await cli(command, clip, "-f", clip, ...words(await temporaryFolder()));
  expect(run).toMatchObject({ exitCode: 2, results: [] });
  expect(run.notes.join()).toContain("-f: 2 files; wanted ");
});

it("of diff comes after the archive, or with -f", async () => {
  const folder = await temporaryFolder();
  const archive = join(folder, "a.npz");
  await cli("dump", clip, ...shared, "-n", "1", "--stages", "audio_adaptor", "-o", archive);
  for (const argv of [
    [archive, clip],
    [archive, "-f", clip],
    ["-f", clip, archive],
  ]) {
    const run = await cli("diff", ...argv, ...shared);
    expect(run.exitCode, run.notes.join()).toBe(0);
  }
  const missing = await cli("diff", "-f", clip, ...shared);
  expect(missing).toMatchObject({
    exitCode: 2,
    notes: [expect.stringContaining("diff: no archive; wanted an archive")],
  });
});
