/** The tiny Fun-ASR-Nano for the tests of a block, and its language model. */
import { afterAll, beforeAll } from "vitest";
import { buildModel } from "../../../src/architectures/build.ts";
import type { FunAsrNano } from "../../../src/models/fun-asr-nano/fun-asr-nano.ts";
import type { Qwen3 } from "../../../src/models/qwen3.ts";
import type { BackendName } from "../../../src/nn/backend.ts";
import { tinyNanoCheckpoint } from "../builders/tiny-nano.ts";
import { engine } from "./engine.ts";

/** Builds the model on a backend before the block's tests, and gives its language model to `use`. */
export function withTinyLlm(backend: BackendName, use: (llm: Qwen3) => void): void {
  let loaded: Awaited<ReturnType<typeof buildModel>>;
  beforeAll(async () => {
    loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend });
    use((loaded.model as FunAsrNano).llm);
  });
  afterAll(() => loaded.dispose());
}
