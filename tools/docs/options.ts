/**
 * `npm run docs:options`: writes the tables of options and flags into docs/command-line.md, between the markers
 * `<!-- options NAME -->` and `<!-- /options -->`. NAME is `library`, or a command. The text around them stays.
 */
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { commands } from "../../src/cli/commands.ts";
import { flagsMarkdown } from "../../src/cli/flags/markdown.ts";
import { optionsMarkdown } from "../../src/options/markdown.ts";

export const page = "docs/command-line.md";

/** The generated text of each section by its name, in the order of the page. */
export const sections: ReadonlyMap<string, string> = new Map([
  ["library", optionsMarkdown()],
  ...(await Promise.all(
    commands.map(async (entry) => [entry.name, flagsMarkdown(entry, await entry.load())] as const),
  )),
]);

/** The page with all sections as the tables give them. A section without markers is added at the end. */
export function withOptions(text: string): string {
  let result = text;
  for (const [name, content] of sections) {
    const open = `<!-- options ${name} -->`;
    const close = "<!-- /options -->";
    const from = result.indexOf(open);
    const to = result.indexOf(close, from);
    const section = `${open}\n\n${content}\n\n${close}`;
    result =
      from < 0 || to < 0
        ? `${result.trimEnd()}\n\n## ${name === "library" ? "Library" : `\`fun-asr ${name}\``}\n\n${section}\n`
        : result.slice(0, from) + section + result.slice(to + close.length);
  }
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(page, withOptions(await readFile(page, "utf8")));
}
