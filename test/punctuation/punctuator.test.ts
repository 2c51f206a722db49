/** Whole models of punctuation against FunASR's `inference` with the same weights (fixtures/reference/make_ct_punc.py). */
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel } from "../../converters/index.ts";
import { convert } from "../../converters/writers/convert.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { load } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { loadPunctuator } from "../../src/punctuation/punctuator.ts";
import type { Punctuator } from "../../src/punctuation/punctuator.ts";
import { JiebaDictionary } from "../../src/text/punctuation/jieba.ts";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

type Step = readonly [text: string, result: string, classes: readonly number[]];
const { by_network: series } = JSON.parse(readFileSync(fixture("reference/ct-punc-text.json"), "utf8")) as {
  by_network: Readonly<Record<"ct-punc" | "ct-punc-realtime", readonly (readonly Step[])[]>>;
};

async function expectWhole(punctuator: Punctuator): Promise<void> {
  for (const [text, result, classes] of series["ct-punc"].flat()) {
    const found = await punctuator.punctuate(text);
    expect([found.text, found.marks]).toEqual([result, classes]);
  }
}

async function expectSegments(punctuator: Punctuator): Promise<void> {
  for (const steps of series["ct-punc-realtime"]) {
    const stream = punctuator.segments();
    for (const [text, result, classes] of steps) {
      const found = await stream.push(text);
      expect([found.text, found.marks]).toEqual([result, classes]);
    }
    const [[text, result] = []] = steps;
    expect((await punctuator.punctuate(text!)).text).toBe(result);
  }
}

describeOnEach("%s", (backend) => {
  it("writes whole texts as the original does", async () => {
    using punctuator = await loadPunctuator(fixture("tiny/ct-punc"), { backend });
    await expectWhole(punctuator);
  });

  it("writes segments as the original does", async () => {
    using punctuator = await loadPunctuator(fixture("tiny/ct-punc-realtime"), { backend });
    await expectSegments(punctuator);
  });
});

async function numbers(entry: TensorEntry): Promise<Float32Array> {
  expect(entry.format).toBe("F32");
  const bytes = new Uint8Array(entry.byteLength);
  await entry.read(bytes);
  return new Float32Array(bytes.buffer);
}

describe("ONNX exports of FunASR", () => {
  it.each([
    ["ct-punc", expectWhole],
    ["ct-punc-realtime", expectSegments],
  ] as const)("%s writes the same", async (name, expectSame) => {
    using punctuator = await loadPunctuator(fixture(`tiny/${name}/model.onnx`), { backend: "cpu" });
    await expectSame(punctuator);
  });

  it.each(["ct-punc", "ct-punc-realtime"])("%s quantized is near it", async (name) => {
    const path = fixture(`tiny/${name}/model_quant.onnx`);
    await using quantized = await openModel([path]);
    await using plain = await openModel([fixture(`tiny/${name}/model.onnx`)]);
    expect(quantized.notes.join()).toContain("is quantized");
    expect([...quantized.tensors.keys()].toSorted()).toEqual([...plain.tensors.keys()].toSorted());
    for (const [tensor, entry] of plain.tensors) {
      const [wanted, found] = [await numbers(entry), await numbers(quantized.tensors.get(tensor)!)];
      expect(found.length).toBe(wanted.length);
      const most = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      const off = wanted.reduce((a, b, i) => Math.max(a, Math.abs(b - found[i]!)), 0);
      expect([tensor, off <= most / 100]).toEqual([tensor, true]); // 255 steps from the least to the most
    }
    using punctuator = await loadPunctuator(path, { backend: "cpu" });
    expect((await punctuator.punctuate("今天天气很好")).words).toHaveLength(6);
  });

  it("need the config.yaml beside them, and that of their own model", async () => {
    const folder = await temporaryFolder();
    const model = join(folder, "model.onnx");
    await copyFile(fixture("tiny/ct-punc/model.onnx"), model);
    await copyFile(fixture("tiny/ct-punc/tokens.json"), join(folder, "tokens.json"));
    const malformed = { code: "checkpoint_malformed" };
    await expect(loadPunctuator(model)).rejects.toMatchObject(malformed);
    await copyFile(fixture("tiny/ct-punc-realtime/config.yaml"), join(folder, "config.yaml"));
    await expect(loadPunctuator(model)).rejects.toMatchObject(malformed);
  });
});

describe("converted models", () => {
  it.each([
    ["ct-punc", expectWhole],
    ["ct-punc-realtime", expectSegments],
  ] as const)("%s in a GGUF file of ours writes the same", async (name, expectSame) => {
    const path = join(await temporaryFolder(), `${name}.gguf`);
    await convert(fixture(`tiny/${name}`), path, { type: "F16" });
    using punctuator = await loadPunctuator(path, { backend: "cpu" });
    await expectSame(punctuator);
  });
});

describe("a punctuator", () => {
  it("is refused as a recognizer, and a recognizer as this", async () => {
    const before = liveTensors();
    await expect(load(fixture("tiny/ct-punc"))).rejects.toMatchObject({
      code: "unknown_architecture",
      message: expect.stringContaining("this one takes text") as string,
    });
    const other = fixture("tiny/paraformer/paraformer-bf16.gguf");
    await expect(loadPunctuator(other)).rejects.toMatchObject({ code: "unknown_architecture" });
    expect(liveTensors()).toBe(before);
  });

  it("for whole texts takes no segments", async () => {
    using punctuator = await loadPunctuator(fixture("tiny/ct-punc"), { backend: "cpu" });
    expect(() => punctuator.segments()).toThrow(expect.objectContaining({ code: "bad_option" }));
  });

  it("writes nothing for a text without words", async () => {
    using punctuator = await loadPunctuator(fixture("tiny/ct-punc"), { backend: "cpu" });
    for (const text of ["", " \n\u3000"])
      expect(await punctuator.punctuate(text)).toEqual({ text: "", words: [], marks: [] });
    using realtime = await loadPunctuator(fixture("tiny/ct-punc-realtime"), { backend: "cpu" });
    for (const text of ["", " "]) expect((await realtime.punctuate(text)).text).toBe("");
  });

  it("takes words of a dictionary, where it gets one", async () => {
    const dictionary = new JiebaDictionary("今天 9\n天气 8\n", "dict.txt");
    using punctuator = await loadPunctuator(fixture("tiny/ct-punc"), { backend: "cpu", dictionary });
    expect((await punctuator.punctuate("今天 天气 hello")).words).toEqual(["今天", "天气", "hello"]);
  });

  it("ends when its signal is aborted or it is disposed of, and leaves nothing in memory", async () => {
    const before = liveTensors();
    const punctuator = await loadPunctuator(fixture("tiny/ct-punc"), { backend: "cpu" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const writing = punctuator.punctuate("今天天气很好".repeat(50), controller.signal);
    controller.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect((await punctuator.punctuate("今天")).text).not.toBe("");
    punctuator.dispose();
    await expect(punctuator.punctuate("今天")).rejects.toMatchObject({ code: "disposed" });
    expect(liveTensors()).toBe(before);
  });

  it("leaves nothing in the backend's memory for a long text", async () => {
    using punctuator = await loadPunctuator(fixture("tiny/ct-punc"), { backend: "cpu" });
    const long = series["ct-punc"].flatMap((steps) => steps.map(([text]) => text)).join("");
    const before = liveTensors();
    const { words, marks } = await punctuator.punctuate(long);
    expect(words.length).toBe(marks.length);
    expect(words.length).toBeGreaterThan(300);
    expect(liveTensors()).toBe(before);
  });
});
