/** Texts that would control a terminal or a spreadsheet, and paths that are no files. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArchive } from "../../../src/diff/archives/index.ts";
import { openModel } from "../../../src/containers/open-model.ts";
import { loadAudio } from "../../../src/audio/container.ts";
import { printable, printableLine } from "../../../src/adapters/node/output/printable.ts";
import { OUTPUT_FORMATS } from "../../../src/text/outputs/formats.ts";
import { toCsv } from "../../../src/text/outputs/tables.ts";
import type { AttackCase } from "../case.ts";

const controls: Readonly<Record<string, string>> = {
  "the clipboard by OSC 52": "\u001b]52;c;cHduZWQ=\u0007",
  "the clipboard by C1": "\u009d52;c;cHduZWQ=\u009c",
  "the title of the window": "\u001b]0;title\u001b\\",
  "a cleared screen": "\u001b[2J\u001b[H",
  "an answer that is typed": "\u001b[6n\u0005",
  "a line that is written over": "ok\rNO",
  "a deleted letter": "no\b\b\u007f",
  "reversed letters": "\u202egpj.exe",
  "an isolate": "\u2066a\u2069",
  "an Arabic letter mark": "\u061ca",
  "a line separator": "a\u2028b\u2029c",
  "half a pair": "a\ud800b",
  "a next line": "a\u0085b",
  "a device control string": "\u0090q\u009c",
  "a null": "a\0b",
};
const control = /[^\P{Cc}\t\n]|[\p{Bidi_Control}\u2028\u2029]/u;
/** Files may have ends of lines of every system; what turns the direction of a word stays in them. */
const fileControl = /[^\P{Cc}\t\r\n\f\v\u0085]|[\u202a-\u202e\u2066-\u2069]/u;

function refuse(text: string, pattern: RegExp): void {
  const found = pattern.exec(text);
  if (found !== null) throw new Error(`U+${found[0].codePointAt(0)!.toString(16)} is kept`);
}

const transcriptOf = (text: string) => ({
  text,
  segments: [{ id: 0, start: 0, end: 1, text, words: [{ start: 0, end: 1, text }] }],
});

const formulas = [
  "=1+1",
  "+1",
  "-1",
  "@SUM(A1)",
  "＝1",
  "＋1",
  "－1",
  "＠a",
  " =1",
  "\t=1",
  "\r=1",
  "\n=1",
  "\u202e=1",
  "\0=1",
];

/** The first letter of the cell that a spreadsheet sees. */
function cellOf(csv: string): string {
  const cell = csv.split("\r\n")[1]!.split(",").slice(2).join(",");
  return cell.replace(/^"/u, "");
}

type Opener = (path: string) => Promise<unknown>;
const openers: Readonly<Record<string, Opener>> = {
  audio: (path) => loadAudio(path, { ffmpeg: false }),
  model: async (path) => {
    await using _ = await openModel(path);
  },
  archive: async (path) => {
    await using _ = await openArchive(path);
  },
};

/** Makes what is at a path in a folder. */
const places: Readonly<Record<string, (folder: string) => Promise<string> | string>> = {
  nothing: (folder) => join(folder, "absent.wav"),
  "an empty file": async (folder) => put(folder, "empty.wav", ""),
  "a link in a loop": async (folder) => {
    await symlink("loop.wav", join(folder, "loop.wav"));
    return join(folder, "loop.wav");
  },
  "a link to nothing": async (folder) => {
    await symlink("absent", join(folder, "dangling.wav"));
    return join(folder, "dangling.wav");
  },
  "a path below a file": async (folder) => join(await put(folder, "a.wav", "a"), "b.wav"),
  "a name of 256 bytes": (folder) => join(folder, `${"n".repeat(252)}.wav`),
  "a path of 5000 bytes": (folder) => join(folder, "n/".repeat(2500)),
  "a name with a null": (folder) => join(folder, "a\0.wav"),
  "a FIFO without a writer": (folder) => {
    execFileSync("mkfifo", [join(folder, "fifo.wav")]);
    return join(folder, "fifo.wav");
  },
  "/dev/null": () => "/dev/null",
  "/dev/zero": () => "/dev/zero",
  "a folder of devices": () => "/dev",
  "an empty folder": async (folder) => {
    await mkdir(join(folder, "inner"));
    return join(folder, "inner");
  },
  "a name of controls": (folder) =>
    join(folder, `${controls["the clipboard by OSC 52"]!.replaceAll("/", "")}.wav`),
  "a page of the web": () => "ftp://127.0.0.1/a.wav",
};

async function put(folder: string, name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function openAt(place: (folder: string) => Promise<string> | string, open: Opener): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-attack-"));
  try {
    await open(await place(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const cases: readonly AttackCase[] = [
  ...Object.entries(controls).flatMap(([name, text]): AttackCase[] => [
    { name: `${name}, in a text`, run: () => refuse(printable(`a${text}b\nc`), control), expected: ["read"] },
    {
      name: `${name}, in a line`,
      run: () => refuse(printableLine(`a${text}b\nc`), /\n|[^\P{Cc}]|\p{Bidi_Control}/u),
      expected: ["read"],
    },
    ...(["srt", "vtt", "lrc", "tsv", "csv", "ctm"] as const).map((format): AttackCase => ({
      name: `${name}, in ${format}`,
      run: () =>
        refuse(
          OUTPUT_FORMATS[format].write(
            transcriptOf(text) as never,
            { name: "a", document: {} as never } as never,
          ),
          fileControl,
        ),
      expected: ["read"],
    })),
  ]),
  ...formulas.map((text): AttackCase => ({
    name: `the formula ${JSON.stringify(text)} in CSV`,
    run() {
      const cell = cellOf(toCsv(transcriptOf(text) as never));
      if (!cell.startsWith("'")) throw new Error(`the cell is ${cell}`);
    },
    expected: ["read"],
  })),
  ...Object.entries(places).flatMap(([place, make]) =>
    Object.entries(openers).map(([what, open]): AttackCase => ({
      name: `${place} as ${what}`,
      run: () => openAt(make, open),
      expected: [
        "file_not_found",
        "file_unreadable",
        "not_audio",
        "audio_empty",
        "audio_malformed",
        "checkpoint_malformed",
        "archive_malformed",
        "bad_option",
        "not_gguf",
        "not_installed",
        "unknown_model",
      ],
    })),
  ),
];
