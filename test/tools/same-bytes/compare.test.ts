/** The comparisons of `npm run same-bytes`, and the tables of names that both checkouts do not share. */
import { describe, expect, test } from "vitest";
import {
  compareArchives,
  compareBytes,
  compareJson,
  renamedStage,
} from "../../../tools/same-bytes/compare.ts";
import { selected } from "../../../tools/same-bytes/cases.ts";
import type { Case } from "../../../tools/same-bytes/cases.ts";
import { spelled } from "../../../tools/same-bytes/flags.ts";
import type { StageRename } from "../../../tools/same-bytes/intended.ts";
import { parseArchive } from "../../../tools/same-bytes/safetensors.ts";
import type { StageArchive } from "../../../tools/same-bytes/safetensors.ts";
import { endsLate, fieldsWithoutTimes, withoutTimes } from "../../../tools/same-bytes/times.ts";
import { encodeSafetensors, floatTensor } from "../../../src/checkpoints/safetensors/index.ts";

function archive(stages: Readonly<Record<string, readonly number[]>>, text = "a"): StageArchive {
  const tensors = Object.entries(stages).map(([name, values]) =>
    floatTensor(name, [values.length], Float32Array.from(values)),
  );
  return parseArchive(Buffer.concat(encodeSafetensors(tensors, new Map([["text", text]]))));
}

const plain = { renames: [], metadata: ["text"] };

describe("bytes", () => {
  test("equal files", () => {
    expect(compareBytes("a", Buffer.from("abc"), Buffer.from("abc"))).toEqual({
      compared: 1,
      differences: [],
    });
  });

  test("the first difference, and a longer file", () => {
    const detail = (a: string, b: string): string | undefined =>
      compareBytes("a", Buffer.from(a), Buffer.from(b)).differences[0]?.detail;
    expect(detail("abc", "abd")).toBe("3 and 3 bytes, the first difference at byte 2");
    expect(detail("abc", "abcd")).toBe("3 and 4 bytes, the first difference at byte 3");
  });
});

describe("archives", () => {
  test("the reader sees what the writer wrote", () => {
    const { metadata, stages } = archive({ fbank: [1, -2] });
    expect(metadata.get("text")).toBe("a");
    expect(stages.get("fbank")).toMatchObject({ dtype: "F32", shape: [2] });
  });

  test("equal ones, whatever their order", () => {
    const [a, b] = [archive({ x: [1], y: [2, 3] }), archive({ y: [2, 3], x: [1] })];
    expect(compareArchives(a, b, plain)).toEqual({ compared: 3, differences: [] });
  });

  test("one unit in the last place is a difference, and so is the sign of zero", () => {
    const a = archive({ x: [1, 0, 5] });
    const b = archive({ x: [1 + 2 ** -23, -0, 5] });
    expect(compareArchives(a, b, plain).differences).toEqual([
      { thing: "stage x", detail: expect.stringContaining("2 of 3 values, by 1.19e-7 at most; [0]: 1 and") },
    ]);
  });

  test("shapes, metadata, and stages of one archive alone", () => {
    const a = archive({ x: [1], gone: [1] });
    const b = archive({ x: [1, 2], more: [1] }, "b");
    const { compared, differences } = compareArchives(a, b, plain);
    expect(compared).toBe(4);
    expect(differences.map(({ thing }) => thing)).toEqual([
      "metadata text",
      "stage x",
      "stage gone",
      "stage more",
    ]);
  });

  test("renamed stages are compared with each other", () => {
    const renames: readonly StageRename[] = [
      { from: /@(\d+)$/u, to: (_, pass) => `@${Number(pass) + 1}` },
      { from: /^lfr$/u, to: "stacked" },
    ];
    expect(["llm.lm_head@9", "lfr", "fbank"].map((name) => renamedStage(name, renames))).toEqual([
      "llm.lm_head@10",
      "stacked",
      "fbank",
    ]);
    const a = archive({ "h@1": [1], "h@2": [2] });
    const b = archive({ "h@2": [1], "h@3": [2] });
    expect(compareArchives(a, b, { ...plain, renames }).differences).toEqual([]);
    expect(compareArchives(a, b, plain).differences).toHaveLength(3);
  });
});

describe("JSON", () => {
  const fields = [
    { old: "text" },
    { old: "units", new: ["characters"] },
    { old: "characters", new: ["tokenTimes", "characters"] },
    { old: "start" },
  ];

  test("listed fields at any depth, by either name; others are ignored", () => {
    const a = { text: "a", units: [{ start: 1, source: "ctc" }], version: 1 };
    const b = { text: "a", characters: [{ start: 1, source: "text" }], version: 2 };
    expect(compareJson(a, b, fields)).toEqual({ compared: 2, differences: [] });
  });

  test("a name that has another meaning in the new one, by what each object has", () => {
    const whole = compareJson(
      { units: [], characters: ["a"] },
      { characters: [], tokenTimes: ["a"] },
      fields,
    );
    expect(whole).toEqual({ compared: 1, differences: [] });
    expect(compareJson({ characters: ["a"] }, { characters: ["a"] }, fields)).toEqual(whole);
    expect(compareJson({ text: "a" }, { text: "a", tokenTimes: 1 }, fields).differences).toEqual([
      { thing: "tokenTimes", detail: "nothing and 1" },
    ]);
  });

  test("a value, a length and a missing field differ", () => {
    const a = { text: "a", units: [{ start: 1 }, { start: 2 }] };
    expect(compareJson(a, { text: "a", characters: [{ start: 1 }, {}] }, fields).differences).toEqual([
      { thing: "units[1].start", detail: "2 and nothing" },
    ]);
    expect(compareJson(a, { text: "b", characters: [] }, fields).differences).toEqual([
      { thing: "text", detail: '"a" and "b"' },
      { thing: "units", detail: "2 and 0 elements" },
    ]);
    expect(compareJson(a, { text: "a", units: a.units }, fields).differences).toHaveLength(1);
  });

  test("documents without any listed field prove nothing", () => {
    expect(compareJson({ a: 1 }, { a: 1 }, fields).differences).toHaveLength(1);
  });
});

test("a flag is spelled as the help of the command has it", () => {
  const argv = ["-f", "a.wav", { flag: "ctcDecoder" }, { flag: "eighthOfRows" }] as const;
  expect(spelled(argv, "--mode <mode>  --audio-rows <rule>")).toEqual([
    "-f",
    "a.wav",
    "--mode",
    "ctc",
    "--audio-rows",
    "eighth",
  ]);
  expect(spelled(argv, "--decoder <kind>  --low-frame-rate")).toEqual([
    "-f",
    "a.wav",
    "--decoder",
    "ctc",
    "--low-frame-rate",
  ]);
});

test("a chosen case brings the conversion that it reads", () => {
  const convert = (name: string): Case => ({
    name,
    command: "convert",
    argv: [],
    outputs: [{ file: `${name}.gguf`, kind: "bytes" }],
    keep: true,
  });
  const dump: Case = { name: "stages", command: "dump", argv: ["--model", "/old/a.gguf"], outputs: [] };
  const names = selected([convert("a"), convert("b"), dump], "stages").map(({ name }) => name);
  expect(names).toEqual(["a", "stages"]);
});

test("compares rounded numbers to the decimals of their field", () => {
  const fields = [{ old: "start", decimals: 3 }];
  expect(compareJson({ start: 0.1075 }, { start: 0.108 }, fields).differences).toEqual([]);
  expect(compareJson({ start: 0.1074 }, { start: 0.108 }, fields).differences).toHaveLength(1);
});

describe("times after the end of the audio", () => {
  const srt = "1\n00:00:00,000 --> 00:01:03,200\na\n";
  const json = JSON.stringify({ segments: [{ start: 0, end: 3.2, text: "a" }], duration: 9 });

  test("are found in each kind of output, and rounding is none", () => {
    expect([63.2, 63.1996, 63.1].map((length) => endsLate("srt", srt, length))).toEqual([false, false, true]);
    expect([3.2, 3.1].map((length) => endsLate("json", json, length))).toEqual([false, true]);
    expect([3.2, 3.1].map((length) => endsLate("ctm", "r 1 3.0 0.2 a 0.9\n", length))).toEqual([false, true]);
  });

  test("are left out of a comparison, and the texts are not", () => {
    const other = srt.replace("01:03,200", "00:02,000");
    expect(withoutTimes("srt", other)).toBe(withoutTimes("srt", srt));
    const joined = "1\n00:00:00,000 --> 00:01:03,200\na b\n";
    const apart = "1\n00:00:00,000 --> 00:00:03,200\na\n\n2\n00:00:04,000 --> 00:01:03,200\nb\n";
    expect(withoutTimes("srt", apart)).toBe(withoutTimes("srt", joined));
    expect(withoutTimes("srt", srt.replace("\na", "\nb"))).not.toBe(withoutTimes("srt", srt));
    expect(withoutTimes("ctm", "r 1 3.0 0.2 a 0.9\n")).toBe("r 1 a 0.9");
    expect(fieldsWithoutTimes([{ old: "start" }, { old: "text" }])).toEqual([{ old: "text" }]);
  });
});
