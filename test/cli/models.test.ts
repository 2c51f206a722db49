/** The commands for model files: convert, quantize, inspect and compare. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { writeGguf } from "../../converters/writers/node.ts";
import { bytesOf, openGguf } from "../../src/checkpoints/gguf/index.ts";
import { cli } from "../helpers/environment/screen.ts";

const nano = new URL("../../fixtures/tiny/fun-asr-nano", import.meta.url).pathname;

let folder: string;
let converted: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "models-"));
  converted = join(folder, "nano.gguf");
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; results: string; notes: string }> {
  const { exitCode, results, notes } = await cli(...argv);
  return { code: exitCode, results: results.join("\n"), notes: notes.join("\n") };
}

test("convert writes the file, and reports source and output", async () => {
  const { code, results, notes } = await run("convert", nano, "-o", converted, "--type", "q8_0");
  expect({ code, results }).toEqual({ code: 0, results: "" });
  expect(notes).toContain("model.pt (FunASR (model.pt)): fun-asr-nano");
  expect(notes).toContain("168 tensors, with the CTC branch");
  expect(notes).toContain(`wrote ${converted}: 59 Q8_0, 103 F32, 3 BF16, 2 F16`);
});

describe("with a converted file", () => {
  test("quantize takes rules, and reports errors as JSON", async () => {
    const to = join(folder, "nano-q4_0.gguf");
    const rule = String.raw`ctc\..*=f16`;
    const { code, results } = await run(
      "quantize",
      converted,
      to,
      "-t",
      "q4_0",
      "--rule",
      rule,
      "--report",
      "--json",
    );
    const report = JSON.parse(results) as { tensors: { name: string; to: string; relativeL2: number }[] };
    expect(code).toBe(0);
    const ctc = report.tensors.find(({ name }) => name === "ctc.ctc_lo.weight");
    const query = report.tensors.find(({ name }) => name === "llm.model.layers.0.self_attn.q_proj.weight");
    expect(ctc).toMatchObject({ to: "F16" });
    expect(query).toMatchObject({ to: "Q4_0" });
    expect(query?.relativeL2).toBeGreaterThan(0.01);
    expect(query?.relativeL2).toBeLessThan(0.15);
  });

  test("inspect shows keys, sizes and completeness", async () => {
    const { code, results } = await run("inspect", converted);
    expect(code).toBe(0);
    expect(results).toContain("nano.gguf: gguf (fun-asr)");
    expect(results).toMatch(/fun-asr-nano\.encoder\.output_size +32/);
    expect(results).toMatch(/fun-asr-nano\.llm\.rms_norm_eps +0\.000001\n/);
    expect(results).toMatch(/tokenizer\.ggml\.tokens +\["!", .*… 384 in all\]/);
    expect(results).toContain("complete: every tensor of the model is there, and no other");
    expect(results).not.toContain("ctc.ctc_lo.bias");
  });

  test("inspect --json lists every tensor", async () => {
    const { results } = await run("inspect", converted, "--json");
    const { tensors, problems } = JSON.parse(results) as { tensors: unknown[]; problems: unknown[] };
    expect(tensors).toHaveLength(167);
    expect(problems).toEqual([]);
  });

  test("compare finds the same model in both, up to the errors of quantization", async () => {
    const near = await run("compare", converted, nano, "--tolerance", "0.01");
    expect(near.code).toBe(0);
    expect(near.results).toContain("167 of 167 tensors are equal");
    const exact = await run("compare", converted, nano);
    expect(exact.code).toBe(5);
    expect(exact.results).toMatch(/ctc\.ctc_lo\.weight +Q8_0 \[1974, 32\] +BF16 \[1974, 32\] +\d/);
    expect(exact.results).toContain("106 of 167 tensors are equal");
  });
});

describe("inspect of an incomplete model", () => {
  /** The tiny model without one tensor and with one too many. */
  async function incomplete(): Promise<string> {
    const path = join(folder, "incomplete.gguf");
    await using file = await openGguf(join(nano, "fun-asr-nano-bf16.gguf"));
    const tensors = [];
    for (const { name, shape, format, byteLength, read } of file.tensors.values()) {
      const bytes = new Uint8Array(byteLength);
      await read(bytes);
      if (name !== "audio_encoder.after_norm.bias") tensors.push(bytesOf(name, shape, format, bytes));
    }
    tensors.push(bytesOf("audio_encoder.extra.weight", [4], "F32", new Uint8Array(16)));
    await writeGguf(path, { metadata: file.typedMetadata, tensors });
    return path;
  }

  test("names missing and surplus tensors", async () => {
    const { code, results } = await run("inspect", await incomplete());
    expect(code).toBe(3);
    expect(results).toMatch(/^audio_encoder\.after_norm\.bias: missing, wanted \[32\]$/m);
    expect(results).toMatch(/^audio_encoder\.extra\.weight: the model has no place for it$/m);
    expect(results).not.toContain("complete: every tensor");
  });

  test("on a server, by ranges of the file", async () => {
    const bytes = await readFile(await incomplete());
    const asked: number[] = [];
    const server = createServer((request, response) => {
      const [first = 0, last = 0] = (request.headers.range ?? "").match(/\d+/g)?.map(Number) ?? [];
      const part = bytes.subarray(first, last + 1);
      asked.push(part.length);
      const range = `bytes ${first}-${first + part.length - 1}/${bytes.length}`;
      response.writeHead(206, { "content-range": range, etag: '"1"' }).end(part);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m.gguf`;
    const { code, results } = await run("inspect", address);
    expect(code).toBe(3);
    expect(results).toContain("audio_encoder.after_norm.bias");
    expect(asked.length).toBeGreaterThan(0);
  });
});

test.each([
  ["a missing file", ["inspect", "/nowhere/x.gguf"], 2, "file_not_found"],
  [
    "a file of another format",
    ["inspect", join(nano, "model.pt", "..", "config.yaml")],
    3,
    "checkpoint_malformed",
  ],
  ["an unknown type", ["convert", nano, "-o", "x.gguf", "--type", "q3"], 2, "bad_option"],
  ["a rule without a type", ["convert", nano, "-o", "x.gguf", "--rule", "abc"], 2, "bad_option"],
  ["no output", ["convert", nano], 2, "--output"],
])("%s: exit code and reason", async (_, argv, expected, reason) => {
  const { code, notes } = await run(...argv);
  expect(code).toBe(expected);
  expect(notes).toContain(reason);
});
