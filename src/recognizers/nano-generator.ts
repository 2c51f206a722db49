/** What all texts of a loaded Fun-ASR-Nano are generated with, and share. */
import type { Engine } from "../engine/engine.ts";
import { Slots } from "../engine/slots.ts";
import type { FunAsrNano } from "../models/fun-asr-nano/fun-asr-nano.ts";
import type { BackendName, CompiledDecoder } from "../nn/backend.ts";
import type { QwenTokenizer } from "../text/qwen-tokenizer.ts";
import { endTokens } from "./nano-vocabulary.ts";
import { PromptStart } from "./prompt-start.ts";
import type { RecognizerContext } from "./recognizer.ts";
import { StepPool } from "./step-pool.ts";

export interface Generator {
  readonly model: FunAsrNano;
  readonly tokenizer: QwenTokenizer;
  /** Tokens that end the answer. */
  readonly endIds: readonly number[];
  /** The backend's compiled decoding, made when it is first asked for; undefined where it has none. */
  readonly compiled: () => Promise<CompiledDecoder | undefined>;
  /** The one place of the compiled decoding, whose cache serves one text at a time. */
  readonly compiledUse: Slots;
  /** Shares the steps of texts that are generated at the same time. */
  readonly pool: StepPool;
  /** The beginning that prompts have in common. */
  readonly start: PromptStart;
  readonly engine: Engine;
  /** Where the language model computes. */
  readonly backend: BackendName;
  /** Frees the compiled decoding, if it was made. */
  dispose(): void;
}

export function generatorOf(
  model: FunAsrNano,
  { engine, placement: { llm: backend } }: RecognizerContext,
  tokenizer: QwenTokenizer,
): Generator {
  const endIds = endTokens.map((token) => tokenizer.id(token));
  let compiled: Promise<CompiledDecoder | undefined> | undefined;
  return {
    model,
    tokenizer,
    endIds,
    compiled: () => (compiled ??= engine.compileDecoder(backend, model.llm, endIds)),
    compiledUse: new Slots(1),
    pool: new StepPool(model.llm),
    start: new PromptStart(),
    engine,
    backend,
    dispose: () => void compiled?.then((decoder) => decoder?.dispose()),
  };
}
