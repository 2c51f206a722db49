/**
 * Qwen3, the language model: pre-norm decoder layers with grouped-query attention, RMS norms on queries and keys,
 * rotary positions and a SwiGLU feed-forward. Yang et al., "Qwen3 Technical Report", arXiv:2505.09388;
 * transformers' Qwen3ForCausalLM.
 */
import { runLayers } from "../nn/layer-stack.ts";
import type { BetweenSteps } from "../nn/layer-stack.ts";
import { KvCache } from "../nn/kv-cache.ts";
import { attention } from "../nn/attention.ts";
import { add, dispose, rows, swiglu, tidy } from "../nn/ops.ts";
import type { Tensor } from "../nn/ops.ts";
import { block } from "../nn/weights.ts";
import { fusedLayer } from "../nn/whole-layer.ts";
import type { Weights } from "../nn/weights.ts";
import type { Lens } from "./logit-lens.ts";
import type { Settings } from "../architectures/settings.ts";

export interface Qwen3Config {
  readonly layers: number;
  readonly size: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads / kvHeads query heads. */
  readonly kvHeads: number;
  /** Width of a head; heads · headDim need not be `size`. */
  readonly headDim: number;
  readonly vocabSize: number;
  /** Positions that the rotary embedding was trained for. */
  readonly contextLength: number;
  /** Base of the rotary angles. */
  readonly ropeTheta: number;
  readonly eps: number;
}

export function readQwen3(s: Settings): Qwen3Config {
  const config = {
    layers: s.integer("block_count", 1, 512),
    size: s.integer("embedding_length", 1, 65_536),
    feedForwardSize: s.integer("feed_forward_length", 1, 262_144),
    heads: s.integer("head_count", 1, 512),
    kvHeads: s.integer("head_count_kv", 1, 512),
    headDim: s.integer("head_dim", 2, 1024),
    vocabSize: s.integer("vocab_size", 1, 2_000_000),
    contextLength: s.integer("context_length", 1, 16_777_216),
    ropeTheta: s.positive("rope_freq_base"),
    eps: s.positive("rms_norm_eps"),
  };
  s.require(
    config.heads % config.kvHeads === 0,
    "head_count_kv",
    `${config.kvHeads}`,
    `a divisor of ${config.heads}`,
  );
  s.require(
    config.headDim % 2 === 0,
    "head_dim",
    `${config.headDim}`,
    "an even number (rotation turns pairs)",
  );
  return Object.freeze(config);
}

/** y = W·softmax(QKᵀ/√d)V over all positions so far, with Q and K normed per head and rotated. */
const selfAttention = block((w, index: number, config: Qwen3Config) => {
  const { size, heads, kvHeads, headDim } = config;
  const widths = [heads * headDim, kvHeads * headDim, kvHeads * headDim];
  const queryKeyValue = w.parallelLinears(["q_proj", "k_proj", "v_proj"], size, widths, { bias: false });
  const rotation = { headDim, theta: config.ropeTheta, eps: config.eps };
  const turnQuery = w.qkNormRope("q_norm", "q", { ...rotation, heads });
  const turnKey = w.qkNormRope("k_norm", "k", { ...rotation, heads: kvHeads });
  const attend = attention(w, { heads, kvHeads, headDim, causal: true });
  const output = w.linear("o_proj", heads * headDim, size, { bias: false });

  // x: [T, D], the rows behind those in the cache
  return (x: Tensor, cache: KvCache) => {
    const [q, k, v] = queryKeyValue(x) as [Tensor, Tensor, Tensor]; // [T, heads·d], [T, kvHeads·d] twice
    const query = turnQuery(q, cache.length);
    const seen = cache.append(index, turnKey(k, cache.length), v);
    return output(attend(query, seen.k, seen.v, seen.length)); // [T, D]
  };
});

/** y = W_down·(silu(W_gate·x) ⊙ W_up·x) */
const mlp = block((w, { size, feedForwardSize }: Qwen3Config) => {
  const gateUp = w.parallelLinears(["gate_proj", "up_proj"], size, [feedForwardSize, feedForwardSize], {
    bias: false,
  });
  const gated = w.stage("swiglu", feedForwardSize);
  const down = w.linear("down_proj", feedForwardSize, size, { bias: false });
  return (x: Tensor) => {
    const [gate, up] = gateUp(x) as [Tensor, Tensor]; // [T, F] each
    return down(gated.emit(swiglu(gate, up)));
  };
});

/** The weights of a layer by their part in it. */
const layerNames = {
  matrices: {
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    output: "self_attn.o_proj",
    gate: "mlp.gate_proj",
    up: "mlp.up_proj",
    down: "mlp.down_proj",
  },
  norms: {
    inputNorm: "input_layernorm",
    queryNorm: "self_attn.q_norm",
    keyNorm: "self_attn.k_norm",
    attentionNorm: "post_attention_layernorm",
  },
} as const;

/** x ← x + Attn(RMS(x)), then x ← x + MLP(RMS(x)); in one kernel where there is one and nobody listens. */
const decoderLayer = block((w, index: number, config: Qwen3Config) => {
  const inputNorm = w.rmsNorm("input_layernorm", config.size, config.eps);
  const attend = selfAttention(w.at("self_attn"), index, config);
  const residual = w.stage("residual", config.size);
  const attentionNorm = w.rmsNorm("post_attention_layernorm", config.size, config.eps);
  const feed = mlp(w.at("mlp"), config);
  const whole = fusedLayer(w, index, layerNames, { ...config, theta: config.ropeTheta });
  return (x: Tensor, cache: KvCache) => {
    const y = whole(x, cache);
    if (y !== undefined) return y;
    const h = residual.emit(add(x, attend(inputNorm(x), cache)));
    return add(h, feed(attentionNorm(h)));
  };
});

export interface Qwen3 {
  readonly config: Qwen3Config;
  /** Token vectors. */
  embed(ids: readonly number[]): Tensor; // [ids, D]
  /** An empty cache for `capacity` positions. */
  newCache(capacity: number): KvCache;
  /** Appends many rows, with a turn for others between the layers; logits of the last. */
  prefill(embeds: Tensor, cache: KvCache, turn: BetweenSteps): Promise<Tensor>; // [L, D] → [1, V]
  /** Appends one token; logits of its successor. */
  step(id: number, cache: KvCache): Tensor; // [1, V]
  /** Appends several tokens at once; for each, the same logits as one by one. Drafts are verified so. */
  steps(ids: readonly number[], cache: KvCache): Tensor; // [ids, V]
  /** What each layer would say. */
  readonly lens: Lens;
}

/** `w` is at the root of the causal model: `model.…` and, unless tied, `lm_head`. */
export function qwen3(w: Weights, config: Qwen3Config): Qwen3 {
  const { vocabSize, size, layers: count } = config;
  const embed = w.embedding("model.embed_tokens", vocabSize, size);
  const layers = Array.from({ length: count }, (_, i) => decoderLayer(w.at(`model.layers.${i}`), i, config));
  const norm = w.rmsNorm("model.norm", size, config.eps);
  const last = w.withRows(1);
  const project = w.has("lm_head.weight")
    ? last.linear("lm_head", size, vocabSize, { bias: false })
    : last.tiedHead("lm_head", "model.embed_tokens", vocabSize, size);
  const head = (x: Tensor): Tensor => tidy(() => project(lastRow(norm(x)))); // [T, D] → [1, V]
  const steps = (ids: readonly number[], cache: KvCache): Tensor => {
    const forward = (): Tensor => project(norm(layers.reduce((x, layer) => layer(x, cache), embed(ids))));
    const logits = w.inPass(cache.passes, () => tidy(forward));
    cache.advance(ids.length);
    return logits;
  };

  return {
    config,
    embed,
    newCache: (capacity) => new KvCache(count, capacity, config.kvHeads * config.headDim),
    async prefill(embeds, cache, turn) {
      const hidden = await runLayers(
        layers.map((layer) => (x: Tensor) => layer(x, cache)),
        embeds,
        turn,
      );
      cache.advance(embeds.shape[0]!);
      try {
        return head(hidden);
      } finally {
        dispose(hidden);
      }
    },
    step: (id, cache) => steps([id], cache),
    steps,
    lens: {
      layers: layers.map((_, i) => w.at(`model.layers.${i}`).path),
      read: (hidden) => tidy(() => project(norm(hidden))),
    },
  };
}

const lastRow = (x: Tensor): Tensor => rows(x, x.shape[0]! - 1, 1);
