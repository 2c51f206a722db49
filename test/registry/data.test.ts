/** models/registry.json: what its schema demands, and what a schema cannot. */
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import data from "../../models/registry.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };
import schema from "../../schemas/registry-v1.json" with { type: "json" };
import { architectures } from "../../src/architectures/index.ts";
import { registry } from "../../src/registry/index.ts";
import type { EntryFile, RegistryEntry } from "../../src/registry/index.ts";
import { parseRegistry } from "../../src/registry/parse.ts";
import { MLT_LANGUAGES } from "../../src/text/languages.ts";

const usable = registry.filter(({ unsupported }) => unsupported === undefined);
const filesOf = (entry: RegistryEntry): readonly EntryFile[] => [
  ...entry.variants.flatMap(({ files }) => files),
  ...entry.samples.map(({ file }) => file),
];

test("fits its schema", () => {
  const validate = new Ajv({ allErrors: true }).compile(schema);
  validate(data);
  expect(validate.errors).toBeNull();
});

test("has the models that every FunASR user knows by name", () => {
  const names = ["fun-asr-nano", "fun-asr-mlt-nano", "paraformer-zh", "paraformer-zh-streaming"];
  names.push("sensevoice-small", "fsmn-vad", "ct-punc");
  expect(registry.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

test("no name or alias means two models", () => {
  const names = registry.flatMap(({ name, aliases }) => [
    ...new Set([name, ...aliases].map((n) => n.toLowerCase())),
  ]);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test.each(registry.map((entry) => [entry.name, entry] as const))(
  "%s has one default, and no format twice",
  (_, entry) => {
    const formats = entry.variants.map(({ format }) => format);
    expect(new Set(formats).size).toBe(formats.length);
    expect(formats).toContain(entry.defaultFormat);
  },
);

describe.each(usable.map((entry) => [entry.name, entry] as const))(
  "%s, which this version uses,",
  (_, entry) => {
    test("has files that a commit or a hash pins at every place", () => {
      expect(filesOf(entry)).not.toHaveLength(0);
      const loose = filesOf(entry).filter(
        ({ sha256, places }) =>
          sha256 === undefined &&
          places.some((place) => "url" in place || !/^[0-9a-f]{40}$/u.test(place.revision ?? "")),
      );
      expect(loose).toEqual([]);
    });

    test("has the hash and the size of what takes long to download, in its default format", () => {
      const { files = [] } = entry.variants.find(({ format }) => format === entry.defaultFormat) ?? {};
      const weights = files.filter(({ role }) => ["model", "encoder", "llm", "weights"].includes(role));
      expect(weights.length).toBeGreaterThan(0);
      for (const { size, sha256 } of weights) expect([size, sha256]).not.toContain(undefined);
    });

    test("has everything that its container needs", () => {
      const complete = [
        "model",
        "encoder llm",
        "cmvn model",
        "config tokenizer weights",
        "cmvn config tokenizer weights",
      ];
      for (const { files } of entry.variants) {
        const roles = [...new Set(files.map(({ role }) => role))].toSorted();
        expect(complete).toContain(roles.join(" "));
        expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
      }
    });

    test("is of an architecture and of languages that we know", () => {
      expect(architectures.map(({ name }) => name)).toContain(entry.architecture);
      const codes = new Set(MLT_LANGUAGES.map(({ code }) => code));
      expect(entry.languages.filter((code) => !codes.has(code))).toEqual([]);
      expect(entry.task === "recognition").toBe(entry.languages.length > 0);
    });
  },
);

test("files of an original keep their folders; others lose them", () => {
  const nano = registry.find(({ name }) => name === "fun-asr-nano");
  const names = nano?.variants[0]?.files.map(({ name }) => name);
  expect(names).toEqual([
    "model.pt",
    "config.yaml",
    "multilingual.tiktoken",
    "Qwen3-0.6B/config.json",
    "Qwen3-0.6B/tokenizer.json",
  ]);
  expect(nano?.samples.map(({ file }) => file.name)).toEqual(["sample.wav", "zh.mp3", "en.mp3"]);
});

test("is part of the package, once, where the library imports it", () => {
  expect(packageJson.files).toContain("dist/models");
  expect(packageJson.exports["./models/registry.json"]).toBe("./dist/models/registry.json");
});

test.each([
  ["role", { role: "engine", from: ["hf:a/b/c"] }],
  ["place", { role: "model", from: ["hf:a"] }],
  ["place", { role: "model", from: ["hf:a/b"] }],
  ["place", { role: "model", from: ["xx:a/b/c"] }],
  ["list of places", { role: "model", from: [] }],
])("a wrong %s is refused", (_, file) => {
  const [model] = data.models;
  if (model === undefined) throw new Error("no model");
  const variants = [{ format: "f32", memory: 1, files: [file] }];
  expect(() => parseRegistry({ version: 1, models: [{ ...model, variants }] })).toThrow(
    "models/registry.json: ",
  );
});
