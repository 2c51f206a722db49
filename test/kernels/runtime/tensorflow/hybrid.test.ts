/** Encoder on `tensorflow`, language model on `wasm`: the texts of both, and nothing left behind. */
import { afterEach, expect, it, vi } from "vitest";
import { liveCounts } from "../../../../kernels/runtime/tensorflow/native.ts";
import { load } from "../../../../src/index.ts";
import { Engine } from "../../../../src/engine/engine.ts";
import { surveyBackends } from "../../../../src/doctor/survey.ts";
import { describeOn } from "../../../helpers/environment/backends.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";

afterEach(() => vi.unstubAllEnvs());

describeOn("tensorflow", "hybrid", () => {
  it("writes what the backends write, and stays flat", async () => {
    const demo = fixture("../models/demo/fun-asr-demo-q8_0.gguf");
    const clip = fixture("audio/demo/en-travel.wav");
    using model = await load(demo, { backend: "hybrid" });
    expect(model.info).toMatchObject({ backend: "tensorflow", llm: "wasm" });
    const first = await model.transcribe(clip);
    const before = liveCounts();
    expect((await model.transcribe(clip)).tokens).toEqual(first.tokens);
    expect(liveCounts()).toEqual(before);
    using alone = await load(demo, { backend: "wasm" });
    expect((await alone.transcribe(clip)).tokens).toEqual(first.tokens);
  });

  it("is a choice of auto, by measurement", async () => {
    using engine = new Engine({ backend: "auto" });
    const { backend, llm } = await engine.placement();
    expect(["wasm", "tensorflow"]).toContain(backend);
    expect(["wasm", "tensorflow"]).toContain(llm);
  });
});

it("auto is wasm where TensorFlow is not set up, and the survey names the setup command", async () => {
  vi.stubEnv("FUN_ASR_TENSORFLOW", "/nowhere");
  const { findBackend, removeBackend } = await import("@tensorflow/tfjs-core");
  if (findBackend("tensorflow") !== null) removeBackend("tensorflow");
  using engine = new Engine({ backend: "auto" });
  expect(await engine.placement()).toEqual({ backend: "wasm", llm: "wasm" });
  const { rows, advice } = await surveyBackends();
  expect(rows.map(([name]) => name)).toEqual(["backend", "wasm", "cpu", "tensorflow"]);
  expect(rows.at(-1)![1]).toMatch(/not set up.*npm run setup:tensorflow/u);
  expect(advice).toMatch(/^use --backend wasm/u);
});
