/**
 * The tiny Fun-ASR-Nano and SenseVoice as the original tools wrote them (fixtures/dialects/make_*.py) are the model of our
 * own file: the same keys, names, shapes and values.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { openModel } from "../../../../src/containers/open-model.ts";
import { checkTensors } from "../../../../src/architectures/build.ts";
import { readModel } from "../../../helpers/builders/namings.ts";
import type { Model } from "../../../helpers/builders/namings.ts";
import { expectTwin } from "../../../helpers/builders/twins.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";

let nano: Model;
beforeAll(async () => {
  const whole = await readModel(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
  nano = {
    metadata: new Map([...whole.metadata].filter(([key]) => !key.includes(".ctc"))),
    tensors: new Map([...whole.tensors].filter(([name]) => !name.startsWith("ctc"))),
  };
});

/** transcribe.cpp names the ids without a token in its own way, and states no `add_bos_token`. */
const gaps = ["tokenizer.ggml.tokens", "tokenizer.ggml.token_type", "tokenizer.ggml.add_bos_token"];

const without = ({ metadata, tensors }: Model, keys: readonly string[]): Model => ({
  metadata: new Map([...metadata].filter(([key]) => !keys.includes(key))),
  tensors,
});

describe("files that keep all bits are the model", () => {
  test.each([
    ["transformers", "safetensors (Transformers Fun-ASR-Nano)", []],
    ["transformers/model.safetensors", "safetensors (Transformers Fun-ASR-Nano)", []],
    ["audio-cpp/fun-asr-nano-f16.gguf", "gguf (audio.cpp)", []],
    ["mlx-audio", "safetensors (mlx-audio Fun-ASR-Nano)", []],
    ["vllm", "safetensors (vLLM Fun-ASR-Nano)", []],
    ["transcribe-cpp/funasr_nano.gguf", "gguf (transcribe.cpp Fun-ASR-Nano)", gaps],
  ])("%s", async (path, naming, except) => {
    await using checkpoint = await openModel(fixture(`dialects/${path}`));
    expect(checkpoint.naming).toBe(naming);
    checkTensors(checkpoint);
    await expectTwin(checkpoint, without(nano, except));
  });

  test("transcribe.cpp's SenseVoice, with CMVN", async () => {
    const model = await readModel(fixture("tiny/sensevoice/sensevoice-bf16.gguf"));
    await using checkpoint = await openModel(fixture("dialects/transcribe-cpp/sensevoice.gguf"));
    expect(checkpoint.naming).toBe("gguf (transcribe.cpp SenseVoice)");
    checkTensors(checkpoint);
    await expectTwin(checkpoint, model);
  });
});
