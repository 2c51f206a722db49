/** The readers of what a user writes: lists, rules, transcripts, patterns, options, names of models. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRule } from "../../../converters/writers/formats.ts";
import { globs } from "../../../src/activations/stage-pattern.ts";
import { indicesOrEach, range, words } from "../../../src/cli/flags/parse.ts";
import { joinParts, readGivenText } from "../../../src/cli/given-text.ts";
import { findInputs } from "../../../src/cli/inputs.ts";
import { parseReference } from "../../../src/registry/reference.ts";
import { nearestNames } from "../../../src/registry/registry.ts";
import { firstSettings, optionsOf, withMessage } from "../../../src/server/funasr/settings.ts";
import { parseObject } from "../../../src/server/websocket/json.ts";
import { findLanguage } from "../../../src/text/languages.ts";
import { correct, parseCorrections } from "../../../src/text/hotwords/corrections.ts";
import { parseHotwords, splitHotwords } from "../../../src/text/hotwords/hot-file.ts";
import { Hotwords } from "../../../src/text/hotwords/hotwords.ts";
import type { TextReaders } from "./reader.ts";

/** Reads the text from a file of this name, in a folder that lasts as long. */
export async function asFile<Result>(
  name: string,
  text: string,
  read: (path: string, folder: string) => Result,
): Promise<Awaited<Result>> {
  const folder = mkdtempSync(join(tmpdir(), "fun-asr-attack-"));
  try {
    writeFileSync(join(folder, name), text);
    return await read(join(folder, name), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const given = (extension: string) => async (text: string) =>
  joinParts((await asFile(`text${extension}`, text, readGivenText)).parts);

const cue = (shape: string): string => `00:00:01,000 --> 00:00:02,000\n${shape}`;

/** Names of stages and of files, as long as they come. */
const names = ["a".repeat(200), "audio_encoder.encoders.0.self_attn.linear_q_k_v", "aaa/aaa/aaa/aaa.wav"];

/** Rules that would be slow on most texts if they were tried by backtracking. */
const rules = parseCorrections(
  ["aa => b", "/(a+)+$/ => x", "/\\s+x/ => y", "/(.*)(.*)*z/ => q", "/(a|a)*b/ => c", "/[1 ]+1$/ => 2"].join(
    "\n",
  ),
);

export const ofUsers: TextReaders = {
  "a hotword file": {
    codes: ["bad_option"],
    frames: {
      "a comment": (shape) => `a ${shape}# b`,
      "before a weight": (shape) => `a${shape}20\nb`,
      "before what is no weight": (shape) => `a${shape}x`,
    },
    read: (text) => new Hotwords(text).size,
  },
  "a message to a server": {
    codes: ["bad_message"],
    frames: {
      "a value": (shape) => JSON.stringify({ a: shape }),
      "a flat object": (shape) => `{"audio":"${shape.replaceAll(/["\\]/gu, "")}"}`,
    },
    read: parseObject,
  },
  "hotwords of FunASR's clients": {
    codes: ["bad_message"],
    frames: { "as JSON": (shape) => JSON.stringify({ [shape]: 20, a: 30 }) },
    read: (hotwords) => optionsOf(withMessage(firstSettings, { hotwords })),
  },
  "a line of hotwords": { codes: ["bad_option"], read: splitHotwords },
  "weights of hotwords": { codes: [], read: parseHotwords },
  "correction rules": {
    codes: ["bad_option"],
    frames: {
      "before the arrow": (shape) => `${shape} => b`,
      "before what is no arrow": (shape) => `a${shape}= b`,
      "behind the arrow": (shape) => `a => ${shape}`,
      "a pattern": (shape) => `/${shape}/ => b`,
      "a class": (shape) => `/[${shape}]/ => b`,
      "a repeated group": (shape) => `/(${shape})+/ => b`,
    },
    read: (text) => parseCorrections(text),
  },
  "a text with correction rules": {
    codes: ["bad_option"],
    frames: { "before another letter": (shape) => `${shape}!` },
    read: (text) => correct(text, rules),
  },
  "a text with the user's own rule": {
    codes: ["bad_option"],
    read: (text) => [
      correct(text, parseCorrections("a => aaaaaaaaaaaaaaaaaaaaaaaaaa\na => aaaaaaaaaaaaaaaaaaaaaaaaaa")),
      correct(text, parseCorrections("/./ => $`$'")),
    ],
  },
  "a plain text to align": { codes: ["bad_option"], read: given(".txt") },
  "SubRip to align": {
    codes: ["bad_option"],
    frames: { "a cue": cue, "before times": (shape) => `${shape}00:01,000 --> ` },
    read: given(".srt"),
  },
  "WebVTT to align": {
    codes: ["bad_option"],
    frames: { "a cue": (shape) => `WEBVTT\n\n${cue(shape)}` },
    read: given(".vtt"),
  },
  "JSON to align": {
    codes: ["bad_option"],
    frames: {
      "a text": (shape) => JSON.stringify({ text: shape }),
      segments: (shape) => JSON.stringify({ segments: shape.split("\n").map((text) => ({ text })) }),
    },
    read: given(".json"),
  },
  "a pattern of stages": {
    codes: ["bad_option"],
    frames: { "before a letter": (shape) => `${shape}x` },
    read: (text) => names.map(globs([text])),
  },
  "a pattern of files": {
    codes: ["bad_option"],
    frames: { "before a letter": (shape) => `${shape}*x`, "below the folder": (shape) => `/${shape}` },
    read: (text) =>
      asFile(`${"a".repeat(200)}.wav`, "", (_, folder) =>
        findInputs([`${folder}/${text}*`], { stdin: (async function* () {})() }),
      ),
  },
  "a rule of convert": {
    codes: ["bad_option"],
    frames: {
      "a pattern": (shape) => `${shape}=f16`,
      "a repeated group": (shape) => `(${shape})+x=f16`,
    },
    read: (text) => names.map((name) => parseRule(text).pattern.test(name)),
  },
  "a name of a model": {
    codes: ["bad_option"],
    frames: {
      "behind a hub": (shape) => `hf:${shape}`,
      "a revision": (shape) => `a/b@${shape}`,
      "a path": (shape) => `a/b/${shape}`,
      "a page": (shape) => `https://huggingface.co/a/b/tree/${shape}`,
    },
    read: (text) => [parseReference(text), nearestNames(text)],
  },
  "a language": { codes: ["unknown_language"], read: (text) => findLanguage(text) },
  "words of a flag": { codes: [], read: words },
  "ranges of a flag": { codes: ["bad_option"], read: attempt((text) => range(text, "--flag")) },
  "indices of a flag": { codes: ["bad_option"], read: attempt((text) => indicesOrEach(text, "--flag")) },
};

/** Commander's own refusals are what its parsers throw. */
function attempt(parse: (text: string) => unknown) {
  return (text: string): unknown => {
    try {
      return parse(text);
    } catch (error) {
      if ((error as { readonly code?: string }).code === "commander.invalidArgument") return undefined;
      throw error;
    }
  };
}
