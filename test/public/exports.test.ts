/** The package's entry points: their names, few enough to learn, and the files that package.json names for them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import * as convert from "../../converters/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import * as compat from "../../src/compat/index.ts";
import * as punctuation from "../../src/punctuate.ts";
import * as lab from "../../src/lab.ts";
import * as main from "../../src/node.ts";
import * as server from "../../src/server/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const source = (path: string): string => fixture(`../${path}`);

/** Every name that a module exports in lists, types too. */
async function exportedNames(path: string): Promise<string[]> {
  const text = await readFile(source(path), "utf8");
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gmu)].flatMap(([, list]) =>
    list!
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  );
}

describe("fun-asr", () => {
  it("exports these values", () => {
    expect(Object.keys(main).sort()).toEqual([
      "AudioError",
      "CtcUnavailableError",
      "Engine",
      "FileError",
      "FunAsrError",
      "Hotwords",
      "ModelFormatError",
      "RuntimeError",
      "TensorsError",
      "Transcriber",
      "UsageError",
      "detectSpeech",
      "load",
      "loadInWorker",
      "models",
      "pull",
      "version",
    ]);
  });

  it("exports at most 40 names, types included", async () => {
    const names = await exportedNames("src/index.ts");
    expect(names).toEqual(expect.arrayContaining(Object.keys(main)));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeLessThanOrEqual(40);
  });
});

it.each([
  [
    "lab",
    lab,
    ["capture", "compare", "createArchive", "diff", "diffArchives", "labelText", "lens", "openArchive"],
  ],
  ["convert", convert, ["compareModels", "convert", "openModel"]],
  ["server", server, ["serve"]],
  ["punctuation", punctuation, ["JiebaDictionary", "loadPunctuator"]],
  ["compat", compat, ["AsrEngine", "WaveStream", "createAsrEngine", "createStream", "decodeStream"]],
] as const)("fun-asr/%s exports these values", (_, module, names) => {
  expect(Object.keys(module).sort()).toEqual(names);
});

it("has a source for every entry point", () => {
  for (const target of Object.values(packageJson.exports)) {
    const file = typeof target === "string" ? target.replace("*", "transcript-v2.json") : target.default;
    const path = file.replace("./dist/", "").replace(".//", "").replace(/\.js$/u, ".ts");
    expect(existsSync(source(path)), path).toBe(true);
  }
});
