/**
 * Words that belong to the word after them or before them, so that a line of subtitles should not end, or begin, with
 * them: of English and other languages whose texts the models write, all in one list, since a wrong guess only moves a
 * border. Lower case.
 */

/** Articles, determiners, prepositions and conjunctions: the phrase that they begin follows. */
export const LEANS_FORWARD = list(
  // English
  "a an the this these those my your his her its our their some any no every each another such both either neither",
  "about above across after against along among around as at before behind below beneath beside besides between beyond by",
  "concerning despite down during except for from in inside into like near of off on onto opposite out outside over past",
  "per since through throughout till to toward towards under underneath until up upon versus via with within without",
  "and or but nor so because although though while when whenever if whether that which who whom whose where than unless",
  "mr mrs ms dr prof st very too not don't doesn't didn't won't can't",
  // German, Dutch
  "der die das den dem des ein eine einen einem einer eines kein keine mein dein sein ihr unser",
  "an auf aus außer bei bis durch für gegen hinter mit nach neben ohne seit über um unter von vor während wegen zu zum zur",
  "und oder aber denn weil dass ob wenn als wie de het een van voor naar uit bij op en of maar omdat dat",
  // French, Italian, Spanish, Portuguese
  "le la les un une du des au aux ce cet cette ces mon ma mes ton ta tes sa ses notre votre leur leurs",
  "à dans de en par pour sans sous sur vers chez avec entre et ou mais donc que qui dont où si ne",
  "il lo gli uno una del dello della dei degli delle al allo alla ai agli alle nel nella di da con su per tra fra e o ma che",
  "el los las unos unas y pero porque cuando para por sin sobre hasta desde hacia según",
  "os as um uma uns umas do dos das no na nos nas pelo pela ao aos com sem sob até mas porque quando",
  // Swedish, Danish, Norwegian, Polish, Czech, Russian, Ukrainian
  "en ett och att som för med till från av på i om eller och og til fra et den det de",
  "w we z ze na do od po za pod nad przed przez dla bez o u i oraz lub ale że bo v ve k ke s se z pro při mezi a nebo",
  "в во на к ко с со из от до по за под над перед через для без о об у при и а но или что как если не та й з із від",
  // Indonesian, Malay, Vietnamese
  "di ke dari pada untuk dengan atau yang tetapi của và với cho ở trong những các một",
  // Chinese: prepositions, adverbs and numerals' prefix
  "在 从 對 对 把 被 给 給 和 与 與 或 跟 向 往 为 為 比 让 讓 叫 由 于 於 以 因 将 將 按 当 當 不 没 沒 没有 很 最 更 太 也 都 还 還 就 才 再 又",
  "只 要 会 會 能 可以 应该 應該 必须 想 是 这 這 那 每 各 第 某 请 請 一 两 兩 并 並 而 但 但是 因为 因為 如果 虽然 雖然 所以 而且 或者 那么",
  // Japanese: demonstratives and prefixes
  "この その あの どの こんな そんな お ご",
);

/** Objects, Chinese particles, classifiers and suffixes, Japanese particles and endings: they belong to what is before them. */
export const LEANS_BACK = list(
  "it him me us them",
  "的 了 着 著 过 過 地 得 吗 嗎 呢 吧 啊 呀 嘛 们 們 之 等 里 裡 上 下 中 内 外 前 后 後 以后 以後 以前 时 時 个 個 位 本 张 張 条 條 件 次 点 點 分 年 月 日 号 號 楼 樓 元 岁 歲",
  "は が を に で と も の へ や か ね よ な から まで より です ます た て だ でした ました ない たい れる られる さん ちゃん くん",
);

/** Conjunctions and relative pronouns, before which a clause ends. */
export const BEGINS_CLAUSE = list(
  "and or but nor so because although though while when whenever if whether that which who whom whose where unless until",
  "und oder aber denn weil dass ob wenn et ou mais donc que qui y pero porque cuando e ma che perché mas quando och",
  "maar omdat i oraz ale że bo и а но или что если atau yang tetapi và nhưng",
  "但 但是 可是 不过 不過 因为 因為 所以 如果 虽然 雖然 而且 然后 然後 并且 並且 或者 于是 於是 因此 同时 同時 请 請 而 并",
);

/** Prepositions, before which a phrase ends. */
export const BEGINS_PHRASE = list(
  "about above across after against along among around as at before behind below beside between beyond by during for from",
  "in inside into near of off on onto over past since through to toward towards under until upon with within without than",
  "auf aus bei durch für gegen mit nach ohne seit über um unter von vor zu zum zur dans par pour sans sur avec con para",
  "por desde hasta com sem até van voor naar op w z na do od dla в на с из от до по для di ke dari pada untuk dengan",
  "在 从 把 被 给 和 跟 向 对 對 為 为 與 与",
);

/** Japanese particles, behind which a phrase ends. */
export const ENDS_PHRASE = list("は が を に で と も へ から まで より て");

/** Subjects and auxiliary verbs, whose verb follows, and the Chinese 的, whose noun does. */
export const LEANS_A_LITTLE = list(
  "i you he she it we they i'm you're he's she's it's we're they're i've you've we've they've i'll you'll he'll she'll we'll",
  "they'll there am is are was were be been do does did have has had will would can could shall should may might must",
  "ich du er sie es wir ihr ist sind haben je tu nous vous ils elles est sont ont es è sono",
  "我 你 他 她 它 我们 我們 你们 你們 他们 他們 您 的 之",
);

function list(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(" ")));
}
