/** What `verify` prints of a clip: its rates, and what it should have been only where it is another text. */
import { expect, it } from "vitest";
import { render } from "../../src/cli/content.ts";
import { verifyText } from "../../src/cli/verify-text.ts";
import type { ClipResult } from "../../src/verify/clips.ts";

const clipLines = (clip: ClipResult): string[] => {
  const report = { source: "m.gguf", naming: "own", tensors: 3, bytes: 12, stages: 2, findings: [] };
  const text = render(verifyText({ ...report, clips: [clip] }));
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith("a.wav"));
  return lines.slice(start, -1).filter(Boolean);
};

it.each<[string, ClipResult, string[]]>([
  [
    "right: its text alone",
    { name: "a.wav", expected: "好", text: "好", errorRate: 0, draft: "好", draftErrorRate: 0, agreement: 1 },
    ["a.wav: errors 0 %, CTC branch 0 %, agreement 100 %", "  text      好"],
  ],
  [
    "with errors of the CTC branch: all three texts",
    { name: "a.wav", expected: "早", text: "早", errorRate: 0, draft: "找", draftErrorRate: 1, agreement: 0 },
    [
      "a.wav: errors 0 %, CTC branch 100 %, agreement 0 %",
      "  text      早",
      "  expected  早",
      "  CTC       找",
    ],
  ],
  [
    "with errors, of a model without a CTC branch",
    { name: "a.wav", expected: "早上", text: "早下", errorRate: 0.5 },
    ["a.wav: errors 50 %", "  text      早下", "  expected  早上"],
  ],
  [
    "without a known text",
    { name: "a.wav", text: "早", draft: "早", agreement: 1 },
    ["a.wav: agreement 100 %", "  text      早", "  CTC       早"],
  ],
  ["that failed", { name: "a.wav", failure: "no audio" }, ["a.wav: no audio"]],
])("%s", (_, clip, expected) => {
  expect(clipLines(clip)).toEqual(expected);
});
