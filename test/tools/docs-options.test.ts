/** The page of options and flags, as the tables give it. */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { page, sections, withOptions } from "../../tools/docs/options.ts";

it("is committed as `npm run docs:options` writes it", async () => {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  expect(withOptions(text)).toBe(text);
});

it("keeps the text around the sections", () => {
  const text = withOptions(
    "# Title\n\nBefore.\n\n<!-- options ctc -->\nstale table\n<!-- /options -->\n\nAfter.\n",
  );
  expect(text).toMatch(/^# Title\n\nBefore\.\n\n<!-- options ctc -->\n\nPrint the text of the CTC branch/u);
  expect(text).toContain("<!-- /options -->\n\nAfter.\n");
  expect(text).not.toContain("stale table");
  for (const name of sections.keys()) expect(text).toContain(`<!-- options ${name} -->`);
});
