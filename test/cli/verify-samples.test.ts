/** `fun-asr verify` of a model of the registry: with the recordings that its authors published, and without them. */
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import type { VerifyReport } from "../../src/verify/verify.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import { cli } from "../helpers/environment/screen.ts";

const text = "天气预报说今天会有大雨。";

vi.mock("../../models/registry.json", () => {
  const model = {
    name: "demo-nano",
    aliases: ["maker/demo"],
    title: "Demo",
    description: "for tests",
    task: "recognition",
    architecture: "fun-asr-nano",
    licenses: [{ name: "MIT", url: "https://example.org/license" }],
    languages: ["zh"],
    abilities: { ctc: true, punctuation: true, times: true, hotwords: true },
    defaultFormat: "q8_0",
    variants: [{ format: "q8_0", memory: 1, files: [{ role: "model", from: ["hf:maker/demo/demo.gguf"] }] }],
    samples: [
      {
        file: { role: "sample", from: ["hf:maker/demo/example/zh.wav"] },
        language: "zh",
        text: "天气预报说今天会有大雨。",
      },
      { file: { role: "sample", from: ["hf:maker/demo/example/none.wav"] }, language: "zh", text: "没有" },
    ],
  };
  return { default: { version: 1, models: [model] } };
});

const model = await readFile(new URL("../../models/demo/fun-asr-demo-q8_0.gguf", import.meta.url));
const clip = await readFile(fixture("audio/demo/zh-weather.wav"));

test.each(["demo-nano", "Demo-Nano:q8_0", "maker/demo"])(
  "%s, with its sample downloaded once",
  async (name) => {
    const files = { "demo.gguf": model, "example/zh.wav": clip };
    const { hub } = await modelsHome({ "hf:maker/demo": { files } });
    expect((await cli("pull", name)).exitCode).toBe(0);
    for (const bytes of [clip.length, 0]) {
      hub.forget();
      const { exitCode, results, notes } = await cli("verify", "-m", name, "--json");
      const report = JSON.parse(results.join("\n")) as VerifyReport;
      expect(report.clips).toEqual([
        expect.objectContaining({ name: "zh.wav", text, expected: text, errorRate: 0 }),
      ]);
      expect(notes.join("\n")).toContain("without none.wav: ");
      expect(exitCode).toBe(0);
      expect(hub.sent()).toBe(bytes);
    }
  },
);

test("without the network, with the bundled clips", async () => {
  const files = { "demo.gguf": model };
  const { hub } = await modelsHome({ "hf:maker/demo": { files } });
  await cli("pull", "demo-nano");
  hub.fault({ at: "file", fault: { kind: "reset" } });
  const { exitCode, results } = await cli("verify", "-m", "demo-nano");
  expect(exitCode).toBe(0);
  expect(results.join("\n")).toContain("en-travel.wav: errors 0 %");
});
