/** The page shows what the stages and the comparison contain, and has no section for what is missing. */
import { beforeAll, describe, expect, test } from "vitest";
import { archiveOf, frames, head, softmax, stage, stages } from "../helpers/builders/report-stages.ts";
import { compare } from "../../src/diff/compare.ts";
import type { StageValues } from "../../src/diff/compare.ts";
import type { Difference, ReportData } from "../../src/report/data.ts";
import { renderReport } from "../../src/report/report.ts";

function differenceOf(reference: readonly (readonly [string, StageValues])[]): Difference {
  const theirs = new Map(reference);
  const tolerance = { relativeL2: 1e-3, cosine: 0.999 };
  const judged = stages.map(([name, ours]) => {
    const comparison = compare(name, ours, theirs.get(name)!);
    const problem = comparison.relativeL2 > tolerance.relativeL2 ? "it is too far off" : undefined;
    return { name, comparison, problem };
  });
  const firstDivergent = judged.find(({ problem }) => problem !== undefined)?.name;
  return { reference: "reference.npz", raw: { tolerance, stages: judged, firstDivergent } };
}

/** The first is not the worst. */
const factors: Readonly<Record<string, number>> = { "audio_encoder.after_norm": 1.25, audio_adaptor: 3 };

const damaged = stages.map(([name, { shape, values }]): [string, StageValues] => [
  name,
  { shape, values: values.map((x) => x * (factors[name] ?? 1)) },
]);

const recognized = {
  text: "天地<b>",
  ctcText: "天气",
  words: [
    { text: "天", start: 0.3, end: 0.6 },
    { text: "地", start: 0.72, end: 0.9 },
  ],
  counts: { prefixTokens: 3, audioTokens: 3 },
};

const labelText = (id: number): string => ["", "甲", "天", "乙", "气"][id] ?? "丁";

async function pageOf(changes: Partial<ReportData> = {}): Promise<string> {
  const ours = archiveOf(stages);
  return await renderReport({
    title: "A <run>",
    facts: [["model", "m & n"]],
    ours,
    recognized,
    labelText,
    ...changes,
  });
}

const withoutGaps = (page: string): string => page.replaceAll(/(?<=>)\s+(?=<)/gu, "");
const sectionsOf = (page: string): string[] => [...page.matchAll(/<h2 id="([^"]+)"/gu)].map(([, id]) => id!);

describe("a page of synthetic stages", () => {
  let page: string;
  beforeAll(async () => {
    const reference = archiveOf(damaged);
    page = withoutGaps(await pageOf({ reference, difference: differenceOf(damaged) }));
  });

  test("has its sections, and links to each", () => {
    expect(sectionsOf(page)).toEqual(["chain", "worst", "ctc", "audio-rows", "attention", "landmarks"]);
    for (const id of sectionsOf(page)) expect(page).toContain(`<a href="#${id}">`);
  });

  test("makes no requests and has no scripts", () => {
    expect(page).not.toMatch(/https?:|<script|@import|url\(|javascript:/u);
    const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/gu)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(10);
    for (const address of addresses) expect(address).toMatch(/^(?:#|data:image\/png;base64,|data:,$)/u);
  });

  test("describes every picture in words", () => {
    const pictures = [...page.matchAll(/<svg [^>]*>/gu)].map(([tag]) => tag);
    for (const tag of pictures) expect(tag).toMatch(/role="img" aria-label="[^"]+"|aria-hidden="true"/u);
  });

  test("draws its stages at equal distances inside the frame, and heads in squares", () => {
    const chain = page.slice(page.indexOf('id="chain"'), page.indexOf('id="worst"'));
    const frame = /<rect class="frame" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/u.exec(
      chain,
    )!;
    const [left, , width] = frame.slice(1).map(Number) as [number, number, number];
    const places = [...chain.matchAll(/<g><line [^>]*class="stem" x1="([-\d.]+)"/gu)].map(([, x]) =>
      Number(x),
    );
    const step = width / stages.length;
    expect(places).toHaveLength(stages.length);
    for (const [i, x] of places.entries()) expect(x).toBeCloseTo(left + (i + 0.5) * step, 0);

    const heads = page.slice(page.indexOf('id="attention"'), page.indexOf('id="landmarks"'));
    const boxes = [...heads.matchAll(/viewBox="0 0 (\d+) (\d+)"[^>]*aria-label="Attention of head/gu)];
    expect(boxes.length).toBeGreaterThan(1);
    for (const [, width, height] of boxes) expect(width).toBe(height);
  });

  test("names the first divergent stage and gives its numbers", () => {
    expect(page).toContain("stages over tolerance: 2 of 7; the first is <b>audio_encoder.after_norm</b>");
    expect(page).toContain("▼ first: audio_encoder.after_norm");
    expect(page).toContain("The first divergent stage: audio_encoder.after_norm");
    // ‖x − 1.25 x‖ / ‖1.25 x‖
    const row = /<tr class="bad"><th scope="row">audio_encoder\.after_norm<\/th>.*?<\/tr>/su.exec(page)?.[0];
    expect(row).toContain("<td>20 × 32</td><td>0.2</td>");
    expect(page.match(/<tr class="bad">/gu)).toHaveLength(2);
  });

  test("draws the greedy path and marks differing pieces", () => {
    expect(page).toContain("the greedy path reads 天 气");
    expect(page).toContain("2 pieces differ");
    expect(page).toMatch(/class="piece differs"><title>气: 0\.72 to 0\.90 s, differs/u);
    expect(page).toMatch(/class="piece"><title>天: 0\.30 to 0\.60 s</u);
  });

  test("gives the share of later audio in the rows", () => {
    // rows 0 to 2 of half the identity and half the mean of the heads: what lies in columns 3 to 19
    let beyond = 0;
    for (let row = 0; row < 3; row++) {
      for (let col = 3; col < frames; col++) {
        const at = row * frames + col;
        beyond += (head.values[at]! + head.values[frames * frames + at]!) / 4;
      }
    }
    expect(page).toContain(
      `<b>${((100 * beyond) / 3).toFixed(1)} %</b> of their content comes from audio after the 0.18 s`,
    );
  });

  test("escapes text from outside", () => {
    expect(page).toContain("<title>A &lt;run&gt;</title>");
    expect(page).toContain("天地&lt;b&gt;");
    expect(page).toContain("<dd>m &amp; n</dd>");
  });
});

test("sections without a reference or their stages are left out", async () => {
  const ours = archiveOf([["lfr", stage(2, 1, 560)]]);
  const page = await renderReport({ title: "little", facts: [], ours });
  expect(sectionsOf(page)).toEqual([]);
  expect(await pageOf()).not.toContain("first:");
});

test("a page of a large run stays small", async () => {
  const long = 300;
  const probabilities = Array.from({ length: 8 }, (_, i): [string, StageValues] => [
    `encoder.encoders.${i}.self_attn.probabilities`,
    softmax(stage(i, 2, long, long)),
  ]);
  const ours = archiveOf([
    ["lfr", stage(1, long, 560)],
    ...probabilities,
    ["encoder.after_norm", stage(9, long, 512)],
  ]);
  const page = await renderReport({ title: "large", facts: [], ours });
  expect(page.length).toBeLessThan(1_500_000);
  // the first, a middle one and the last
  const layers = [...page.matchAll(/<h3>encoder\.encoders\.(\d)\.self_attn/gu)].map(([, layer]) => layer);
  expect(layers).toEqual(["0", "4", "7"]);
});
