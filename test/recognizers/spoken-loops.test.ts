/** Which passes of a loop stay, and where the text is to be continued, by a draft with a character for every two rows. */
import { describe, expect, it } from "vitest";
import { SpokenLoops } from "../../src/recognizers/spoken-loops.ts";

const ids = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0)!);
const textsOf = (tokens: readonly number[]): string[] => tokens.map((id) => String.fromCodePoint(id));

function loopsOf(draft: string | undefined): SpokenLoops {
  const parts = draft && Array.from(draft, (text, i) => ({ text, start: 4 * i + 2, end: 4 * i + 3 }));
  return new SpokenLoops(textsOf, parts === "" ? [] : parts);
}

const weather = "天气预报说今天会有大雨。";
const river = "他说河边最热闹。";
const spoken = (text: string): string => text.replaceAll(/[。，！]/gu, "");

describe("a loop while it is generated", () => {
  it.each([
    [
      "may go on for as long as it was spoken",
      spoken(weather).repeat(7),
      { keep: 84, until: 96, spoken: true },
    ],
    [
      "is cut where the speech goes on",
      spoken(weather.repeat(2) + river),
      { keep: 24, until: 36, spoken: true },
    ],
    ["is cut after a pass that was not spoken", spoken(river), { keep: 12, until: 0, spoken: false }],
    ["is cut after a pass in silence", "", { keep: 12, until: 0, spoken: false }],
    ["is cut after a pass without a draft", undefined, { keep: 12, until: 0, spoken: false }],
  ])("%s", (_, draft, verdict) => {
    const judge = loopsOf(draft).judge();
    expect(judge(ids(weather.repeat(4)), { start: 0, length: 12 })).toEqual(verdict);
  });

  it("is cut behind a sentence", () => {
    const tokens = ids(`好${weather.repeat(4)}`).slice(3);
    expect(loopsOf(undefined).judge()(tokens, { start: 0, length: 12 }).keep).toBe(10);
  });
});

describe("a fault of a text", () => {
  const fault = (text: string, draft: string | undefined, settled = 0) =>
    loopsOf(draft).fault(ids(text), settled, undefined);

  it("is none where all passes were spoken", () => {
    expect(fault(weather.repeat(5), spoken(weather).repeat(5))).toBeUndefined();
    expect(fault(weather.repeat(5) + river, spoken(weather.repeat(5) + river))).toBeUndefined();
    expect(fault("哈".repeat(30), "哈".repeat(30))).toBeUndefined();
  });

  it("is found where the text was cut before the loop, whose first pass differs in case", () => {
    const text = "GoongoonGOONgo on".replaceAll(" ", "");
    const cut = { start: 8, length: 4 };
    const { keep } = loopsOf("silence").judge()(ids(text), cut);
    expect(keep).toBe(4);
    expect(loopsOf("goon").fault(ids(text).slice(0, keep), 0, cut)).toBeUndefined();
    expect(loopsOf("goongoongoongoon").fault(ids(text).slice(0, keep), 0, cut)).toMatchObject({ keep: 4 });
  });

  it("is none without a repetition or a draft, whatever is missing", () => {
    expect(fault(river, spoken(river + weather))).toBeUndefined();
    expect(fault(weather.repeat(9), undefined)).toBeUndefined();
    expect(fault(weather.repeat(9), "")).toBeUndefined();
  });

  it("has the row at which passes are missing", () => {
    expect(fault(weather.repeat(4), spoken(weather).repeat(7))).toMatchObject({
      keep: 48,
      resume: 48,
      restart: { row: 4 * 44 + 1, draft: spoken(weather).repeat(3) },
    });
    // Fewer passes than a loop's, which the text has written as two sentences of two clauses.
    expect(fault("早上好，早上好。".repeat(2), "早上好".repeat(6))).toMatchObject({
      keep: 16,
      restart: { draft: "早上好早上好" },
    });
  });

  it("has the row at which one pass is missing before text that is right", () => {
    const after = weather + river;
    const found = fault("早上好，".repeat(8) + after, "早上好".repeat(9) + spoken(after));
    expect(found).toMatchObject({ keep: 32, restart: { draft: `早上好${spoken(after)}` } });
  });

  it("is none where few passes differ from a draft with few", () => {
    expect(fault("早上好，早上好。", "早上好早上好早上好")).toBeUndefined();
    expect(fault("哈哈哈哈。", "哈".repeat(9))).toBeUndefined();
  });

  it("has the row at which another sentence is missing, at the loop's start, middle and end", () => {
    expect(fault(weather.repeat(9), spoken(weather.repeat(5) + river))).toMatchObject({
      keep: 60,
      resume: 108,
      restart: { draft: spoken(river) },
    });
    expect(fault(river + weather.repeat(9), spoken(river + weather.repeat(5) + river))).toMatchObject({
      keep: 68,
      restart: { draft: spoken(river) },
    });
  });

  it("lies behind a loop that is right", () => {
    const text = river.repeat(5) + weather.repeat(4);
    const draft = spoken(river.repeat(5) + weather.repeat(6));
    expect(fault(text, draft)).toMatchObject({ rest: 88, restart: { draft: spoken(weather).repeat(2) } });
    expect(fault(text, draft, text.length)).toBeUndefined();
  });

  it("drops passes that were not spoken before text that was", () => {
    const found = fault(weather.repeat(6) + river, spoken(weather.repeat(4) + river));
    expect(found).toMatchObject({ keep: 48, resume: 72, spoken: true });
    expect(found).not.toHaveProperty("restart");
  });

  it("is found in the loop that a text was cut in", () => {
    const cut = { start: 8, length: 12 };
    const text = river + weather;
    const draft = spoken(river + "爷爷把雨伞忘在体育馆了");
    expect(loopsOf(draft).fault(ids(text), 0, cut)).toMatchObject({
      keep: 8,
      resume: 20,
      spoken: false,
      restart: { draft: "爷爷把雨伞忘在体育馆了" },
    });
  });
});

describe("how much of a text was spoken", () => {
  const read = (text: string, draft: string) => loopsOf(draft).spokenText(ids(text));
  const draft = spoken(river + weather);

  it("is all of it where the draft ends too, or has no more than noise", () => {
    expect(read(river + weather, draft)).toEqual({ keep: 20 });
    expect(read(river + weather, `${draft}嗯`)).toEqual({ keep: 20 });
    expect(read(`${river}天气预报说今天大雨。`, draft)).toEqual({ keep: 18 });
    expect(read("Dr. Lee's at 3.5.", "doctor lee's at three point five")).toEqual({ keep: 17 });
    expect(read("", "")).toEqual({ keep: 0 });
    // A number's reading is that of its own place, however much follows.
    const [year, spelled] = ["2033年，英国和中国。", "二零三三年英国和中国"];
    expect(read(year.repeat(2), spelled.repeat(5))).toMatchObject({ keep: 24 });
    expect(read(year.repeat(5), spelled.repeat(5))).toEqual({ keep: 60 });
  });

  it.each([
    ["what is in front of a lost sentence", river, 8],
    ["what is in front of a sentence that is another", `${river}没果六楼在济不太高气。`, 8],
    ["what is in front of a clause that is another", "他说河边最热闹，没果六楼在济不太高气。", 8],
    ["nothing where the first sentence is another", `没果六楼在济不太高气。${river}`, 0],
  ])("is %s", (_, text, keep) => {
    const found = read(text, keep === 0 ? spoken(weather + river) : draft);
    expect(found.keep).toBe(keep);
    expect(found.restart?.row).toBe(keep === 0 ? 1 : 4 * 7 + 1);
    if (keep > 0) expect(found.restart?.draft).toBe(spoken(weather));
  });
});
