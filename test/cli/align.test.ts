/** The command align. */
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

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

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
      "-ovtt",
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

    // The output can be aligned again.
    for (const again of [`${out}.srt`, `${out}.vtt`, `${out}.json`]) {
      const second = await cli("align", "-m", model, "-f", clip, "--text", again, "-np");
      expect(second.results).toEqual(run.results);
    }
  });

  it("cuts long lines, but keeps the cues of subtitles", async () => {
    const long = `Ki ${"no Ki ".repeat(16)}`.trim();
    const texts = async (name: string, content: string): Promise<string[]> => {
      const out = join(folder, "out");
      const text = await file(name, content);
      await cli(
        "align",
        "-m",
        model,
        "-f",
        clip,
        "--text",
        text,
        "--align",
        "text",
        "-osrt",
        "-of",
        out,
        "-np",
      );
      const srt = await readFile(`${out}.srt`, "utf8");
      return srt
        .trim()
        .split("\n\n")
        .map((cue) => cue.split("\n").slice(2).join("\n"));
    };
    const cut = await texts("t.txt", `${long}\nno`);
    expect(cut.length).toBeGreaterThan(2);
    expect(cut.join(" ").replaceAll("\n", " ")).toBe(`${long} no`);
    for (const line of cut.flatMap((cue) => cue.split("\n"))) expect(line.length).toBeLessThanOrEqual(42);
    const kept = await texts(
      "t.srt",
      `1\n00:00:00,000 --> 00:00:01,000\n${long}\n\n2\n00:00:01,000 --> 00:00:02,000\nno\n`,
    );
    expect(kept.map((cue) => cue.replaceAll("\n", " "))).toEqual([long, "no"]);
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
    const read = async (name: string, content: string): Promise<readonly string[]> =>
      (await readGivenText(await file(name, content))).parts;
    expect(await readGivenText(await file("a.srt", srt))).toEqual({ parts: ["大家好", "再见"], cues: true });
    expect(await readGivenText(await file("a.txt", "one\ntwo"))).toEqual({
      parts: ["one", "two"],
      cues: false,
    });
    const arrows = "1\n00:00:01,000 --> 00:00:02,000\nleft --> right\n\nup --> down\n";
    expect(await read("b.srt", arrows)).toEqual(["left --> right", "up --> down"]);
    const vtt =
      "\ufeffWEBVTT - talk\r\nKind: captions\r\n\r\nNOTE not said\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n" +
      "intro\r\n00:01.000 --> 00:02.000 align:start\r\n<v Anna>大家<00:01.500><c.loud>好</c>\r\n\r\n" +
      "01:00:03.000 --> 01:00:04.000\r\nA &lt; B &amp;&nbsp;C &other; --> D\r\n";
    expect(await read("a.vtt", vtt)).toEqual(["大家好", "A < B & C &other; --> D"]);
    expect(await read("a.json", '{"text":" a  b "}')).toEqual(["a b"]);
    const segments = '{"text":"x","segments":[{"text":"a"},{"text":""},{"text":"b"}]}';
    expect(await read("b.json", segments)).toEqual(["a", "b"]);
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
    ["a missing text", ["-f", clip, "--text", "absent.txt"], 2, /absent\.txt.*\[file_not_found\]/u],
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
