/** The readings of Chinese characters. The build replaces this module by one that loads the dictionary when it is used. */
export { pinyin } from "pinyin-pro";
