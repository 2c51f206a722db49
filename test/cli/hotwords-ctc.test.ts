/** The commands hotwords and ctc. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("hotwords", () => {
  const text = "一千零四起事间消息请静静介绍，杜工";

  it("prints the words of a list that sound like parts of a text", async () => {
    const list = await file("hot.txt", "# people\n督工\n睡前消息\n无关词语\n");
    const run = await cli("hotwords", "--file", list, "--text", text);
    expect(run).toMatchObject({ exitCode: 0, results: ["督工", "睡前消息"], notes: [] });
    const both = await cli("hotwords", "--file", list, "--words", "静静", "--text", text, "--max", "1");
    expect(both.results).toEqual(["静静"]);
    const strict = await cli(
      "hotwords",
      "--file",
      list,
      "--text-file",
      await file("t.txt", text),
      "--threshold",
      "0.8",
    );
    expect(strict.results).toEqual(["督工"]);
  });

  it("explains them, and near misses", async () => {
    const run = await cli(
      "hotwords",
      "--words",
      "督工,睡前消息",
      "--threshold",
      "0.85",
      "--text",
      text,
      "--explain",
    );
    const rows = run.results[0]!.split("\n").map((line) => line.split(/ {2,}/u));
    expect(rows[1]).toEqual(["督工", "offered", "0.917", "0.833", "杜工", "15-17", "d u 1/4 g ong 1"]);
    expect(rows[2]?.slice(0, 5)).toEqual(["睡前消息", "not", "0.792", "0.750", "事间消息"]);
  });

  it("prints JSON", async () => {
    const run = await cli("hotwords", "--words", "督工", "--text", text, "--json");
    expect(JSON.parse(run.results[0]!)).toMatchObject([{ word: "督工", heard: "杜工", start: 15, end: 17 }]);
  });

  it.each([
    ["no list", ["--text", "a"], 2, /wanted a list/u],
    ["no text", ["--words", "a"], 2, /wanted a list .* and a text/u],
    ["a missing list", ["--file", "absent.txt", "--text", "a"], 2, /absent\.txt.*\[file_not_found\]/u],
    ["a threshold out of range", ["--words", "a", "--text", "a", "--threshold", "2"], 2, /above 0, up to 1/u],
    [
      "a threshold of nothing",
      ["--words", "a", "--text", "a", "--threshold", "0"],
      2,
      /threshold.*above 0, up to 1/u,
    ],
  ])("refuses %s", async (_, argv, exitCode, note) => {
    const run = await cli("hotwords", ...argv);
    expect(run).toMatchObject({ exitCode, results: [] });
    expect(run.notes.join("\n")).toMatch(note);
  });
});

interface Draft {
  readonly text: string;
  readonly labels: readonly { readonly start: number; readonly end: number }[];
  readonly timings: object;
}

describe("ctc", () => {
  it("prints the text, and the best labels of the frames that are not blank", async () => {
    const run = await cli("ctc", "-m", model, "-f", clip, "--topk", "3", "-np");
    expect(run).toMatchObject({ exitCode: 0, notes: [] });
    const [text, , ...rows] = run.results[0]!.split("\n");
    expect(text).toMatch(/^K/u);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.match(/ [01]\.\d{3}/gu)).toHaveLength(3);
    const all = await cli("ctc", "-m", model, "-f", clip, "--all", "-np", "--backend", "cpu", "-t", "1");
    const frames = all.results[0]!.split("\n").slice(2);
    expect(frames.length).toBeGreaterThan(rows.length);
    expect(frames[1]).toMatch(/^0\.06 /u);
  });

  it("prints JSON", async () => {
    const run = await cli("ctc", "-m", model, "-f", clip, "--json", "-l", "zh", "-np");
    const draft = JSON.parse(run.results[0]!) as { frames: { labels: unknown[] }[] };
    expect(draft).toMatchObject({ text: expect.stringMatching(/^K/u), timings: { ctc: expect.any(Number) } });
    expect(draft.frames[0]?.labels).toHaveLength(5);
  });

  it.each(["fun-asr-nano/fun-asr-nano", "sensevoice/sensevoice"])(
    "draws the posteriors of %s as a page, in the same pass",
    async (name) => {
      const argv = ["ctc", "-m", fixture(`tiny/${name}-bf16.gguf`), "-f", clip, "--json"];
      const page = join(folder, "ctc.html");
      const plain = await cli(...argv);
      const drawn = await cli(...argv, "--html", page);
      expect(drawn).toMatchObject({ exitCode: 0, notes: [] });
      expect(drawn.progress).toEqual(plain.progress); // a second pass would show its own progress
      const { timings: _, ...draft } = JSON.parse(drawn.results[0]!) as Draft;
      expect({ ...draft, timings: undefined }).toEqual({
        ...(JSON.parse(plain.results[0]!) as Draft),
        timings: undefined,
      });

      const html = await readFile(page, "utf8");
      expect(html.match(/<h2 /gu)).toHaveLength(1);
      const shown = /<blockquote>(?<text>[^<]*)</u.exec(html)!.groups!["text"];
      expect(shown).toBe(draft.text.replaceAll(/\p{Cc}/gu, "\uFFFD"));
      const boxes = [...html.matchAll(/<title>[^<]*: (?<start>-?[\d.]+) to (?<end>-?[\d.]+) s</gu)]
        .map(({ groups }) => [Number(groups!["start"]), Number(groups!["end"])] as const)
        .filter(([start]) => start >= 0); // SenseVoice's queries come before
      const digits = ({ start, end }: { start: number; end: number }): number[] => [start, end];
      expect(boxes).toEqual(draft.labels.map(digits));
    },
  );

  it.each([
    ["no file", [], 2, /-f: no audio file; wanted one/u],
    ["a missing file", ["-f", "absent.wav"], 2, /absent\.wav/u],
    ["a count out of range", ["-f", clip, "--topk", "0"], 2, /1 to 100/u],
  ])("refuses %s", async (_, argv, exitCode, note) => {
    const run = await cli("ctc", "-m", model, ...argv);
    expect(run.exitCode).toBe(exitCode);
    expect(run.notes.join("\n")).toMatch(note);
  });
});
