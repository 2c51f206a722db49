/** What is blamed, and the reason that is given with it. */
import { expect, test } from "vitest";
import { suspectOf } from "../../src/verify/suspect.ts";

const right = { name: "right.wav", errorRate: 0, draftErrorRate: 0, agreement: 1 };

test.each([
  [{ ...right, failure: "it is cut" }, "1 of 2 clips failed: a.wav: it is cut"],
  [{ ...right, errorRate: 0.5 }, "the text of 1 of 2 clips is wrong"],
  [{ ...right, draftErrorRate: 0.5 }, "the text of 1 of 2 clips is right, and the CTC branch's is wrong"],
  [{ ...right, agreement: 0.5 }, "text and CTC branch of 1 of 2 clips disagree"],
])("%o", (clip, why) => {
  const { suspect } = suspectOf([], [right, { ...clip, name: "a.wav" }], "fun-asr-nano");
  expect(suspect?.why).toBe(why);
});

test("nothing, where all clips are right", () => {
  expect(suspectOf([], [right], "fun-asr-nano")).toEqual({});
});
