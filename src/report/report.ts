/**
 * One page about the activations of a run: self-contained, without scripts or network requests, so that it can be
 * mailed, archived and printed. A section whose stages are missing is left out.
 */
import { writeAtomically } from "../adapters/node/output/atomic-file.ts";
import type { ReportData, Section } from "./data.ts";
import { html, Markup } from "./markup.ts";
import type { Content } from "./markup.ts";
import { attentionSection } from "./sections/attention.ts";
import { audioRowsSection } from "./sections/audio-rows.ts";
import { chainSection } from "./sections/chain.ts";
import { cifSection } from "./sections/cif.ts";
import { landmarksSection } from "./sections/landmarks.ts";
import { posteriorgramSection } from "./sections/posteriorgram.ts";
import { worstSection } from "./sections/worst.ts";
import { style } from "./style.ts";

const sections: readonly ((data: ReportData) => Promise<Section | undefined> | Section | undefined)[] = [
  chainSection,
  worstSection,
  posteriorgramSection,
  cifSection,
  audioRowsSection,
  attentionSection,
  landmarksSection,
];

/** Creates or replaces the file. Reads one stage after the other. */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  const page = await renderReport(data);
  await writeAtomically(path, (write) => write(Buffer.from(page)));
}

export async function renderReport(data: ReportData): Promise<string> {
  const found: Section[] = [];
  for (const section of sections) {
    const made = await section(data);
    if (made !== undefined) found.push(made);
  }
  return page(data, found).text;
}

/** The page may load its own pictures and nothing else. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

function page({ title, facts, recognized }: ReportData, found: readonly Section[]): Markup {
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <h1>${title}</h1>
          ${recognized === undefined ? undefined : html`<blockquote>${recognized.text === "" ? html`<i>no text</i>` : recognized.text}</blockquote>`}
          <dl>
            ${facts.map(
              ([label, value]) =>
                html`<dt>${label}</dt>
                  <dd>${value}</dd>`,
            )}
          </dl>
          <nav aria-label="Sections">
            <ul>
              ${found.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="main">${found.map(part)}</main>
      </body>
    </html> `;
}

function part({ id, heading, body }: Section): Content {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${body}
  </section> `;
}
