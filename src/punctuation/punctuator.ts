/** Punctuation by CT-Transformer: words, their numbers, the network, the text with marks. */
import { loadNetwork } from "../containers/load-network.ts";
import type { ModelFiles } from "../containers/open-model.ts";
import type { EngineChoice } from "../engine/shared.ts";
import { UsageError } from "../errors.ts";
import type { CtPuncConfig } from "../configs/ct-punc.ts";
import { checkNames, checkValues } from "../options/check.ts";
import type { NamesOf } from "../options/check.ts";
import { load } from "../options/methods.ts";
import { expectKey, vocabulary } from "../recognizers/shared.ts";
import { ctPuncNetwork } from "./ct-punc-network.ts";
import type { MarkNetwork } from "./mark-network.ts";
import { splitByDictionary } from "../text/punctuation/dictionary-words.ts";
import type { JiebaDictionary } from "../text/punctuation/jieba.ts";
import { Marks } from "../text/punctuation/marks.ts";
import type { WordSource } from "../text/punctuation/passes.ts";
import { punctuateWords } from "../text/punctuation/punctuate.ts";
import type { MarkedText } from "../text/punctuation/punctuate.ts";
import { SegmentedText, writeSegment } from "../text/punctuation/segments.ts";
import { WordIds } from "../text/punctuation/word-ids.ts";
import { splitWords } from "../text/punctuation/words.ts";
import type { SplitWords } from "../text/punctuation/words.ts";
import { writeWhole } from "../text/punctuation/written.ts";
import type { WrittenWord } from "../text/punctuation/written.ts";

export interface PunctuationOptions extends EngineChoice {
  readonly signal?: AbortSignal | undefined;
  /** For a model whose words are those of a dictionary. Without one, they are single characters and runs of ASCII. */
  readonly dictionary?: JiebaDictionary | undefined;
}

const optionNames: NamesOf<PunctuationOptions> = {
  engine: true,
  backend: true,
  threads: true,
  tensorflow: true,
  dictionary: true,
  signal: true,
};

/**
 * Loads a CT-Transformer from any container that holds one. Throws `bad_option`, and `unknown_architecture` for another
 * model.
 */
export async function loadPunctuator(
  source: ModelFiles,
  options: PunctuationOptions = {},
): Promise<Punctuator> {
  checkNames(options, optionNames);
  checkValues(options, load);
  const { dictionary, ...network } = options;
  return loadNetwork(source, "ct-punc", network, (model, loaded, checkpoint) => {
    expectKey(checkpoint, "tokenizer.ggml.model", ["word"]);
    const key = "tokenizer.ggml.tokens";
    const list = vocabulary(checkpoint, key);
    const words = new WordIds(list, model.config.vocabSize, `${checkpoint.source}: ${key}`);
    const split = dictionary === undefined ? splitWords : splitByDictionary(dictionary);
    return new Punctuator(model.config, split, ctPuncNetwork(loaded, model, words));
  });
}

interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Runs each pass through the network. */
  readonly time?: (<Result>(work: () => Promise<Result>) => Promise<Result>) | undefined;
}

export class Punctuator implements Disposable {
  readonly #marks: Marks;
  readonly #realtime: boolean;
  readonly #split: SplitWords;
  readonly #network: MarkNetwork;

  /** Use {@link loadPunctuator}. */
  constructor(
    { marks, sentenceEnd, realtime }: Pick<CtPuncConfig, "marks" | "sentenceEnd" | "realtime">,
    split: SplitWords,
    network: MarkNetwork,
  ) {
    this.#marks = new Marks(marks, sentenceEnd);
    this.#realtime = realtime;
    this.#split = split;
    this.#network = network;
  }

  /**
   * A text of any length with marks, written as FunASR writes it; a model for segments takes it as a single one. A pass has
   * the words behind the last sentence end and 20 more. Throws the signal's reason.
   */
  async punctuate(text: string, signal?: AbortSignal): Promise<MarkedText> {
    expectText(text);
    signal?.throwIfAborted();
    if (this.#realtime) return this.segments(signal).push(text);
    return punctuateWords(this.#split(text), this.#marks, (words) =>
      this.#network.classify(words, 0, signal),
    );
  }

  /** The words of a text, which marks may stand behind. */
  split(text: string): readonly string[] {
    return this.#split(text);
  }

  /** The same as `punctuate`, in parts of some words, of a text that is still being written. */
  write(words: WordSource, { signal, time }: WriteOptions = {}): AsyncGenerator<readonly WrittenWord[]> {
    const classify = (pass: readonly string[]): Promise<number[]> => {
      const work = (): Promise<number[]> => this.#network.classify(pass, 0, signal);
      return time === undefined ? work() : time(work);
    };
    const write = this.#realtime ? writeSegment : writeWhole;
    return write(words, this.#marks, classify);
  }

  /** Text that arrives in segments of speech. Throws `bad_option` for a model that needs the whole text. */
  segments(signal?: AbortSignal): SegmentedText {
    if (!this.#realtime) {
      throw new UsageError("bad_option", "punctuation", "a model for whole texts", {
        wanted: "a model for segments of speech",
      });
    }
    return new SegmentedText(this.#marks, (words, carried) => this.#network.classify(words, carried, signal));
  }

  /** Ends what runs, and frees the weights then. */
  dispose(): void {
    this.#network.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** For callers without types. */
function expectText(text: unknown): asserts text is string {
  if (typeof text === "string") return;
  throw new UsageError("bad_option", "text", `a value of type ${typeof text}`, { wanted: "a string" });
}
