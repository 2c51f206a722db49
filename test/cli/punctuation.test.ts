/** `transcribe --punc-model`: the text and the files with marks, what `auto` takes, and what is refused. */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { convert } from "../../converters/writers/convert.ts";
import { installedPunctuation, writesMarks } from "../../src/pull/auto.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { cli as command } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const paraformer = fixture("tiny/paraformer/paraformer-bf16.gguf");
const nano = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/demo/zh-weather.wav");
const short = ["-d", "1500", "-np"];
const punctuation = fixture("tiny/ct-punc");
const marks = /[，。？、,.?]/gu;

/** What went to stdout and to stderr, as one text each. */
async function cli(...words: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const { exitCode, results, notes } = await command(...words);
  return { exitCode, out: results.join("\n"), err: notes.join("\n") };
}

interface Written {
  readonly text: string;
  readonly sentences: readonly { readonly text: string }[];
  readonly characters: readonly { readonly text: string }[];
}

it("puts marks in the text, in JSON by its schema, and in subtitles", async () => {
  const base = join(await temporaryFolder(), "out");
  const outputs = ["-osrt", "-ovtt", "-oj", "-of", base];
  const run = await cli("-m", paraformer, clip, ...short, "--punc-model", punctuation, ...outputs);
  expect(run).toMatchObject({ exitCode: 0 });
  const json = JSON.parse(await readFile(`${base}.json`, "utf8")) as Written;
  expect(schemaErrors(json)).toBeNull();
  expect(run.out.trim()).toBe(json.text);
  expect(json.text).toMatch(marks);
  const joined = (parts: readonly { readonly text: string }[]): string =>
    parts.map(({ text }) => text).join("");
  expect(joined(json.characters)).toBe(json.text);
  const close = (text: string): string => text.replace(/\s/gu, "");
  expect(close(joined(json.sentences))).toBe(close(json.text));
  const lines = (text: string): string => close(text.replace(/^(?:WEBVTT|\d+|.*-->.*)$/gmu, ""));
  for (const kind of ["srt", "vtt"]) {
    const written = lines(await readFile(`${base}.${kind}`, "utf8"));
    expect(written.replaceAll("&lt;", "<").replaceAll("&gt;", ">").match(marks)).toEqual(
      json.text.match(marks),
    );
  }
});

describe("auto", () => {
  it("is no model where the recognizer writes marks, and a note where none is installed", async () => {
    await modelsHome({});
    const own = await cli("-m", nano, clip, ...short, "-n", "1", "--punc-model", "auto");
    expect(own).toMatchObject({ exitCode: 0 });
    expect(own.err).not.toContain("punctuation");
    const none = await cli("-m", paraformer, clip, ...short, "--punc-model", "auto");
    expect(none).toMatchObject({ exitCode: 0 });
    expect(none.err).toContain("No punctuation model is installed");
    expect(none.out).not.toMatch(marks);
    expect(await installedPunctuation()).toBeUndefined();
  });

  it("knows which models write marks", () => {
    const architectures = ["fun-asr-nano", "sensevoice", "paraformer", "fsmn-vad", undefined];
    expect(architectures.map(writesMarks)).toEqual([true, true, false, false, false]);
  });

  it("takes the installed one", async () => {
    const path = join(await temporaryFolder(), "ct-punc.gguf");
    await convert(punctuation, path, { type: "F32" });
    await modelsHome({ "funasr/ct-punc": { files: { "ct-punc.gguf": await readFile(path) } } });
    expect(await cli("pull", "hf:funasr/ct-punc")).toMatchObject({ exitCode: 0 });
    expect(await installedPunctuation()).toMatch(/funasr\/ct-punc/u);
    const found = await cli("-m", paraformer, clip, ...short, "--punc-model", "auto");
    const given = await cli("-m", paraformer, clip, ...short, "--punc-model", punctuation);
    expect(found.out).toBe(given.out);
  });
});

it("is part of the plan of a dry run, and is not written over", async () => {
  const plan = await cli("-m", paraformer, clip, "--punc-model", punctuation, "--dry-run");
  expect(JSON.parse(plan.out)).toMatchObject({ punctuation });
  const folder = await temporaryFolder();
  const model = join(folder, "ct.txt");
  await copyFile(fixture("tiny/ct-punc/model.pt"), model);
  const base = join(folder, "ct");
  const run = await cli("-m", paraformer, clip, "--punc-model", model, "-otxt", "-of", base);
  expect(run).toMatchObject({ exitCode: 2 });
  expect(run.err).toContain("ct.txt");
});

it("is refused where it is no punctuation model, with what was found", async () => {
  const run = await cli("-m", paraformer, clip, "--punc-model", nano);
  expect(run.exitCode).not.toBe(0);
  expect(run.err).toContain("fun-asr-nano");
});
