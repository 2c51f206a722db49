/** Words where a model has a dictionary. Source: FunASR ct_transformer/utils.py, split_words with jieba_usr_dict. */
import type { JiebaDictionary } from "./jieba.ts";
import { splitAtSpaces } from "./words.ts";
import type { SplitWords } from "./words.ts";

const english = /^[a-zA-Z']+$/u;

/** English words are those between white space; what is between them is divided by the dictionary, without its spaces. */
export const splitByDictionary =
  (dictionary: JiebaDictionary): SplitWords =>
  (text) => {
    const words: string[] = [];
    const divide = (): void => {
      for (const word of dictionary.divide(other)) words.push(word);
      other = "";
    };
    let other = "";
    for (const part of splitAtSpaces(text)) {
      if (!english.test(part)) {
        other += part;
        continue;
      }
      divide();
      words.push(part);
    }
    divide();
    return words;
  };
