/** The commands align, ctc and hotwords, and the flags that say how to recognize. */
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Papa from "papaparse";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { joinParts, readGivenText } from "../../src/cli/given-text.ts";

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

describe("hotwords", () => {
  const text = "一千零四起事间消息请静静介绍，杜工";

  it("prints the words of a list that a text may have meant", async () => {
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

  it("explains them, near misses as well", async () => {
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
    [
      "a list that is not there",
      ["--file", "absent.txt", "--text", "a"],
      2,
      /absent\.txt.*\[file_not_found\]/u,
    ],
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
  it("prints the draft, and the best labels of the frames that say something", async () => {
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
    "draws the posteriors of %s as a page, of the pass that it prints",
    async (name) => {
      const argv = ["ctc", "-m", fixture(`tiny/${name}-bf16.gguf`), "-f", clip, "--json"];
      const page = join(folder, "ctc.html");
      const plain = await cli(...argv);
      const drawn = await cli(...argv, "--html", page);
      expect(drawn).toMatchObject({ exitCode: 0, notes: [] });
      expect(drawn.progress).toEqual(plain.progress); // a second pass would tell of its own
      const { timings: _, ...draft } = JSON.parse(drawn.results[0]!) as Draft;
      expect({ ...draft, timings: undefined }).toEqual({
        ...(JSON.parse(plain.results[0]!) as Draft),
        timings: undefined,
      });

      const html = await readFile(page, "utf8");
      expect(html.match(/<h2 /gu)).toHaveLength(1);
      const said = /<blockquote>(?<text>[^<]*)</u.exec(html)!.groups!["text"];
      expect(said).toBe(draft.text.replaceAll(/\p{Cc}/gu, "\uFFFD"));
      const boxes = [...html.matchAll(/<title>[^<]*: (?<start>-?[\d.]+) to (?<end>-?[\d.]+) s</gu)]
        .map(({ groups }) => [Number(groups!["start"]), Number(groups!["end"])] as const)
        .filter(([start]) => start >= 0); // SenseVoice's queries come before
      const digits = ({ start, end }: { start: number; end: number }): number[] => [start, end];
      expect(boxes).toEqual(draft.labels.map(digits));
    },
  );

  it.each([
    ["no file", [], 2, /required option '-f/u],
    ["a file that is not there", ["-f", "absent.wav"], 2, /absent\.wav/u],
    ["a count out of range", ["-f", clip, "--topk", "0"], 2, /1 to 100/u],
  ])("refuses %s", async (_, argv, exitCode, note) => {
    const run = await cli("ctc", "-m", model, ...argv);
    expect(run.exitCode).toBe(exitCode);
    expect(run.notes.join("\n")).toMatch(note);
  });
});

describe("align", () => {
  it("prints the words of a text with their times", async () => {
    const text = await file("t.txt", "Ki, no");
    const run = await cli("align", "-m", model, "-f", clip, "--text", text, "-np");
    expect(run).toMatchObject({ exitCode: 0, notes: [] });
    expect(run.results[0]!.split("\n").map((row) => row.split(/ +/u)[2])).toEqual(["Ki,", "no"]);
  });

  it("writes subtitles with a cue for each line, and JSON", async () => {
    const text = await file("t.txt", "K i!\nno\n");
    const out = join(folder, "out");
    const run = await cli(
      "align",
      "-m",
      model,
      "-f",
      clip,
      "--text",
      text,
      "-osrt",
      "-oj",
      "-ocsv",
      "-of",
      out,
      "-np",
    );
    expect(run.exitCode).toBe(0);
    const srt = await readFile(`${out}.srt`, "utf8");
    expect(srt.split("\n").filter((line) => /^[A-Za-z]/u.test(line))).toEqual(["K i!", "no"]);
    const csv = Papa.parse<{ text: string }>(await readFile(`${out}.csv`, "utf8"), {
      header: true,
      skipEmptyLines: true,
    });
    expect(csv.data.map((row) => row.text)).toEqual(["K i!", "no"]);
    const json = JSON.parse(await readFile(`${out}.json`, "utf8")) as { segments: { words: object[] }[] };
    expect(json).toMatchObject({ text: "K i! no", agreement: expect.any(Number), model: { ctc: true } });
    expect(json.segments.map(({ words }) => words.length)).toEqual([2, 1]);

    // What was written can be aligned again.
    for (const again of [`${out}.srt`, `${out}.json`]) {
      const second = await cli("align", "-m", model, "-f", clip, "--text", again, "-np");
      expect(second.results).toEqual(run.results);
    }
  });

  it("aligns by text, moved by an offset, as JSON", async () => {
    const text = await file("t.txt", "Ki");
    const at = async (...flags: string[]): Promise<number> => {
      const run = await cli("align", "-m", model, "-f", clip, "--text", text, "--json", "-np", ...flags);
      return (JSON.parse(run.results[0]!) as { characters: { start: number }[] }).characters[0]!.start;
    };
    const [plain, moved] = [
      await at("--align", "text"),
      await at("--align", "text", "--align-offset", "0.5"),
    ];
    expect(moved - plain).toBeCloseTo(0.5, 6);
  });

  it("reads plain text, cues and JSON", async () => {
    const srt =
      "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>大家</i>\r\n好\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}再见\r\n";
    expect(await readGivenText(await file("a.srt", srt))).toEqual(["大家 好", "再见"]);
    expect(await readGivenText(await file("a.json", '{"text":" a  b "}'))).toEqual(["a b"]);
    const segments = '{"text":"x","segments":[{"text":"a"},{"text":""},{"text":"b"}]}';
    expect(await readGivenText(await file("b.json", segments))).toEqual(["a", "b"]);
    expect(joinParts(["大家好，", "再见。", "Well then.", "yes"])).toEqual({
      text: "大家好，再见。 Well then. yes",
      spans: [
        { from: 0, to: 4 },
        { from: 4, to: 7 },
        { from: 8, to: 18 },
        { from: 19, to: 22 },
      ],
    });
  });

  it.each([
    ["no text", ["-f", clip], 2, /required option '--text/u],
    ["a text that is not there", ["-f", clip, "--text", "absent.txt"], 2, /absent\.txt.*\[file_not_found\]/u],
    [
      "audio that is not there",
      ["-f", "absent.wav", "--text", clip.replace(/wav$/u, "txt")],
      2,
      /tiny\.txt/u,
    ],
  ])("refuses %s", async (_, argv, exitCode, note) => {
    const run = await cli("align", "-m", model, ...argv);
    expect(run.exitCode).toBe(exitCode);
    expect(run.notes.join("\n")).toMatch(note);
  });

  it.each([
    ["empty.txt", " \n", /no text.*\[bad_option\]/u],
    ["bad.json", "{", /not JSON/u],
    ["other.json", '{"segments":[{}]}', /JSON without texts/u],
  ])("refuses %s", async (name, content, note) => {
    const run = await cli("align", "-m", model, "-f", clip, "--text", await file(name, content));
    expect(run.exitCode).toBe(2);
    expect(run.notes.join("\n")).toMatch(note);
  });

  it("stops cleanly at Ctrl-C", async () => {
    const out = join(folder, "out");
    const running = cli(
      "align",
      "-m",
      model,
      "-f",
      clip,
      "--text",
      await file("t.txt", "K"),
      "-oj",
      "-of",
      out,
    );
    const press = setInterval(() => process.emit("SIGINT"), 2);
    const run = await running;
    clearInterval(press);
    expect(run).toMatchObject({ exitCode: 130, notes: ["interrupted"] });
    expect(await readdir(folder)).toEqual(["t.txt"]);
  });
});

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

  it("sample, and try again", async () => {
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

  it("tell confidence, choose the alignment, gate silence, bound tokens", async () => {
    const told = await transcribe("--logprobs", "--silence-gate", "ctc", "-n", "auto");
    expect(told["logprobs"]).toHaveLength((told["tokens"] as number[]).length);
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
    ["a list that is not there", ["--hotwords-file", "absent.txt"], /absent\.txt.*\[file_not_found\]/u],
    ["rules that are none", ["--corrections", fixture("audio/tiny.wav")], /tiny\.wav.*\[file_unreadable\]/u],
    ["a search of no kind", ["--hotword-search", "all"], /Allowed choices/u],
    ["a temperature that is none", ["--temperature", "hot"], /from 0 to 10/u],
    ["an empty temperature", ["--fallback-temperatures", "0.3,,1"], /from 0 to 10/u],
    ["no tokens", ["-n", "none"], /whole number/u],
    ["a share above one", ["--top-p", "1.5"], /above 0, up to 1/u],
  ])("refuse %s", async (_, flags, note) => {
    const run = await cli("-m", model, "-f", clip, ...flags);
    expect(run).toMatchObject({ exitCode: 2, results: [] });
    expect(run.notes.join("\n")).toMatch(note);
  });
});
