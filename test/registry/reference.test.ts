/** What a text names as a model: the rules one by one, and for texts that nobody thought of. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FunAsrError } from "../../src/errors.ts";
import { findEntry, nearestNames, parseReference, registry } from "../../src/registry/index.ts";
import type { HubReference, ModelReference } from "../../src/registry/index.ts";

const commit = "db823224e5c2510001b4a3d3ed97f430bd52ac88";
const named = (text: string): string => {
  const reference = parseReference(text);
  return reference.kind === "entry" ? `${reference.entry.name}:${reference.variant.format}` : reference.kind;
};

test.each([
  ["fun-asr-nano", "fun-asr-nano:q8_0"],
  ["fun-asr-nano:f16", "fun-asr-nano:f16"],
  ["Fun-ASR-Nano:F16", "fun-asr-nano:f16"],
  ["FunAudioLLM/Fun-ASR-Nano-2512", "fun-asr-nano:q8_0"],
  ["funaudiollm/fun-asr-nano-2512:F16", "fun-asr-nano:f16"],
  ["SenseVoiceSmall", "sensevoice-small:q8_0"],
  ["iic/SenseVoiceSmall", "sensevoice-small:q8_0"],
  ["paraformer", "paraformer-zh:q8_0"],
  ["iic/speech_fsmn_vad_zh-cn-16k-common-pytorch", "fsmn-vad:f32"],
  ["cam++", "cam++:f32"],
])("%s is the model %s of the registry", (text, name) => {
  expect(named(text)).toBe(name);
});

test.each<[string, Omit<HubReference, "kind">]>([
  ["owner/name", { repository: "owner/name" }],
  ["owner/name@main", { repository: "owner/name", revision: "main" }],
  [
    `FunAudioLLM/Fun-ASR-Nano-2512@${commit}`,
    { repository: "FunAudioLLM/Fun-ASR-Nano-2512", revision: commit },
  ],
  ["FunAudioLLM/SenseVoiceSmall/am.mvn", { repository: "FunAudioLLM/SenseVoiceSmall", path: "am.mvn" }],
  ["a/b@v1.0/folder/x y.gguf", { repository: "a/b", revision: "v1.0", path: "folder/x y.gguf" }],
  ["models/demo/model.gguf", { repository: "models/demo", path: "model.gguf" }],
  ["hf:FunAudioLLM/SenseVoiceSmall", { hub: "huggingface", repository: "FunAudioLLM/SenseVoiceSmall" }],
  ["HF:a/b.gguf", { hub: "huggingface", repository: "a/b.gguf" }],
  ["hf://a/b/c.gguf", { hub: "huggingface", repository: "a/b", path: "c.gguf" }],
  [
    "ms:iic/SenseVoiceSmall@master/am.mvn",
    { hub: "modelscope", repository: "iic/SenseVoiceSmall", revision: "master", path: "am.mvn" },
  ],
  ["https://huggingface.co/a/b", { hub: "huggingface", repository: "a/b" }],
  ["https://huggingface.co/a/b/tree/main", { hub: "huggingface", repository: "a/b", revision: "main" }],
  [
    "https://huggingface.co/a/b/blob/v%2E1/d/x%20y.gguf?x=1",
    { hub: "huggingface", repository: "a/b", revision: "v.1", path: "d/x y.gguf" },
  ],
  [
    "https://www.modelscope.cn/models/iic/SenseVoiceSmall/summary",
    { hub: "modelscope", repository: "iic/SenseVoiceSmall" },
  ],
])("%s is a place on a hub", (text, reference) => {
  expect(parseReference(text)).toEqual({ kind: "hub", ...reference });
});

test.each([
  "https://huggingface.co/a/b/resolve/main/x.gguf",
  "https://huggingface.co/datasets/a/b",
  "http://localhost:8080/model.gguf",
  "HTTPS://example.org/m.gguf",
  "https://huggingface.co/a",
])("%s is an address", (url) => {
  expect(parseReference(url)).toEqual({ kind: "url", url });
});

test.each([
  ["./owner/name"],
  ["../fun-asr-nano"],
  ["/fun-asr-nano"],
  ["~/models/nano.gguf"],
  [".cache/name"],
  ["fun-asr-nano/"],
  ["C:/models/nano.gguf"],
  ["c:nano.gguf"],
  [String.raw`models\nano.gguf`],
  ["file:///m.gguf"],
  ["nano.gguf"],
  ["models/nano.gguf"],
  ["models/Model.PT"],
  ["a/b/../c"],
  ["a//b"],
  ["a/b--c"],
  ["-a/b"],
  ["a/b:q8_0"],
  ["no-such-model"],
  ["a/b@"],
  [""],
])("%j is a path", (path) => {
  expect(parseReference(path)).toEqual({ kind: "path", path });
});

test.each([
  ["fun-asr-nano:q9", 'fun-asr-nano: no format "q9"; wanted fun-asr-nano:q8_0, fun-asr-nano:f16'],
  ["hf:name", 'model: "hf:name"; wanted hf:owner/name, with @revision and /file where they are needed'],
  ["ms:a/b/../c", 'model: "ms:a/b/../c"; wanted ms:owner/name'],
])("%s is refused", (text, message) => {
  expect(() => parseReference(text)).toThrow(message);
});

/** A reference as a person would write it. */
function written(reference: ModelReference): string {
  if (reference.kind === "url") return reference.url;
  if (reference.kind === "path") return reference.path;
  if (reference.kind === "entry") return `${reference.entry.name}:${reference.variant.format}`;
  const { hub, repository, revision, path } = reference;
  const prefix = hub === undefined ? "" : { huggingface: "hf:", modelscope: "ms:" }[hub];
  const at = revision === undefined ? "" : `@${revision}`;
  return `${prefix}${repository}${at}${path === undefined ? "" : `/${path}`}`;
}

describe("for any text", () => {
  const id = fc
    .stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9._]{0,20}[A-Za-z0-9])?$/u)
    .filter((s) => !s.includes(".."));
  const part = fc.stringMatching(/^[\p{L}\p{N} _.+@:-]{1,12}$/u).filter((s) => s !== "." && s !== "..");
  const reference = fc.record(
    {
      hub: fc.constantFrom("huggingface" as const, "modelscope" as const),
      repository: fc.tuple(id, id).map((parts) => parts.join("/")),
      revision: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/u),
      path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
    },
    { requiredKeys: ["hub", "repository"] },
  );

  test("a place on a hub is read as it was written", () => {
    fc.assert(
      fc.property(reference, (place) => {
        expect(parseReference(written({ kind: "hub", ...place }))).toEqual({ kind: "hub", ...place });
      }),
    );
  });

  test("it is read, or refused with bad_option; and what was read names the same again", () => {
    const pieces = fc.constantFrom(
      "hf:",
      "ms:",
      "a",
      "fun-asr-nano",
      "/",
      "@",
      ":",
      ".",
      "..",
      "q8_0",
      "\\",
      "https://",
      "~",
      " ",
      "é",
      "\n",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((list) => list.join("")),
    );
    const check = (input: string): void => {
      let found: ModelReference;
      try {
        found = parseReference(input);
      } catch (error) {
        expect(error).toBeInstanceOf(FunAsrError);
        expect((error as FunAsrError).code).toBe("bad_option");
        return;
      }
      expect(parseReference(written(found))).toEqual(found);
    };
    fc.assert(fc.property(text, check), { numRuns: 2000 });
  });

  test("behind ./ it is a path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const path = `./${text}`;
        expect(parseReference(path)).toEqual({ kind: "path", path });
      }),
    );
  });
});

test("names are found by any of their spellings", () => {
  for (const entry of registry)
    for (const name of [entry.name, ...entry.aliases]) expect(findEntry(name.toUpperCase())).toBe(entry);
});

test.each([
  ["fun-asr-nona", ["fun-asr-nano"]],
  ["funasr-nano:q8_0", ["fun-asr-nano"]],
  ["paraformer-hz", ["paraformer-zh"]],
  ["sense-voice-small", ["sensevoice-small"]],
  ["fsmnvad", ["fsmn-vad"]],
  ["whisper-large-v3", []],
  ["x", []],
])("%s is near %j", (text, names) => {
  expect(nearestNames(text).slice(0, 1)).toEqual(names);
});

test("a misspelling of one letter is always corrected", () => {
  for (const { name } of registry.filter((entry) => entry.name.length > 5))
    for (let at = 0; at < name.length; at += 1)
      expect(nearestNames(`${name.slice(0, at)}~${name.slice(at + 1)}`)[0]).toBe(name);
});
