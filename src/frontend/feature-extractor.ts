/**
 * The front end as part of a forward pass: samples to features. Each step is a stage that hooks can read and replace,
 * like the stages of the networks.
 */
import { UsageError } from "../errors.ts";
import { applyCmvn } from "./cmvn.ts";
import type { Cmvn } from "./cmvn.ts";
import { planFrontend } from "./frontend.ts";
import type { Frontend, FrontendConfig } from "./frontend.ts";
import type { FrontendVariant } from "./variants.ts";
import { checkFinite } from "../nn/finite.ts";
import { emitValues } from "../nn/hook-point.ts";
import type { StageInfo, HookPoints } from "../nn/hook-point.ts";
import type { FeatureOptions, Features } from "./options.ts";

export class FeatureExtractor {
  readonly #config: FrontendConfig;
  readonly #cmvn: Cmvn | undefined;
  readonly #hooks: HookPoints;
  readonly #frontends = new Map<FrontendVariant, Frontend>();

  constructor(config: FrontendConfig, cmvn: Cmvn | undefined, hooks: HookPoints) {
    this.#config = config;
    this.#cmvn = cmvn;
    this.#hooks = hooks;
  }

  /** In the order of the forward pass; they come before the stages of the networks. */
  get stages(): readonly StageInfo[] {
    const { nMels } = this.#config;
    const normalized = this.#cmvn === undefined ? [] : [{ name: "cmvn", shape: ["T", this.#width] }];
    return [
      { name: "samples", shape: ["S"] },
      { name: "fbank", shape: ["F", nMels] },
      { name: "lfr", shape: ["T", this.#width] },
      ...normalized,
    ].map((stage) => ({ ...stage, block: false }));
  }

  /** Throws what {@link extract} throws for an input that is too short or malformed. */
  check(input: Float32Array | Features, options: FeatureOptions): void {
    if (!(input instanceof Float32Array)) this.#checked(input);
    else if (this.#frontend(options).rows(input.length) === 0) this.#frontend(options).fbank(input);
  }

  /**
   * From samples at 16 kHz, or from features that the caller computed. Throws `bad_option` for features of another width, and
   * `non_finite`.
   */
  async extract(input: Float32Array | Features, options: FeatureOptions): Promise<Features> {
    const features = await this.#made(input, options);
    checkFinite("features", features.values, features.cols);
    return features;
  }

  async #made(input: Float32Array | Features, options: FeatureOptions): Promise<Features> {
    if (!(input instanceof Float32Array)) return this.#emit("lfr", this.#checked(input));
    const { cmvn = "file" } = options;
    const frontend = this.#frontend(options);
    const samples = await emitValues(this.#hooks, "samples", [input.length], input);
    const fbank = await this.#emit("fbank", frontend.fbank(samples));
    const lfr = await this.#emit("lfr", frontend.stack(fbank));
    if (this.#cmvn === undefined || cmvn === "off") return lfr;
    return this.#emit("cmvn", applyCmvn(lfr, this.#cmvn));
  }

  get #width(): number {
    return this.#config.lfrM * this.#config.nMels;
  }

  #frontend({ frontend: variant = "kaldi" }: FeatureOptions): Frontend {
    const frontend = this.#frontends.get(variant) ?? planFrontend(this.#config, variant);
    this.#frontends.set(variant, frontend);
    return frontend;
  }

  async #emit(stage: string, { values, rows, cols }: Features): Promise<Features> {
    return { values: await emitValues(this.#hooks, stage, [rows, cols], values), rows, cols };
  }

  #checked(features: Features): Features {
    const { values, rows, cols } = (features as Features | null | undefined) ?? {};
    const count = values instanceof Float32Array ? values.length : "no";
    if (cols === this.#width && rows !== undefined && rows > 0 && count === rows * cols) return features;
    throw new UsageError("bad_option", "features", `${count} values as ${rows} rows of ${cols}`, {
      wanted: `rows of ${this.#width}, at least one`,
    });
  }
}
