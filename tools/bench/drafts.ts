/**
 * Decoding with drafts at full size: texts of synthetic weights, and drafts of them whose tokens are right with a
 * probability, against one token at a time (least times); and the whole way of audio, where the random CTC branch's drafts
 * are noise.
 */
import { openCheckpoint } from "../../src/architectures/open.ts";
import { buildModel } from "../../src/architectures/build.ts";
import { decode } from "../../src/decoding/generate.ts";
import type { DecodingOptions } from "../../src/decoding/generate.ts";
import type { FunAsrNano } from "../../src/models/fun-asr-nano/fun-asr-nano.ts";
import { Engine, load } from "../../src/node.ts";
import type { TranscribeOptions } from "../../src/node.ts";
import { StepCounts, steppedTokens } from "../../src/recognizers/token-source.ts";
import type { Drafting } from "../../src/recognizers/token-source.ts";
import { normals, uniform } from "../../test/helpers/builders/random.ts";
import { timed } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";

const promptRows = 200;
const textTokens = 64;
const rounds = 4;
/** Tokens that are drafted for a step, usually and where the last draft was right. */
type Length = readonly [usual: number, most: number];
const byDefault: Length = [3, 5];
const lengths: readonly Length[] = [[1, 1], [3, 3], byDefault, [5, 5], [7, 7]];
/** Probabilities that a drafted token is right, and lengths. */
const measured = {
  "p0.8, 3": [0.8, [3, 3]],
  "p0.8": [0.8, byDefault],
  "p0.9, 3": [0.9, [3, 3]],
  "p0.9": [0.9, byDefault],
  noise: [0, byDefault],
} as const;

const modes: readonly DecodingOptions[] = [
  { logprobs: true },
  { temperature: 0.7, seed: 1 },
  { repetitionPenalty: 1.2, logprobs: true },
  { fallback: { temperatures: [0.7], avgLogprob: 0 }, seed: 2 },
];

export async function benchDrafts(): Promise<Figures> {
  const path = await syntheticNano("Q8_0");
  await using checkpoint = await openCheckpoint(path);
  using engine = new Engine({ backend: "wasm" });
  const loaded = await buildModel(checkpoint, { engine, backend: "wasm" });
  const { llm } = loaded.model as FunAsrNano;

  /** A text, as often as it is asked for, by one reading of the prompt. */
  const begun = async (drafting?: Drafting, tokens = textTokens, rows = promptRows) => {
    const counts = new StepCounts();
    const prompt = Array.from({ length: rows }, (_, i) => 1000 + ((i * 7919) % 50_000));
    const source = steppedTokens(llm, { rows, tokens }, counts, drafting);
    await source.begin(
      (from) => llm.embed(prompt.slice(from)),
      async () => {},
    );
    const text = async (options: DecodingOptions) => {
      const { attempts, best } = await decode(source, {
        options,
        endIds: [],
        maxTokens: tokens,
        textOf: (ids) => ids.join(" "),
        sinkOf: () => ({ push: () => {}, end: () => {} }),
        betweenTokens: async () => {},
      });
      source.rewind();
      return { attempts, tokens: best.tokens, logprobs: best.logprobs };
    };
    return { counts, text, dispose: () => source.dispose() };
  };

  const figures = await engine.run("wasm", async () => {
    const options = { repetitionPenalty: 1.2 }; // or random weights write a loop
    const plain = await begun();
    const { tokens } = await plain.text(options);
    const ways = new Map([["plain", plain]]);
    for (const [name, [right, length]] of Object.entries(measured))
      ways.set(name, await begun(draftsOf(tokens, right, length)));
    const least = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      for (const [name, { text, counts }] of ways) {
        counts.steps = counts.accepted = 0;
        const seconds = await timed(() => text(options));
        least.set(name, Math.min(seconds, least.get(name) ?? Infinity));
      }
    }
    const result: { [name: string]: number } = {
      "plain.tokensPerSecond": tokens.length / least.get("plain")!,
    };
    for (const [name, { counts, dispose }] of ways) {
      dispose();
      if (name === "plain") continue;
      result[`${name}.perStep`] = (counts.steps + counts.accepted) / counts.steps;
      result[`${name}.speedup`] = least.get("plain")! / least.get(name)!;
    }
    return { ...result, different: await different(begun) };
  });
  loaded.dispose();
  return figures;
}

/** How many texts of 24 tokens are not, bit by bit, those without a draft: of each mode, by each length of draft. */
async function different(
  begun: (
    drafting: Drafting | undefined,
    tokens: number,
    rows: number,
  ) => Promise<{
    text: (options: DecodingOptions) => Promise<{ readonly tokens: readonly number[] }>;
    dispose: () => void;
  }>,
): Promise<string> {
  let [count, all] = [0, 0];
  for (const mode of modes) {
    const plain = await begun(undefined, 24, 16);
    const expected = await plain.text(mode);
    plain.dispose();
    for (const length of lengths) {
      const drafted = await begun(draftsOf(expected.tokens, 0.7, length), 24, 16);
      const written = await drafted.text(mode);
      drafted.dispose();
      if (JSON.stringify(written) !== JSON.stringify(expected)) count++;
      all++;
    }
  }
  return `${count} of ${all}`;
}

/** Drafts the known text, each token right with some probability. */
function draftsOf(known: readonly number[], right: number, [usual, most]: Length): Drafting {
  return {
    usual,
    most,
    drafter: () => {
      const random = uniform(most);
      return {
        propose: (written, count) =>
          known
            .slice(written.length, written.length + count)
            .map((id) => (random() < right ? id : id === 0 ? 1 : id - 1)),
      };
    },
  };
}

/** From 10 s of noise to 48 tokens, with its drafts against without; the CTC branch runs for both, or for one. */
export async function benchNoise(): Promise<Figures> {
  using model = await load(await syntheticNano("Q8_0"), { backend: "wasm" });
  const samples = normals(1, 10 * 16_000, 0.1);
  const ways: { readonly [name: string]: TranscribeOptions } = {
    drafts: {},
    off: { draft: "off" },
    "off without CTC": { ctc: "off" },
  };
  const least = new Map<string, number>();
  const texts = new Set<string>();
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, options] of Object.entries(ways)) {
      const seconds = await timed(async () => {
        const { text, counts } = await model.transcribe(samples, { maxNewTokens: 48, ...options });
        texts.add(text);
        if (name === "drafts") accepted = counts.accepted;
      });
      least.set(name, Math.min(seconds, least.get(name) ?? Infinity));
    }
  }
  return {
    accepted: accepted,
    ratio: least.get("drafts")! / least.get("off")!,
    ratioWithoutCtc: least.get("drafts")! / least.get("off without CTC")!,
    texts: texts.size,
  };
}
