/**
 * Qwen3, the language model: pre-norm decoder layers with grouped-query attention, RMS norms on queries and keys,
 * rotary positions and a SwiGLU feed-forward. Yang et al., "Qwen3 Technical Report", arXiv:2505.09388;
 * transformers' Qwen3ForCausalLM.
 */
import type { Qwen3Config } from "../configs/qwen3.ts";
import {
  add,
  appendTokens,
  attention,
  block,
  dispose,
  eachSequence,
  embedding,
  fusedDecoderLayer,
  KvCache,
  linear,
  parallelLinears,
  qkNormRope,
  rmsNorm,
  rows,
  runLayers,
  stage,
  swiglu,
  tidy,
  tiedHead,
} from "../nn/index.ts";
import type { BetweenSteps, NewTokens, Sequences, Tensor, Weights } from "../nn/index.ts";
import type { Lens } from "./logit-lens.ts";

/** y = W·softmax(QKᵀ/√d)V over all positions so far, with Q and K normed per head and rotated. */
const selfAttention = block((w, index: number, config: Qwen3Config) => {
  const { size, heads, kvHeads, headDim } = config;
  const widths = [heads * headDim, kvHeads * headDim, kvHeads * headDim];
  const queryKeyValue = parallelLinears(w, ["q_proj", "k_proj", "v_proj"], size, widths, { bias: false });
  const rotation = { headDim, theta: config.ropeTheta, eps: config.eps };
  const queryNorm = qkNormRope(w, "q_norm", "q", { ...rotation, heads });
  const keyNorm = qkNormRope(w, "k_norm", "k", { ...rotation, heads: kvHeads });
  const attend = attention(w, { heads, kvHeads, headDim, causal: true });
  const output = linear(w, "o_proj", heads * headDim, size, { bias: false });

  const attendOne = (cache: KvCache, q: Tensor, k: Tensor, v: Tensor): Tensor => {
    const queries = queryNorm(q, cache.length);
    const all = cache.append(index, keyNorm(k, cache.length), v);
    return attend(queries, all.k, all.v, all.length); // [T, heads·d]
  };
  // x: [ΣT, D], of each sequence the rows after those in its cache
  const forward = (x: Tensor, all: Sequences) => output(eachSequence(all, queryKeyValue(x), attendOne));
  const [query, key, value] = queryKeyValue.parts;
  return Object.assign(forward, { parts: { query, key, value, queryNorm, keyNorm, output } });
});

/** y = W_down·(silu(W_gate·x) ⊙ W_up·x) */
const mlp = block((w, { size, feedForwardSize }: Qwen3Config) => {
  const widths = [feedForwardSize, feedForwardSize];
  const gateUp = parallelLinears(w, ["gate_proj", "up_proj"], size, widths, { bias: false });
  const gated = stage(w, "swiglu", feedForwardSize);
  const down = linear(w, "down_proj", feedForwardSize, size, { bias: false });
  const forward = (x: Tensor): Tensor => {
    const [g, u] = gateUp(x); // [T, F] each
    return down(gated.emit(swiglu(g, u)));
  };
  const [gate, up] = gateUp.parts;
  return Object.assign(forward, { parts: { gate, up, down } });
});

/** x ← x + Attn(RMS(x)), then x ← x + MLP(RMS(x)); in one kernel where there is one and no hook wants a stage of it. */
const decoderLayer = block((w, index: number, config: Qwen3Config) => {
  const inputNorm = rmsNorm(w, "input_layernorm", config.size, config.eps);
  const attend = selfAttention(w.at("self_attn"), index, config);
  const residual = stage(w, "residual", config.size);
  const attentionNorm = rmsNorm(w, "post_attention_layernorm", config.size, config.eps);
  const feed = mlp(w.at("mlp"), config);
  const modules = { inputNorm, ...attend.parts, attentionNorm, ...feed.parts };
  const fused = fusedDecoderLayer(w, index, modules, { ...config, theta: config.ropeTheta });
  return (x: Tensor, sequences: Sequences) => {
    const y = fused(x, sequences);
    if (y !== undefined) return y;
    const h = residual.emit(add(x, attend(inputNorm(x), sequences)));
    return add(h, feed(attentionNorm(h)));
  };
});

export interface Qwen3 {
  readonly config: Qwen3Config;
  /** Token vectors. */
  embed(ids: readonly number[]): Tensor; // [ids, D]
  /** An empty cache for `capacity` positions, with memory for those that are `expected` (all, by default) until there are more. */
  newCache(capacity: number, expected?: number): KvCache;
  /**
   * Appends the prompt's rows and those of `tokens` tokens after it, with `between` awaited between the layers; logits of
   * the prompt's last row and of each token.
   */
  prefill(embeds: Tensor, cache: KvCache, between: BetweenSteps, tokens?: number): Promise<Tensor>; // [L + tokens, D] → [1 + tokens, V]
  /** Appends one token; logits of its successor. */
  step(id: number, cache: KvCache): Tensor; // [1, V]
  /** Appends several tokens at once, to one sequence or, without a hook, to several; the logits of one by one. */
  steps(...tokens: readonly NewTokens[]): Tensor; // [Σids, V]
  /** Logits that the head computes from each layer's result. */
  readonly lens: Lens;
}

/** `w` is at the root of the causal model: `model.…` and, unless tied, `lm_head`. */
export function qwen3(w: Weights, config: Qwen3Config): Qwen3 {
  const { vocabSize, size, layers: count } = config;
  const embed = embedding(w, "model.embed_tokens", vocabSize, size);
  const layers = Array.from({ length: count }, (_, i) => decoderLayer(w.at(`model.layers.${i}`), i, config));
  const norm = rmsNorm(w, "model.norm", size, config.eps);
  const last = w.withRows(1);
  const project = w.has("lm_head.weight")
    ? linear(last, "lm_head", size, vocabSize, { bias: false })
    : tiedHead(last, "lm_head", "model.embed_tokens", vocabSize, size);
  const head = (x: Tensor, count: number): Tensor =>
    tidy(() => project(rows(norm(x), x.shape[0]! - count, count))); // [T, D] → [count, V]
  const forward = (ids: readonly number[], all: Sequences): Tensor =>
    project(norm(layers.reduce((x, layer) => layer(x, all), embed(ids)))); // [Σids, V]
  const steps = (...tokens: readonly NewTokens[]): Tensor => appendTokens(w, tokens, forward);

  return {
    config,
    embed,
    newCache: (capacity, expected) => new KvCache(count, capacity, config.kvHeads * config.headDim, expected),
    async prefill(embeds, cache, between, tokens = 0) {
      const ofCache = layers.map((layer) => (x: Tensor) => layer(x, [{ cache, rows: x.shape[0]! }]));
      const hidden = await runLayers(ofCache, embeds, between);
      cache.advance(embeds.shape[0]!);
      cache.endPrompt(cache.length - tokens);
      try {
        return head(hidden, 1 + tokens);
      } finally {
        dispose(hidden);
      }
    },
    step: (id, cache) => steps({ ids: [id], cache }),
    steps,
    lens: {
      layers: layers.map((_, i) => w.at(`model.layers.${i}`).path),
      read: (hidden) => tidy(() => project(norm(hidden))),
    },
  };
}
