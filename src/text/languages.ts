/**
 * The languages that the prompt can name. The models were trained with Chinese names ("语音转写成英文："), so a
 * name, an ISO code or an English word is translated to that name. Fun-ASR-Nano knows three languages (and Chinese
 * dialects, which it transcribes as 中文), MLT-Nano thirty-one.
 */
import { UsageError } from "../errors.ts";
import { nearest } from "../options/nearest.ts";

interface Language {
  /** The name in the prompt. */
  readonly name: string;
  /** ISO 639 code. */
  readonly code: string;
  readonly english: string;
}

const TABLE =
  "中文 zh Chinese|英文 en English|粤语 yue Cantonese|日文 ja Japanese|韩文 ko Korean|越南语 vi Vietnamese|" +
  "印尼语 id Indonesian|泰语 th Thai|马来语 ms Malay|菲律宾语 fil Filipino|阿拉伯语 ar Arabic|印地语 hi Hindi|" +
  "保加利亚语 bg Bulgarian|克罗地亚语 hr Croatian|捷克语 cs Czech|丹麦语 da Danish|荷兰语 nl Dutch|" +
  "爱沙尼亚语 et Estonian|芬兰语 fi Finnish|希腊语 el Greek|匈牙利语 hu Hungarian|爱尔兰语 ga Irish|" +
  "拉脱维亚语 lv Latvian|立陶宛语 lt Lithuanian|马耳他语 mt Maltese|波兰语 pl Polish|葡萄牙语 pt Portuguese|" +
  "罗马尼亚语 ro Romanian|斯洛伐克语 sk Slovak|斯洛文尼亚语 sl Slovenian|瑞典语 sv Swedish";

/** Other names, by code. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  zh: ["cmn", "mandarin", "汉语", "普通话", "国语", "华语", "中国語"],
  en: ["英语", "英語"],
  yue: ["广东话", "粵語", "廣東話"],
  ja: ["jp", "日语", "日本語"],
  ko: ["韩语", "한국어"],
  fil: ["tl", "tagalog"],
};

export const MLT_LANGUAGES: readonly Language[] = TABLE.split("|").map((row) => {
  const [name = "", code = "", english = ""] = row.split(" ");
  return { name, code, english };
});

/**
 * The language that `word` names among those a model knows: its Chinese or English name, its code, with or
 * without a region ("en-GB"), in any case. Undefined for "auto" or nothing, which leaves the choice to the model.
 */
export function findLanguage(
  word: string | undefined,
  known: readonly Language[] = MLT_LANGUAGES,
): Language | undefined {
  const wanted = word?.normalize("NFKC").trim().toLowerCase() ?? "auto";
  if (wanted === "auto") return undefined;
  const bare = wanted.replace(/[-_].*$/su, "");
  const found = known.find(
    ({ name, code, english }) =>
      [name, english.toLowerCase(), ...(ALIASES[code] ?? [])].includes(wanted) ||
      code === bare ||
      (ALIASES[code] ?? []).includes(bare),
  );
  if (found !== undefined) return found;
  const hint = nearest(
    bare,
    known.flatMap(({ name, code, english }) => [english, code, name]),
  );
  throw new UsageError("unknown_language", "language", JSON.stringify(word), {
    wanted: `auto, ${known.map(({ name, code }) => `${code} (${name})`).join(", ")}`,
    remedy: `${hint === undefined ? "" : `Did you mean ${hint}? `}Any other wording goes into the prompt as it stands with the option languageText`,
  });
}
