/** Misspelled and foreign words get the name of what was meant. */
import { describe, expect, it } from "vitest";
import { whisperFlags } from "../../src/cli/flags/whisper.ts";
import { transcribe } from "../../src/cli/transcribe.ts";
import { longFlag } from "../../src/cli/flags/flag.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

describe("nearest name", () => {
  it.each<[string, string[], string]>([
    ["of a command", ["trasncribe", clip], "Did you mean fun-asr transcribe?"],
    ["of a command of two words", ["setip", "tensorflow"], "Did you mean fun-asr setup tensorflow?"],
    ["of a command, for its help", ["help", "bech"], "Did you mean fun-asr bench?"],
    [
      "of an option",
      [clip, "--thredas", "2"],
      "--thredas: fun-asr transcribe has no such option. Did you mean --threads?",
    ],
    [
      "of an option with its value",
      ["lens", clip, "--topp=3"],
      "--topp: fun-asr lens has no such option. Did you mean --top?",
    ],
    ["of a negated option", [clip, "--no-int"], "Did you mean --no-itn?"],
    ["of a short option", [clip, "-osrtt"], "Did you mean -osrt?"],
    [
      "of a choice",
      [clip, "--backend", "wsm"],
      '--backend: "wsm"; wanted wasm, tensorflow, cpu, hybrid, auto. Did you mean wasm?',
    ],
    ["of a language", ["-m", model, clip, "-l", "chinse"], "Did you mean Chinese?"],
    ["of a format", ["quantize", model, "x.gguf", "-t", "q8_1"], "Did you mean q8_0?"],
    ["of an action", ["models", "lst"], "Did you mean list?"],
    [
      "of a stage",
      ["ablate", clip, "-m", model, "-np", "--at", "audio_adapter"],
      "stage: audio_adapter; wanted one of the model's stages. Did you mean audio_adaptor?",
    ],
    [
      "of a second stage",
      ["ablate", clip, "-m", model, "-np", "--at", "lfr,audio_adapter"],
      "Did you mean audio_adaptor?",
    ],
    ["of a stage to list", ["dump", "--list", "-m", model, "--stages", "lfrr"], "Did you mean lfr?"],
  ])("%s", async (_, argv, remedy) => {
    const { exitCode, notes, results } = await cli(...argv);
    expect({ exitCode, results }).toEqual({ exitCode: 2, results: [] });
    expect(notes.join("\n")).toContain(remedy);
  });

  it("is not made up where none is near", async () => {
    for (const [argv, remedy] of [
      [["xyzzyx"], "`fun-asr --help` lists the commands"],
      [[clip, "--xyzzyx"], "`fun-asr transcribe --help` lists the options"],
      [["setup"], "is not the whole command; wanted fun-asr setup tensorflow"],
    ] as const) {
      const { exitCode, notes } = await cli(...argv);
      expect(exitCode).toBe(2);
      expect(notes.join()).toContain(remedy);
    }
  });
});

describe("flags of whisper.cpp and Whisper", () => {
  it.each([...whisperFlags])("%s", async (flag, remedy) => {
    for (const argv of [
      [clip, flag],
      [flag, "x", clip],
    ]) {
      const { exitCode, notes, results } = await cli("-m", model, ...argv);
      expect({ exitCode, results }).toEqual({ exitCode: 2, results: [] });
      expect(notes).toEqual([`${flag}: fun-asr transcribe has no such option. ${remedy} [bad_option]`]);
    }
  });

  it("name flags that exist here", () => {
    const own = new Set(
      Object.entries(transcribe.flags).flatMap(([name, { short }]) => [
        longFlag(name),
        ...(short === undefined ? [] : [short]),
      ]),
    );
    for (const [flag, remedy] of whisperFlags) {
      expect(own).not.toContain(flag);
      for (const [named] of remedy.matchAll(/(?<![\w-])-[\w-]+/gu)) expect(own).toContain(named);
    }
  });
});

it("-of - writes one format to standard output", async () => {
  const { exitCode, notes } = await cli("-m", model, clip, "-of", "-", "-osrt", "-ovtt");
  expect(exitCode).toBe(2);
  expect(notes.join()).toContain(
    "--output-file: standard output for other than one format; wanted one format, such as -osrt",
  );
});

describe("setup tensorflow", () => {
  it.each([
    [["--cuda", "--cpu"], "option '--cuda' cannot be used with option '--cpu'"],
    [["--libtensorflow"], "option '--libtensorflow <path>' argument missing"],
  ])("refuses %j before it begins", async (argv, note) => {
    const { exitCode, notes } = await cli("setup", "tensorflow", ...argv);
    expect(exitCode).toBe(2);
    expect(notes.join()).toContain(note);
  });
});
