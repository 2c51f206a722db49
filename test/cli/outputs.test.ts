/** Output files of the models that have no language model: their times come from their own labels. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { cli } from "../helpers/environment/screen.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fun-asr-outputs-"));
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  ["paraformer", "cif"],
  ["sensevoice", "ctc"],
])("%s times its words by %s", async (name, source) => {
  const base = join(folder, "out");
  const model = fixture(`tiny/${name}/${name}-bf16.gguf`);
  const run = await cli("-m", model, "-f", fixture("audio/tiny.wav"), "-osrt", "-oj", "-of", base);
  expect(run).toMatchObject({ exitCode: 0 });
  const json = JSON.parse(await readFile(`${base}.json`, "utf8")) as {
    text: string;
    characters: { text: string }[];
    words: { start: number; end: number; source: string }[];
  };
  expect(schemaErrors(json)).toBeNull();
  const { text, characters, words } = json;
  expect(characters.map((unit) => unit.text).join("")).toBe(text.trim());
  expect(words.length).toBeGreaterThan(0);
  for (const [i, word] of words.entries()) {
    expect(word.source).toBe(source);
    expect(word.end).toBeGreaterThan(word.start);
    expect(word.start).toBeGreaterThanOrEqual(words[i - 1]?.end ?? 0);
  }
  expect(await readFile(`${base}.srt`, "utf8")).toContain(" --> ");
});
