/** Which stage is to blame, from all that was found. */
import { leastAgreement, mostErrors } from "./clips.ts";
import type { ClipResult } from "./clips.ts";
import type { Finding } from "./plausible.ts";

export interface Suspect {
  /** A tensor, a stage, or a part of the model. */
  readonly stage: string;
  readonly why: string;
}

/**
 * What no sound model has comes first; then, where texts are wrong, what is unusual; then the part of the model that right and
 * wrong texts leave over. Empty where there is nothing to blame.
 */
export function suspectOf(
  findings: readonly Finding[],
  clips: readonly ClipResult[],
  architecture: string,
): { readonly suspect?: Suspect } {
  const broken = findings.find(({ level }) => level === "broken");
  if (broken !== undefined) return { suspect: { stage: broken.name, why: broken.what } };
  const wrong = clips.filter(isWrong);
  const [first] = wrong;
  if (first === undefined) return {};
  const why = reasonOf(first, wrong.length, clips.length);
  const [unusual] = findings;
  if (unusual !== undefined) return { suspect: { stage: unusual.name, why: `${unusual.what}; ${why}` } };
  return { suspect: { stage: partOf(wrong, architecture), why } };
}

function isWrong({ failure, errorRate = 0, draftErrorRate = 0, agreement = 1 }: ClipResult): boolean {
  return (
    failure !== undefined ||
    errorRate > mostErrors ||
    draftErrorRate > mostErrors ||
    agreement < leastAgreement
  );
}

function reasonOf(
  { name, failure, errorRate = 0, draftErrorRate = 0 }: ClipResult,
  wrong: number,
  all: number,
): string {
  const some = `${wrong} of ${all} clips`;
  if (failure !== undefined) return `${some} failed: ${name}: ${failure}`;
  if (errorRate > mostErrors) return `the text of ${some} is wrong`;
  if (draftErrorRate > mostErrors) return `the text of ${some} is right, and the CTC branch's is wrong`;
  return `text and CTC branch of ${some} disagree`;
}

/** With a CTC branch, two decoders judge one encoder: what both get wrong is its fault, what one gets wrong is the other's. */
function partOf(wrong: readonly ClipResult[], architecture: string): string {
  const mean = (values: readonly (number | undefined)[]): number | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const text = mean(wrong.map(({ errorRate }) => errorRate)) ?? 0;
  const draft = mean(wrong.map(({ draftErrorRate }) => draftErrorRate));
  if (architecture !== "fun-asr-nano") return "encoder";
  if (draft === undefined) return "audio_encoder or llm";
  if (draft <= mostErrors) return "audio_adaptor or llm";
  return text <= mostErrors ? "ctc_decoder" : "audio_encoder";
}
