/** The language that a reply states. */
import { expect, it } from "vitest";
import { languageIn, namedLanguage } from "../../src/server/language.ts";
import type { Segment } from "../../src/longform/result.ts";

const said = (...languages: readonly (string | undefined)[]) => ({
  segments: languages.map((language) => ({ tags: { language } }) as unknown as Segment),
});

it("is the one that was asked for, else the first that the model found", () => {
  expect(namedLanguage(said(undefined, "ja", "ko"), undefined)?.code).toBe("ja");
  expect(namedLanguage(said("ja"), "Chinese")?.code).toBe("zh");
  expect(namedLanguage(said(undefined), undefined)).toBeUndefined();
  expect(namedLanguage(said("nospeech"), undefined)).toBeUndefined();
  expect(namedLanguage({ segments: [] }, undefined)).toBeUndefined();
});

it.each([
  ["你好 hello", "zh"],
  ["漢字とかな", "ja"],
  ["안녕 hello", "ko"],
  ["Guten Tag", "en"],
  ["สวัสดี", "th"],
])("is read from the letters of %s", (text, code) => expect(languageIn(text)?.code).toBe(code));

it("is unknown where there is no letter", () => expect(languageIn("123 …")).toBeUndefined());
