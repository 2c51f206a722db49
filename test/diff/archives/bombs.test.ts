/** Archives that inflate to far more than they hold: only what fits the model is inflated, and heads of entries in small. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { openArchive } from "../../../src/diff/archives/index.ts";
import { encodeNpyHeader } from "../../../src/diff/archives/npy.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { cli } from "../../helpers/environment/screen.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";
import { deflatedZip } from "../../helpers/builders/zip.ts";

const clip = fixture("audio/tiny.wav");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const megabytes = 300;

/** Zeros of `megabytes`, as an entry of an archive that is a thousand times smaller. */
async function bomb(names: readonly string[]): Promise<string> {
  const path = join(await temporaryFolder(), "bomb.npz");
  const shape = [megabytes * 2 ** 18];
  const content = Buffer.concat([encodeNpyHeader(shape), Buffer.alloc(megabytes * 2 ** 20)]);
  const deflated = { deflated: deflateRawSync(content), size: content.length, crc: crc32(content) };
  await writeFile(path, deflatedZip(names.map((name) => ({ name: `${name}.npy`, ...deflated }))));
  return path;
}

test("diff and report name the shape, without the values", async () => {
  const path = await bomb(["fbank", "lfr"]);
  const before = process.memoryUsage().arrayBuffers;
  const page = join(await temporaryFolder(), "page.html");
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 2);
  const run = await cli("diff", path, clip, "-m", model, "-np", "-n", "1", "--html", page);
  clearInterval(watch);
  expect(run.exitCode).toBe(5);
  expect(run.results.join()).toContain(`the reference's is [${megabytes * 2 ** 18}]`);
  expect(most).toBeLessThan(100 * 2 ** 20);
});

test("opening many such entries inflates little of each", async () => {
  const path = await bomb(Array.from({ length: 200 }, (_, i) => `stage${i}`));
  const start = process.cpuUsage();
  await using archive = await openArchive(path);
  const used = process.cpuUsage(start);
  expect(archive.stages.size).toBe(200);
  expect((used.user + used.system) / 1e6).toBeLessThan(3);
}, 60_000);

test("two archives, and a patch, do not inflate it either", async () => {
  const path = await bomb(["audio_adaptor"]);
  const before = process.memoryUsage().arrayBuffers;
  const sound = fixture("reference/fun-asr-nano.safetensors");
  expect((await cli("diff", path, sound)).exitCode).toBe(5);
  const both = await cli("diff", path, path);
  expect(both.exitCode).toBe(1);
  expect(both.notes.join()).toContain("archive_limit");
  const patched = await cli(
    "patch",
    clip,
    "-m",
    model,
    "--at",
    "audio_adaptor",
    "--from",
    path,
    "-np",
    "-n",
    "1",
  );
  expect(patched.notes.join()).toContain("archive_limit");
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 2 ** 20);
});
