/** The flags of `transcribe` for hotwords, decoding and timestamps, by the results. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const few = ["-np", "-n", "3"];

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("flags of transcribe", () => {
  const transcribe = async (...flags: string[]): Promise<Record<string, unknown>> => {
    const run = await cli("-m", model, "-f", clip, "--json-lines", ...few, ...flags);
    expect(run.notes.filter((note) => note.startsWith("error"))).toEqual([]);
    expect(run.exitCode).toBe(0);
    return JSON.parse(run.results[0]!) as Record<string, unknown>;
  };

  it("offer a short list, and search a file", async () => {
    expect(await transcribe("--hotwords", "zebra，K i")).toMatchObject({
      hotwords: [
        { word: "zebra", by: "list" },
        { word: "K i", by: "list" },
      ],
    });
    const list = await file("hot.txt", "zebra\nK i # heard\n");
    expect(await transcribe("--hotwords-file", list)).toMatchObject({
      hotwords: [{ word: "K i", by: "draft" }],
    });
    expect(await transcribe("--hotwords-file", list, "--hotwords-max", "0")).toMatchObject({ hotwords: [] });
    const all = await transcribe("--hotwords-file", list, "--hotword-search", "none");
    expect(all["hotwords"]).toHaveLength(2);
    const near = ["--hotwords", "K a", "--hotword-search", "draft"];
    expect((await transcribe(...near, "--hotwords-threshold", "0.5"))["hotwords"]).toHaveLength(1);
    expect((await transcribe(...near, "--hotwords-threshold", "0.9"))["hotwords"]).toHaveLength(0);
  });

  it("correct the text", async () => {
    const plain = (await transcribe())["text"] as string;
    const letter = plain.trim().charAt(0);
    const rules = await file("rules.txt", `${letter} => <${letter}>\n`);
    expect((await transcribe("--corrections", rules))["text"]).toContain(`<${letter}>`);
  });

  it("sample, and retry", async () => {
    const greedy = await transcribe();
    const seeded = ["--temperature", "1", "--seed", "3", "--top-k", "0", "--top-p", "0.99"];
    const sampled = await transcribe(...seeded);
    expect(sampled).toMatchObject({ temperature: 1 });
    expect(sampled["tokens"]).not.toEqual(greedy["tokens"]);
    expect((await transcribe("--temperature", "1", "--top-k", "1"))["tokens"]).toEqual(greedy["tokens"]);
    expect(await transcribe("--fallback")).toMatchObject({ avgLogprob: expect.any(Number) });
    const wild = ["--temperature", "10", "--top-k", "0"]; // improbable at once
    expect(await transcribe(...wild, "--fallback-temperatures", "9,0")).toMatchObject({
      attempts: [{ temperature: 10 }, { temperature: 9 }, { temperature: 0 }],
      temperature: 0,
    });
    const usual = (await transcribe(...wild, "--fallback"))["attempts"] as { temperature: number }[];
    expect(usual.slice(0, 2).map(({ temperature }) => temperature)).toEqual([10, 0.3]);
    const penalized = await transcribe("--repetition-penalty", "10", "-n", "20");
    expect(new Set(penalized["tokens"] as number[]).size).toBe((penalized["tokens"] as number[]).length);
  });

  it("draft tokens, which changes the number of steps alone", async () => {
    const off = await transcribe("--draft", "off");
    const { steps, accepted } = off["counts"] as Record<string, number>;
    expect([steps, accepted]).toEqual([expect.any(Number), 0]);
    for (const count of ["1", "7"]) {
      const drafted = await transcribe("--draft-tokens", count);
      expect(drafted["tokens"]).toEqual(off["tokens"]);
      const found = drafted["counts"] as Record<string, number>;
      expect(found["steps"]! + found["accepted"]!).toBe(steps);
    }
  });

  it("add log probabilities, choose the alignment and the silence gate, limit tokens", async () => {
    const result = await transcribe("--logprobs", "--silence-gate", "ctc", "-n", "auto");
    expect(result["logprobs"]).toHaveLength((result["tokens"] as number[]).length);
    const base = join(folder, "x");
    const start = async (...flags: string[]): Promise<number> => {
      await transcribe("--decoder", "ctc", "-oj", "-osrt", "-of", base, ...flags);
      const json = JSON.parse(await readFile(`${base}.json`, "utf8")) as { characters: { start: number }[] };
      return json.characters[0]!.start;
    };
    const [plain, moved] = [
      await start("--align", "text"),
      await start("--align", "text", "--align-offset", "0.2"),
    ];
    expect(moved - plain).toBeCloseTo(0.2, 6);
  });

  it.each([
    ["a missing list", ["--hotwords-file", "absent.txt"], /absent\.txt.*\[file_not_found\]/u],
    [
      "rules that are no text",
      ["--corrections", fixture("audio/tiny.wav")],
      /tiny\.wav.*\[file_unreadable\]/u,
    ],
    ["a search of no kind", ["--hotword-search", "all"], /wanted auto, none, draft, ctc/u],
    ["a temperature that is no number", ["--temperature", "hot"], /from 0 to 10/u],
    ["an empty temperature", ["--fallback-temperatures", "0.3,,1"], /from 0 to 10/u],
    ["no tokens", ["-n", "none"], /whole number/u],
    ["a share above one", ["--top-p", "1.5"], /above 0, up to 1/u],
  ])("refuse %s", async (_, flags, note) => {
    const run = await cli("-m", model, "-f", clip, ...flags);
    expect(run).toMatchObject({ exitCode: 2, results: [] });
    expect(run.notes.join("\n")).toMatch(note);
  });
});
