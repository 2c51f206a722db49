/** The page in a browser without a network: it opens, logs no errors and shows its sections. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chromium, findChromium } from "../helpers/environment/chromium.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const binary = findChromium();

describe.skipIf(binary === undefined)("in a browser", () => {
  let browser: Chromium;
  beforeAll(() => {
    browser = new Chromium(binary!);
  });
  afterAll(() => browser.close());

  test("it opens, fits, and the browser logs no errors", async () => {
    const folder = await temporaryFolder();
    const page = join(folder, "report.html");
    const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
    const reference = fixture("reference/fun-asr-nano.safetensors");
    const clip = fixture("audio/tiny.wav");
    await cli("report", "-m", model, "-f", clip, "--against", reference, "-o", page, "-n", "20");

    const { dom, errors } = await browser.visit(page);
    expect(errors).toEqual([]);
    const narrow = await browser.visit(page, 400, 800);
    expect(narrow.overflow).toBe(0);
    expect(narrow.lowestText).toBeGreaterThan(8); // drawings are 1000 wide, and scroll rather than shrink to fit
    for (const id of ["chain", "worst", "ctc", "audio-rows", "attention", "landmarks"]) {
      expect(dom).toContain(`<h2 id="${id}">`);
    }
    const text = await readFile(page, "utf8");
    expect(dom.match(/<image /gu)?.length).toBe(text.match(/<image /gu)?.length);

    // The policy forbids all requests: the browser blocks them and logs it.
    const tampered = join(folder, "tampered.html");
    await writeFile(tampered, text.replace("<main", '<img src="http://127.0.0.1:9/x.png"><main'));
    expect((await browser.visit(tampered)).errors.join()).toContain("Content Security Policy");
  });

  test("its pictures have colors", async () => {
    const page = join(await temporaryFolder(), "report.html");
    const model = fixture("tiny/paraformer/paraformer-bf16.gguf");
    await cli("report", "-m", model, "-f", fixture("audio/tiny.wav"), "-o", page);
    // viridis has more colors than text, lines and fires could ever have
    expect(colorsOf((await browser.visit(page)).picture).size).toBeGreaterThan(100);
  });
});

/** Distinct colors among the bytes of a PNG's lines, roughly: good enough to distinguish pictures from blank boxes. */
function colorsOf(image: Buffer): Set<number> {
  const parts: Buffer[] = [];
  for (let at = 8; at < image.length;) {
    const length = image.readUInt32BE(at);
    if (image.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(image.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const lines = inflateSync(Buffer.concat(parts));
  const colors = new Set<number>();
  for (let i = 0; i + 3 <= lines.length; i += 3) colors.add(lines.readUIntBE(i, 3));
  return colors;
}
