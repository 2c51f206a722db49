/** `fun-asr doctor`, where TensorFlow is not set up. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { surveyBackends } from "../../src/doctor/survey.ts";
import { cli } from "../helpers/environment/screen.ts";

beforeEach(() => void vi.stubEnv("FUN_ASR_TENSORFLOW", "/nowhere"));
afterEach(() => vi.unstubAllEnvs());

it("lists the backends, names the way to install the missing one, and recommends one", async () => {
  const { exitCode, results } = await cli("doctor");
  expect(exitCode).toBe(0);
  const text = results.join("\n");
  expect(text).toMatch(/wasm +ready/u);
  expect(text).toMatch(/tensorflow +.*npm run setup:tensorflow/u);
  expect(text).toMatch(/use --backend wasm/u);
});

it("refuses to check a GPU without TensorFlow", async () => {
  const { exitCode, notes } = await cli("doctor", "--gpu");
  expect(exitCode).toBe(1);
  expect(notes.join("\n")).toMatch(/not set up.*\[backend_unavailable\]/su);
});

it("is ended by an abort while it measures", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const survey = surveyBackends(controller.signal);
  setImmediate(() => controller.abort(reason));
  await expect(survey).rejects.toBe(reason);
});
