/** What a model writes for a clip whose text is known. */
import { distance } from "../edit-distance.ts";
import { AudioError, FunAsrError } from "../errors.ts";
import { agreement } from "../text/agreement.ts";
import { countedUnits } from "../text/error-rate.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { TranscribeInput } from "../transcriber/types.ts";

export interface Clip {
  readonly name: string;
  readonly audio: TranscribeInput;
  /** Spellings of its text; empty where it is not known. */
  readonly texts: readonly string[];
  readonly hotwords?: readonly string[] | undefined;
}

export interface ClipResult {
  readonly name: string;
  /** The nearest spelling of the known text. */
  readonly expected?: string;
  readonly text?: string;
  /** Of the text: wrong characters or words over those of the known text. */
  readonly errorRate?: number;
  /** Of the CTC branch, where the language model wrote the text. */
  readonly draft?: string;
  readonly draftErrorRate?: number;
  /** How similar text and draft are, 0 to 1. */
  readonly agreement?: number;
  /** Why there is no text. */
  readonly failure?: string;
}

/** What is not better than this is wrong. Quantized and other backends' texts may differ in a word. */
export const mostErrors = 0.34;
export const leastAgreement = 0.6;

export async function judgeClip(
  model: Transcriber,
  { name, audio, texts, hotwords }: Clip,
  signal: AbortSignal | undefined,
): Promise<ClipResult> {
  try {
    const { text } = await model.transcribe(audio, { hotwords, signal });
    const result = { name, text, ...rated(text, texts) };
    if (!model.info.ctc || model.info.architecture !== "fun-asr-nano") return result;
    const { text: draft } = await model.ctc(audio, { signal });
    const { errorRate: draftErrorRate } = rated(draft, texts);
    return {
      ...result,
      draft,
      ...(draftErrorRate === undefined ? {} : { draftErrorRate }),
      agreement: agreement(text, draft),
    };
  } catch (error) {
    if (!(error instanceof FunAsrError) || error instanceof AudioError) throw error;
    return { name, failure: error.message };
  }
}

function rated(
  text: string,
  texts: readonly string[],
): { readonly expected?: string; readonly errorRate?: number } {
  const rates = texts.map((expected) => {
    const wanted = countedUnits(expected);
    return {
      expected,
      errorRate: distance(countedUnits(text, expected), wanted) / Math.max(1, wanted.length),
    };
  });
  return rates.toSorted((a, b) => a.errorRate - b.errorRate)[0] ?? {};
}
