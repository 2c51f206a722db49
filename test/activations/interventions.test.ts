/** Which tokens an intervention concerns: patches the prompt alone, what has no frames each generated token too. */
import { expect, it } from "vitest";
import { InterventionHook } from "../../src/activations/interventions.ts";

const stages = [{ name: "llm", shape: ["L", 4], block: false }];
const patch = { at: "llm", with: new Float32Array(4) };
const scale = { at: "llm", by: 2 };

it.each([
  ["a patch", { patch: [patch] }, false],
  ["a scaling", { scale: [scale] }, true],
  ["a scaling of frames", { scale: [{ ...scale, frames: [0, 1] as const }] }, false],
  ["a patch and a scaling", { patch: [patch], scale: [scale] }, true],
  ["a scaling and one of frames", { scale: [scale, { ...scale, frames: [0, 1] as const }] }, true],
])("%s", (_, interventions, generated) => {
  const hook = new InterventionHook(interventions, stages);
  expect(hook.wants("llm", 0)).toBe(true);
  expect(hook.wants("llm", 1)).toBe(generated);
  expect(hook.wants("llm.other", 0)).toBe(false);
});
