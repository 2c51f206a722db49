/** CT-Transformer on its engine: from words to classes. */
import type { LoadedModel } from "../architectures/build.ts";
import { argmax } from "../decoding/greedy.ts";
import { Lifetime } from "../engine/lifetime.ts";
import type { CtPunc } from "../models/ct-punc.ts";
import { checkFinite } from "../nn/finite.ts";
import { values } from "../nn/ops.ts";
import { betweenSteps, withDisposal } from "../recognizers/between-steps.ts";
import type { WordIds } from "../text/punctuation/word-ids.ts";
import type { MarkNetwork } from "./mark-network.ts";

export function ctPuncNetwork(loaded: LoadedModel, model: CtPunc, words: WordIds): MarkNetwork {
  const { engine, backend } = loaded;
  const life = new Lifetime("ct-punc", () => loaded.dispose());
  return {
    classify(pass, carried, signal) {
      const ids = words.of(pass);
      const between = betweenSteps({ signal })("encode");
      const job = async (): Promise<number[]> => {
        const logits = await model.logits(ids, carried, between); // [T, classes]
        return withDisposal(logits, async () => {
          const read = await values(logits);
          const width = logits.shape[1]!;
          checkFinite("ct-punc", read, width);
          return ids.map((_, row) => argmax(read.subarray(row * width, (row + 1) * width)));
        });
      };
      return life.run(() => engine.run(backend, job, { check: () => life.check() }));
    },
    dispose: () => life.end(),
  };
}
