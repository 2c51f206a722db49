/**
 * Stage archives against Python's own libraries: what they wrote we read, and what we write is byte for byte what
 * fixtures/reference/check_archives.py has read with them.
 */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { archiveFormats, createArchive, openArchive } from "../../src/diff/archives/index.ts";
import type { ArchiveFormat } from "../../src/diff/archives/index.ts";
import { bytesOf } from "../../src/diff/archives/archive.ts";
import { fromCrispasr, toCrispasr } from "../../src/diff/archives/crispasr-names.ts";
import { readArchive } from "../../src/diff/archive.ts";
import {
  exampleFiles,
  exampleMetadata,
  exampleStages,
  ggufStages,
  wave,
  writeExamples,
  writeStages,
} from "../helpers/builders/example-archives.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const python = (name: string): string => fixture(`archives/python/${name}`);
const endings: Readonly<Record<ArchiveFormat, string>> = {
  safetensors: "a.safetensors",
  npz: "a.npz",
  npy: "folder",
  gguf: "a.gguf",
  crispasr: "b.gguf",
};

test("what we write is what Python's libraries have read", async () => {
  const folder = await temporaryFolder();
  await writeExamples(folder);
  for (const file of exampleFiles)
    expect(await readFile(join(folder, file)), file).toEqual(
      await readFile(fixture(`archives/ours/${file}`)),
    );
});

test.each(["stages.safetensors", "stages.npz"])("%s of Python", async (name) => {
  const archive = await readArchive(python(name));
  expect(archive.stages).toEqual(exampleStages);
  // save_file sorts by name
  if (name.endsWith(".npz")) expect([...archive.stages.keys()]).toEqual([...exampleStages.keys()]);
  expect(archive.metadata).toEqual(exampleMetadata);
});

test("savez_compressed of Python", async () => {
  const { stages, metadata } = await readArchive(python("compressed.npz"));
  expect([...stages]).toEqual([...exampleStages]);
  expect(metadata.size).toBe(0);
});

test("arrays of other types, in a folder without a list", async () => {
  const { stages } = await readArchive(python("types"));
  expect([...stages.keys()]).toEqual([
    "bool", "float16", "float64", "fortran", "int32", "int64", "uint8", "version2",
  ]); // prettier-ignore
  const { values } = wave(3, 4);
  const whole = values.map(Math.trunc);
  expect(stages.get("float64")?.values).toEqual(values);
  expect(stages.get("float16")?.values).toEqual(values);
  expect(stages.get("int64")?.values).toEqual(whole);
  expect(stages.get("int32")?.values).toEqual(whole);
  expect(stages.get("uint8")?.values).toEqual(whole.map((x) => x & 255));
  expect(stages.get("bool")?.values).toEqual(values.map((x) => (x === 0 ? 0 : 1)));
  expect(stages.get("version2")).toEqual(wave(2, 2));
  expect(stages.get("fortran")).toEqual(wave(1, 6));
});

test("an archive of CrispASR's has our names", async () => {
  const { stages, metadata } = await readArchive(python("crispasr.gguf"));
  expect(new Set(stages.keys())).toEqual(
    new Set([
      "samples",
      "lfr",
      "audio_encoder.encoders0.0",
      "audio_encoder.encoders.48",
      "audio_encoder.tp_encoders.0",
      "audio_encoder.after_norm",
      "audio_encoder.tp_norm",
      "audio_adaptor.blocks.1",
      "audio_adaptor",
      "scores",
    ]),
  );
  expect(stages.get("lfr")).toEqual(wave(5, 14));
  expect(stages.get("scores")).toEqual(wave(2, 5, 5));
  expect(stages.get("audio_encoder.tp_norm")?.values).toEqual(wave(5, 8).values.map((x) => x + 4));
  expect(metadata).toEqual(
    new Map([
      ["backend", "funasr"],
      ["n_samples", "16000"],
      ["generated_text", "天气"],
    ]),
  );
});

test.each([
  [
    "funasr",
    {
      "audio_encoder.encoders.48": "encoder_layer_49",
      "audio_encoder.after_norm": "encoder_main_out",
      "audio_encoder.tp_encoders.19": "encoder_layer_69",
      "audio_encoder.tp_norm": "encoder_output",
      "audio_adaptor.blocks.1": "audio_adaptor_layer_1",
      audio_adaptor: "audio_adaptor_output",
    },
  ],
  [
    "sensevoice",
    {
      "encoder.input": "encoder_input",
      "encoder.encoders0.0": "encoder_layer_0",
      "encoder.after_norm": "encoder_main_out",
      "encoder.tp_norm": "encoder_output",
      "ctc.ctc_lo": "ctc_logits",
    },
  ],
  [
    "paraformer",
    {
      "encoder.encoders.48": "encoder_layer_49",
      "encoder.after_norm": "encoder_output",
      "predictor.alphas": "cif_alphas",
      predictor: "acoustic_embeds",
      "decoder.decoders.15": "decoder_layer_15",
      "decoder.after_norm": "decoder_output",
    },
  ],
  ["funasr", Object.fromEntries(["audio_encoder.encoders.3.self_attn", "llm.model.layers.3", "unheard.of_12"].map((name) => [name, name]))], // prettier-ignore
])("%s in CrispASR's names (their scripts at 72d3c38), and back: %j", (backend, names) => {
  const ours = Object.keys(names);
  const theirs = Object.values(names);
  expect(ours.map(toCrispasr(ours))).toEqual(theirs);
  expect(theirs.map(fromCrispasr({ backend }))).toEqual(ours);
});

describe.each(archiveFormats)("%s", (format) => {
  test("keeps all values and names", async () => {
    const folder = await temporaryFolder();
    const name = fc.stringMatching(/^[a-z_][a-z0-9_.]{0,40}$/u);
    const stage = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc.float32Array({ minLength: length, maxLength: length }).map((values) => ({ shape, values }));
    });
    const stages = fc.uniqueArray(fc.tuple(name, stage), {
      maxLength: 6,
      selector: ([name]) => name.toLowerCase(),
    });
    const path = join(folder, endings[format]);
    await fc.assert(
      fc.asyncProperty(
        stages.filter((all) => all.length > 0),
        async (all) => {
          await writeStages(path, new Map(all), { format });
          const { stages, metadata } = await readArchive(path);
          expect([...stages]).toEqual(all);
          expect(metadata).toEqual(exampleMetadata);
        },
      ),
      { numRuns: 25 },
    );
    expect(await readdir(folder)).toEqual([endings[format]]);
  });

  test("leaves no files when it is abandoned", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, endings[format]);
    const archive = await createArchive(path, { format });
    await archive.add("a", [2], Float32Array.of(1, 2));
    await archive.abort();
    await expect(archive.add("b", [1], Float32Array.of(1))).rejects.toThrow("complete");
    expect(await readdir(folder)).toEqual([]);
  });

  test("keeps an earlier archive until it is finished", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, endings[format]);
    await writeStages(path, ggufStages, { format });
    const archive = await createArchive(path, { format });
    await archive.add("a", [1], Float32Array.of(1));
    expect((await readArchive(path)).stages.size).toBe(ggufStages.size);
    await archive.finish();
    expect([...(await readArchive(path)).stages.keys()]).toEqual(["a"]);
  });

  test("writes overlapping calls in their order", async () => {
    const path = join(await temporaryFolder(), endings[format]);
    const archive = await createArchive(path, { format });
    const calls = Array.from({ length: 20 }, (_, i) => archive.add(`s${19 - i}`, [1], Float32Array.of(i)));
    await Promise.all([...calls, archive.finish()]);
    const { stages } = await readArchive(path);
    expect([...stages].map(([name, { values }]) => [name, values[0]])).toEqual(
      Array.from({ length: 20 }, (_, i) => [`s${19 - i}`, i]),
    );
  });

  test("refuses an invalid stage, and is not written then", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, endings[format]);
    for (const name of ["", "a/b", "..", ".hidden", "a\\b", "c:", "x".repeat(201), "a\nb", "__metadata__"]) {
      const archive = await createArchive(path, { format });
      await expect(archive.add(name, [1], Float32Array.of(1)), name).rejects.toMatchObject({
        code: "archive_limit",
      });
      await expect(archive.finish()).rejects.toMatchObject({ code: "archive_limit" });
      await archive.abort();
    }
    const archive = await createArchive(path, { format });
    await archive.add("a", [1], Float32Array.of(1));
    await expect(archive.add("a", [1], Float32Array.of(1))).rejects.toThrow("taken");
    await archive.abort();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe.each([
  { format: "safetensors", names: 190, many: 5000, alignment: 1 },
  { format: "gguf", names: 58, many: 12_000, alignment: 32 },
] as const)("a $format archive", ({ format, names, many, alignment }) => {
  const least = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

  test("that is large pads its header instead of moving its values", async () => {
    const path = join(await temporaryFolder(), endings[format]);
    const large = new Float32Array(17 * 2 ** 20).map((_, i) => i);
    const small = Float32Array.of(1, 2, 3);
    await writeStages(path, new Map([["small", { shape: [3], values: small }], ["large", { shape: [17, 2 ** 20], values: large }]])); // prettier-ignore
    expect((await stat(path)).size).toBe(2 ** 20 + large.byteLength + least(small.byteLength));
    const { stages, metadata } = await readArchive(path);
    expect(Buffer.compare(bytesOf(stages.get("large")!.values), bytesOf(large))).toBe(0);
    expect(stages.get("small")!.values).toEqual(small);
    expect(metadata).toEqual(exampleMetadata);
  });

  test.each([
    ["more names than there is room for", many],
    ["few names", 5],
  ])("of %s is moved, whatever overlaps", async (_, count) => {
    const path = join(await temporaryFolder(), endings[format]);
    const values = new Float32Array(3 * 2 ** 20 + 1).map((_, i) => i);
    const rest = Array.from({ length: count }, (_, i) => `${"x".repeat(names)}${i}`);
    const one = { shape: [1], values: Float32Array.of(7) };
    await writeStages(path, new Map([["first", { shape: [values.length], values }], ...rest.map((name) => [name, one] as const)])); // prettier-ignore
    await using archive = await openArchive(path);
    expect([...archive.stages.keys()]).toEqual(["first", ...rest]);
    expect(Buffer.compare(bytesOf((await archive.read("first")).values), bytesOf(values))).toBe(0);
    for (const name of rest.slice(-5)) expect(await archive.read(name)).toEqual(one);
  });
});

test("GGUF refuses stages that it cannot hold", async () => {
  const folder = await temporaryFolder();
  const rows: [string, number[]][] = [
    ["n".repeat(64), [1]],
    ["empty", [0, 3]],
    ["deep", [1, 1, 1, 1, 1]],
  ];
  for (const [name, shape] of rows) {
    await using archive = await createArchive(join(folder, "a.gguf"));
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    await expect(archive.add(name, shape, values), name).rejects.toMatchObject({ code: "archive_limit" });
  }
});

test("a folder with anything else in it is not replaced", async () => {
  const folder = join(await temporaryFolder(), "mine");
  await mkdir(folder);
  await writeFile(join(folder, "thesis.tex"), "…");
  await expect(createArchive(folder)).rejects.toMatchObject({ code: "file_unwritable" });
  expect(await readdir(folder)).toEqual(["thesis.tex"]);
});

test("an unknown ending is refused", async () => {
  await expect(createArchive("a.txt")).rejects.toMatchObject({ code: "bad_option" });
});

test("a missing stage is named", async () => {
  await using archive = await openArchive(python("stages.npz"));
  await expect(archive.read("llm.lm_head")).rejects.toThrow('stages.npz: there is no stage "llm.lm_head"');
});
