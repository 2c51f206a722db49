/** Runs tests on a Paraformer that is built from a checkpoint. */
import { expect } from "vitest";
import { buildModel } from "../../../src/architectures/build.ts";
import type { LoadedModel } from "../../../src/architectures/build.ts";
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import type { Paraformer } from "../../../src/models/paraformer/paraformer.ts";
import { liveTensors } from "../../../src/nn/backend.ts";
import { engine } from "./engine.ts";

/** Runs on the cpu backend and expects the model's own tensors to be the only ones left. */
export async function withParaformer(
  checkpoint: Checkpoint,
  work: (model: Paraformer, loaded: LoadedModel) => Promise<void>,
): Promise<void> {
  const loaded = await buildModel(checkpoint, { engine, backend: "cpu" });
  try {
    const before = liveTensors();
    await engine.run("cpu", () => work(loaded.model as unknown as Paraformer, loaded));
    expect(liveTensors() - before, "tensors leaked").toBe(0);
  } finally {
    loaded.dispose();
  }
}
