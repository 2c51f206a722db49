/** The mark at the end of a text, by its draft. */

const CHINESE_QUESTION = /[吗呢]$/u;
const ENGLISH_QUESTION =
  /^(?:who|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|shall|should|have|has|had|may)\b/iu;

export function endMark(draft: string, isSpaced: boolean): string {
  if (isSpaced) return ENGLISH_QUESTION.test(draft) ? "?" : ".";
  return CHINESE_QUESTION.test(draft) ? "？" : "。";
}
