/** All commands that write files: how each is called, and what it reads. */
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fixture } from "./fixtures.ts";

/** A command with one output. */
export interface WritingCommand {
  readonly name: string;
  /** The arguments that make it write to `output`, with inputs of {@link copyInputs} in `folder`. */
  readonly argv: (folder: string, output: string) => string[];
  /** What follows the output's path without extension, where the flag names that. */
  readonly extension?: string;
}

export const inputNames = {
  audio: "clip.wav",
  model: "model.gguf",
  text: "said.txt",
  archive: "reference.safetensors",
};

/** Copies the inputs of all commands. */
export async function copyInputs(folder: string): Promise<void> {
  const files = {
    audio: fixture("audio/tiny.wav"),
    model: fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"),
    archive: fixture("reference/fun-asr-nano.safetensors"),
    text: fixture("../LICENSE"),
  };
  for (const [name, file] of Object.entries(files)) {
    await copyFile(file, join(folder, inputNames[name as keyof typeof files]));
  }
}

const model = (folder: string): string[] => ["-m", join(folder, inputNames.model), "-np"];
const audio = (folder: string): string => join(folder, inputNames.audio);
const base = (output: string): string => output.replace(/\.[a-z]+$/iu, "");

export const writingCommands: readonly WritingCommand[] = [
  {
    name: "transcribe",
    extension: ".srt",
    argv: (folder, output) => [audio(folder), ...model(folder), "-n", "3", "-osrt", "-of", base(output)],
  },
  {
    name: "listen",
    extension: ".srt",
    argv: (folder, output) => [
      "listen",
      "--mic-command",
      `tail -c +45 '${audio(folder)}'`,
      ...model(folder),
      "-n",
      "3",
      "-osrt",
      "-of",
      base(output),
    ],
  },
  {
    name: "align",
    extension: ".vtt",
    argv: (folder, output) => [
      "align",
      "-f",
      audio(folder),
      ...model(folder),
      "--text",
      join(folder, inputNames.text),
      "-ovtt",
      "-of",
      base(output),
    ],
  },
  {
    name: "ctc",
    argv: (folder, output) => ["ctc", "-f", audio(folder), ...model(folder), "--html", output],
  },
  {
    name: "diff",
    argv: (folder, output) => [
      "diff",
      join(folder, inputNames.archive),
      audio(folder),
      ...model(folder),
      "-n",
      "2",
      "--stages",
      "fbank",
      "--no-forced",
      "--html",
      output,
    ],
  },
  {
    name: "report",
    argv: (folder, output) => ["report", "-f", audio(folder), ...model(folder), "-n", "2", "-o", output],
  },
  ...(["safetensors", "npz", "gguf", "crispasr"] as const).map((format) => ({
    name: `dump --format ${format}`,
    argv: (folder: string, output: string) => [
      "dump",
      audio(folder),
      ...model(folder),
      "-n",
      "1",
      "--stages",
      "fbank,audio_adaptor",
      "--format",
      format,
      "-o",
      output,
    ],
  })),
  {
    name: "convert",
    argv: (folder, output) => ["convert", join(folder, inputNames.model), "-o", output, "--threads", "1"],
  },
  {
    name: "quantize",
    argv: (folder, output) => [
      "quantize",
      join(folder, inputNames.model),
      output,
      "-t",
      "q8_0",
      "--threads",
      "1",
    ],
  },
];

export const isTemporary = (name: string): boolean => basename(name).startsWith(".fun-asr.");
