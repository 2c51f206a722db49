/** Scores and probabilities in results have three digits: more would be noise, and long. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;
