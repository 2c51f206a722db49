/** `npm run notices`: writes THIRD-PARTY-NOTICES.md, the licenses of all packages that an installation brings. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inlined } from "./inline.ts";

export const noticesFile = "THIRD-PARTY-NOTICES.md";

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly peer?: boolean;
}

const head = `# Third-party notices

\`npm install fun-asr\` installs the packages below beside this one; each comes with the text of its license. Of some, parts are in
this package's own files as well: they are named at the end, with their licenses. \`npm run notices\` writes this list.

codec-parser, by which the audio decoders split streams into frames, is under the GNU Lesser General Public License. It is a
package of its own in \`node_modules\`, in source form, and can be replaced there by a changed version. Its source is at the address
in the list.

The decoders contain WebAssembly that was compiled from C: mpg123-decoder from libmpg123 (LGPL-2.1), @wasm-audio-decoders/flac from
libFLAC (BSD-3-Clause), @wasm-audio-decoders/ogg-vorbis from libogg and libvorbis (BSD-3-Clause). Their sources are submodules of the
decoders' repository.

| package | version | license | source |
|---|---|---|---|
`;

/** The text of the file, from the lock file and the installed packages of a checkout. */
export function notices(root: string): string {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const rows = Object.entries(lock.packages)
    .filter(([path, { dev, peer }]) => path !== "" && dev !== true && peer !== true)
    .map(([path, { version = "", license = "" }]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      if (license === "") throw new Error(`${name} names no license`);
      return `| ${name} | ${version} | ${license} | ${sourceOf(join(root, path))} |\n`;
    });
  return head + rows.toSorted().join("") + inlinedNotices(root);
}

/** The packages of which parts are in files of ours, by license, with the licenses' texts. */
function inlinedNotices(root: string): string {
  const texts = new Map<string, string[]>();
  for (const name of inlined) {
    const text = licenseOf(join(root, "node_modules", name));
    texts.set(text, [...(texts.get(text) ?? []), name]);
  }
  const sections = [...texts].map(([text, names]) => `### ${names.join(", ")}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  return `\n## Parts of packages in this package\n\n${sections.join("\n")}`;
}

/**
 * The text of a package's license. The packages of TensorFlow.js have none: it is the Apache License, as of their dependency
 * long. That of seedrandom is the end of its README.
 */
function licenseOf(folder: string): string {
  const place = folder.includes("@tensorflow") ? join(folder, "../../long") : folder;
  const file = existsSync(join(place, "LICENSE")) ? "LICENSE" : "README.md";
  const text = readFileSync(join(place, file), "utf8").replace(/^.*\nLICENSE .*\n-+\n/su, "");
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/^\n+|\n+$/gu, "");
}

function sourceOf(folder: string): string {
  const { repository, homepage = "" } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly repository?: string | { readonly url: string };
    readonly homepage?: string;
  };
  const url = typeof repository === "string" ? repository : (repository?.url ?? homepage);
  return url
    .replace(/^git\+/u, "")
    .replace(/^(?:git|ssh):\/\/(?:git@)?/u, "https://")
    .replace(/^(?:github:)?([\w-]+\/[\w.-]+)$/u, "https://github.com/$1")
    .replace(/\.git$/u, "");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const root = resolve(import.meta.dirname, "../../..");
  writeFileSync(join(root, noticesFile), notices(root));
}
