/**
 * Where tokens come from: the model, step by step, or the backend's compiled loop, many in one call. The tokens are the
 * same; the reader decides where to stop.
 */
import { nonFinite } from "../errors.ts";
import type { Qwen3 } from "../models/qwen3.ts";
import type { CompiledDecoder } from "../nn/backend.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { values } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import type { DecoderState, SampledToken } from "../decoding/generate.ts";
import { withDisposal } from "./between-steps.ts";

export interface TokenSource extends DecoderState {
  /** Reads the prompt [L, D]. */
  begin(embeds: Tensor, turn: BetweenSteps): Promise<void>;
  dispose(): void;
}

/** One step for each token, with a cache for `tokens` tokens after a prompt of `rows` rows. */
export function steppedTokens(llm: Qwen3, rows: number, tokens: number): TokenSource {
  const cache = llm.newCache(rows + tokens);
  let first: Float32Array = new Float32Array(0); // [V]
  const read = (logits: Tensor): Promise<Float32Array> => withDisposal(logits, () => values(logits));
  return {
    async begin(embeds, turn) {
      first = (await read(await llm.prefill(embeds, cache, turn))).slice();
    },
    async *tokens(pick) {
      for (let logits = first; ;) {
        const picked = pick(logits);
        yield picked;
        logits = await read(llm.step(picked.id, cache));
      }
    },
    rewind: () => cache.rewind(rows),
    dispose: () => cache.dispose(),
  };
}

/**
 * Greedy tokens, up to `call` of them in one call: few where the text is shown while it is generated. Disposing calls `release`,
 * until which no other source may use the decoder.
 */
export function compiledTokens(
  decoder: CompiledDecoder,
  tokens: number,
  call: number,
  release: () => void,
): TokenSource {
  let first = 0;
  return {
    async begin(embeds) {
      first = known(decoder.begin(embeds));
    },
    async *tokens(): AsyncGenerator<SampledToken> {
      let written: readonly number[] = [first];
      for (let left = tokens; ; left -= written.length) {
        for (const id of written) yield { id };
        written = decoder.next(written.at(-1)!, Math.min(left - written.length, call)).map(known);
      }
    },
    rewind: () => decoder.rewind(),
    dispose: release,
  };
}

function known(token: number): number {
  if (token >= 0) return token;
  throw nonFinite("search", "a logit is NaN");
}
