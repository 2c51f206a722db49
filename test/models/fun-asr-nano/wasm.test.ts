/** The tiny Fun-ASR-Nano on the `wasm` backend gives what the reference backend gives, and leaves nothing behind. */
import { backend } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { BackendName } from "../../../kernels/backend.ts";
import type { WasmBackend } from "../../../kernels/runtime/wasm/backend.ts";
import { buildModel } from "../../../src/architectures/build.ts";
import type { FunAsrNano } from "../../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { liveTensors } from "../../../src/nn/backend.ts";
import { engine } from "../../helpers/environment/engine.ts";
import type { KvCache } from "../../../src/nn/kv-cache.ts";
import { dispose, tensor, values } from "../../../src/nn/ops.ts";
import { normals } from "../../helpers/builders/random.ts";
import { tinyNano, tinyNanoCheckpoint } from "../../helpers/builders/tiny-nano.ts";
import { nmse } from "../../helpers/environment/wasm-kernels.ts";

const noTurn = async (): Promise<void> => {};

interface Passage {
  readonly encoded: Float32Array;
  readonly ctc: Float32Array;
  readonly ids: readonly number[];
  readonly logits: Float32Array;
}

async function pass(model: FunAsrNano, frames: number): Promise<Passage> {
  const x = tensor(normals(1, frames * tinyNano.inputSize), [frames, tinyNano.inputSize]);
  const encoded = await model.encode(x, noTurn);
  const adapted = await model.adapt(encoded, noTurn);
  const hidden = await model.ctc!.decoder(encoded, noTurn);
  const ctc = model.ctc!.head(hidden);

  const cache = model.llm.newCache(frames + 30);
  let logits = await model.llm.prefill(adapted, cache, noTurn);
  const ids: number[] = [];
  for (let i = 0; i < 20; i++) {
    const row = await values(logits);
    ids.push(row.indexOf(Math.max(...row)));
    dispose(logits);
    logits = model.llm.step(ids.at(-1)!, cache);
  }
  const result = {
    encoded: (await values(encoded)).slice(),
    ctc: (await values(ctc)).slice(),
    ids,
    logits: (await values(logits)).slice(),
  };
  cache.dispose();
  dispose([x, encoded, adapted, hidden, ctc, logits]);
  return result;
}

async function passOn(backend: BackendName, frames: number): Promise<Passage> {
  const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend });
  try {
    return await engine.run(backend, () => pass(loaded.model as FunAsrNano, frames));
  } finally {
    loaded.dispose();
  }
}

describe("the tiny model on wasm", () => {
  it.each([1, 5, 17, 83])("equals cpu for %i frames, token by token", async (frames) => {
    const wasm = await passOn("wasm", frames);
    const cpu = await passOn("cpu", frames);
    expect(nmse(wasm.encoded, cpu.encoded)).toBeLessThan(1e-9);
    expect(nmse(wasm.ctc, cpu.ctc)).toBeLessThan(1e-9);
    expect(wasm.ids).toEqual(cpu.ids);
    expect(nmse(wasm.logits, cpu.logits)).toBeLessThan(1e-9);
  });

  it("gives the same bytes for a prefill and for its tokens one by one", async () => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend: "wasm" });
    await engine.run("wasm", async () => {
      const { llm } = loaded.model as FunAsrNano;
      const ids = Array.from({ length: 37 }, (_, i) => (7 * i * i + 3) % tinyNano.vocab);
      const steps = llm.newCache(50);
      const alone: Float32Array[] = [];
      for (const id of ids) {
        const logits = llm.step(id, steps);
        alone.push((await values(logits)).slice());
        dispose(logits);
      }
      for (const count of [1, 2, 8, 16, 37]) {
        const embeds = llm.embed(ids.slice(0, count));
        const cache = llm.newCache(50);
        const logits = await llm.prefill(embeds, cache, noTurn);
        expect(await values(logits)).toEqual(alone[count - 1]);
        cache.dispose();
        dispose([embeds, logits]);
      }
      steps.dispose();
    });
    loaded.dispose();
  });

  it("gives the same bytes for several tokens at once, after drafts that were rewound", async () => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend: "wasm" });
    await engine.run("wasm", async () => {
      const { llm } = loaded.model as FunAsrNano;
      const ids = Array.from({ length: 40 }, (_, i) => (5 * i * i + 2) % tinyNano.vocab);
      const bytesOf = async (cache: KvCache, tokens: readonly number[]): Promise<Float32Array> => {
        const logits = llm.steps({ ids: tokens, cache });
        const copy = (await values(logits)).slice();
        dispose(logits);
        return copy;
      };
      const one = llm.newCache(80);
      const alone: Float32Array[] = [];
      for (const id of ids) alone.push(await bytesOf(one, [id]));
      const many = llm.newCache(80);
      for (let at = 0, count = 1; at < ids.length; at += count, count = (count % 9) + 1) {
        await bytesOf(many, ids.slice(0, 11)); // a draft that is not confirmed
        many.rewind(at);
        const tokens = ids.slice(at, at + count);
        const rows = await bytesOf(many, tokens);
        for (let i = 0; i < tokens.length; i++) {
          expect(rows.slice(i * tinyNano.vocab, (i + 1) * tinyNano.vocab)).toEqual(alone[at + i]);
        }
      }
      one.dispose();
      many.dispose();
    });
    loaded.dispose();
  });

  it.each(["wasm", "cpu"] as const)("computes on %s the same bytes with a hook", async (backend) => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend });
    const plain = await engine.run(backend, () => pass(loaded.model as FunAsrNano, 17));
    const emitted: string[] = [];
    loaded.hooks.hook = {
      wants: (path) => path.includes("layers.1.mlp"),
      onTensor: (path) => void emitted.push(path),
    };
    const hooked = await engine.run(backend, () => pass(loaded.model as FunAsrNano, 17));
    loaded.dispose();
    expect(emitted).toContain("llm.model.layers.1.mlp.down_proj");
    expect(hooked).toEqual(plain);
  });

  it("keeps tensors and memory flat", async () => {
    const loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend: "wasm" });
    await engine.run("wasm", async () => {
      const { allocator } = (backend() as WasmBackend).runtime;
      const model = loaded.model as FunAsrNano;
      // The first pass places the rotation's angles, the second what lies around them.
      for (const frames of [90, 90]) await pass(model, frames);
      const before = [liveTensors(), allocator.used, allocator.end];
      for (const frames of [3, 90, 14, 57, 1, 88, 90, 22, 71]) await pass(model, frames);
      expect([liveTensors(), allocator.used, allocator.end]).toEqual(before);
    });
    loaded.dispose();
  });
});
