/** The page in a browser without a network: it opens, complains of nothing and shows its sections. */
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { fixture } from "../helpers/fixtures.ts";
import { cli } from "../helpers/screen.ts";
import { temporaryFolder } from "../helpers/temporary.ts";

const names = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"];
const browser = names.find(
  (name) => name && spawnSync(name, ["--version"], { timeout: 20_000 }).status === 0,
);
if (browser === undefined) console.warn("skipped: no Chromium is installed (CHROMIUM may name one)");

interface Visit {
  /** The document after loading. */
  readonly dom: string;
  /** What the page made the browser say. */
  readonly complaints: readonly string[];
}

function visit(folder: string, page: string, ...flags: string[]): Visit {
  const { stdout, stderr } = spawnSync(
    browser!,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--proxy-server=127.0.0.1:9", // nothing is there
      `--user-data-dir=${join(folder, "profile")}`,
      "--enable-logging=stderr",
      "--dump-dom",
      ...flags,
      `file://${page}`,
    ],
    { encoding: "utf8", timeout: 60_000, maxBuffer: 2 ** 26 },
  );
  return { dom: stdout, complaints: stderr.split("\n").filter((line) => line.includes("CONSOLE")) };
}

test.skipIf(browser === undefined)("a browser shows it and has nothing to complain of", async () => {
  const folder = await temporaryFolder();
  const page = join(folder, "report.html");
  const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
  const reference = fixture("reference/fun-asr-nano.safetensors");
  const clip = fixture("audio/tiny.wav");
  await cli("report", "-m", model, "-f", clip, "--against", reference, "-o", page, "-n", "20");

  const { dom, complaints } = visit(folder, page);
  expect(complaints).toEqual([]);
  for (const id of ["chain", "worst", "ctc", "audio-rows", "attention", "landmarks"]) {
    expect(dom).toContain(`<h2 id="${id}">`);
  }
  const text = await readFile(page, "utf8");
  expect(dom.match(/<image /gu)?.length).toBe(text.match(/<image /gu)?.length);

  // The policy is what keeps a page from asking anybody: the browser refuses, and says so.
  const spoiled = join(folder, "spoiled.html");
  await writeFile(spoiled, text.replace("<main", '<img src="http://127.0.0.1:9/x.png"><main'));
  expect(visit(folder, spoiled).complaints.join()).toContain("Content Security Policy");
});

test.skipIf(browser === undefined)("its pictures have colours", async () => {
  const folder = await temporaryFolder();
  const page = join(folder, "report.html");
  const model = fixture("tiny/paraformer/paraformer-bf16.gguf");
  await cli("report", "-m", model, "-f", fixture("audio/tiny.wav"), "-o", page);
  const shot = join(folder, "shot.png");
  visit(folder, page, `--screenshot=${shot}`, "--window-size=900,1600");
  const colours = coloursOf(await readFile(shot));
  // viridis has more colours than text, lines and fires could ever have
  expect(colours.size).toBeGreaterThan(100);
});

/** Distinct colours among the bytes of a PNG's lines, roughly: good enough to tell pictures from blank boxes. */
function coloursOf(image: Buffer): Set<number> {
  const parts: Buffer[] = [];
  for (let at = 8; at < image.length;) {
    const length = image.readUInt32BE(at);
    if (image.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(image.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const lines = inflateSync(Buffer.concat(parts));
  const colours = new Set<number>();
  for (let i = 0; i + 3 <= lines.length; i += 3) colours.add(lines.readUIntBE(i, 3));
  return colours;
}
