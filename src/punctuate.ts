/** `fun-asr/punctuation`: marks for texts alone, without a model that recognizes speech. */
import "./node.ts";

export { loadPunctuator } from "./punctuation/punctuator.ts";
export type { PunctuationOptions, Punctuator } from "./punctuation/punctuator.ts";
export type { MarkedText } from "./text/punctuation/punctuate.ts";
export type { SegmentedText } from "./text/punctuation/segments.ts";
export { JiebaDictionary } from "./text/punctuation/jieba.ts";
