/** Forms: their bytes arrive whole however they are cut, and what is no form, too large or incomplete leaves nothing behind. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { readForm } from "../../src/server/upload.ts";
import { isTemporary } from "../helpers/environment/outputs.ts";

const boundary = "----frontier7";
const part = (headers: string, body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")]);
const field = (name: string, value: string): Buffer =>
  part(`Content-Disposition: form-data; name="${name}"`, value);
const file = (bytes: Uint8Array, name = "a.wav"): Buffer =>
  part(`Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: audio/wav`, bytes);
const end = Buffer.from(`--${boundary}--\r\n`);

/** A request whose body comes in these chunks; without an end, it stalls. */
function request(
  chunks: readonly Uint8Array[],
  { type = `multipart/form-data; boundary=${boundary}`, ends = true } = {},
): Request {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) if (chunk.length > 0) controller.enqueue(chunk);
      if (ends) controller.close();
    },
  });
  const init = { method: "POST", body, headers: { "content-type": type }, duplex: "half" as const };
  return new Request("http://server/", init);
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [
    0,
    ...places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return borders.slice(1).map((to, i) => bytes.subarray(borders[i], to));
}

const limits = { maxBytes: 1e6, signal: new AbortController().signal };
const temporaries = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => isTemporary(name) && name.includes(`.${process.pid}.`));
async function expectNothingLeft(): Promise<void> {
  expect(await temporaries()).toEqual([]);
}
afterEach(expectNothingLeft);

const audio = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 131 + (i >> 7)) & 255);
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("a form", () => {
  it("has its fields in order and its file byte by byte, wherever the body is cut", async () => {
    const bytes = Buffer.concat([
      field("a", "1"),
      file(audio),
      field("b[]", "二\r\n2"),
      field("b[]", ""),
      end,
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
        async (places) => {
          await using form = await readForm(request(cut(bytes, places)), limits);
          expect([...form.fields]).toEqual([
            ["a", ["1"]],
            ["b[]", ["二\r\n2", ""]],
          ]);
          expect(hash(await readFile(form.audio))).toBe(hash(audio));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("gives no name to its file", async () => {
    for (const name of ["../../etc/passwd", "/etc/passwd", "..\\..\\x", "a\0b", "CON", "%2e%2e%2f"]) {
      await using form = await readForm(request([file(audio, name), end]), limits);
      expect(form.audio).toMatch(/[/\\]\.fun-asr\.[^/\\]+\.tmp[/\\]audio$/u);
    }
  });

  it("may have names that are special to objects", async () => {
    await using form = await readForm(
      request([field("__proto__", "x"), field("constructor", "y"), file(audio), end]),
      limits,
    );
    expect([...form.fields]).toEqual([
      ["__proto__", ["x"]],
      ["constructor", ["y"]],
    ]);
  });
});

describe("a body is refused", () => {
  const expectRefused = async (
    request: Request,
    code: string,
    options: Partial<Parameters<typeof readForm>[1]> = {},
  ): Promise<void> => {
    await expect(readForm(request, { ...limits, ...options })).rejects.toMatchObject({ code });
  };

  it.each([["text/plain"], ["application/json"], ["multipart/mixed; boundary=x"], ["multipart/form-data"]])(
    "of type %s",
    (type) => expectRefused(request([field("a", "1"), end], { type }), "bad_body"),
  );

  it("without a body, and without a file", async () => {
    await expectRefused(new Request("http://server/", { method: "POST" }), "bad_body");
    await expectRefused(request([field("a", "1"), end]), "bad_body");
    await expectRefused(request([]), "bad_body");
  });

  it("wherever it ends early", async () => {
    const bytes = Buffer.concat([field("a", "1"), file(audio), field("b", "2"), end]);
    for (const share of [0.0005, 0.001, 0.002, 0.004, 0.3, 0.9, 0.998, 0.9992])
      await expectRefused(request([bytes.subarray(0, Math.floor(share * bytes.length))]), "bad_body");
  });

  it("whose parts follow its end", async () => {
    const after = Buffer.concat([end, field("model", "main"), part("", audio), end]);
    await expectRefused(request([after]), "bad_body");
  });

  it("with two files, or a file under another name", async () => {
    await expectRefused(request([file(audio), file(audio), end]), "bad_body");
    const other = part('Content-Disposition: form-data; name="image"; filename="a.png"', audio);
    await expectRefused(request([other, end]), "bad_body");
  });

  it("with a field of megabytes, or thousands of fields", async () => {
    await expectRefused(request([field("prompt", "x".repeat(1_100_000)), file(audio), end]), "bad_body", {
      maxBytes: 1e7,
    });
    const many = Buffer.concat(Array.from({ length: 1_001 }, (_, i) => field(`f${i}`, "")));
    await expectRefused(request([many, file(audio), end]), "bad_body", { maxBytes: 1e7 });
  });

  it("beyond the limit, announced or not", async () => {
    await expectRefused(request([file(audio), end]), "body_too_large", { maxBytes: 40_000 });
    const headers = {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": "2000000",
    };
    const body = new ReadableStream({ pull: () => expect.fail("the body was read") }, { highWaterMark: 0 });
    const announced = { method: "POST", body, headers, duplex: "half" as const };
    await expectRefused(new Request("http://server/", announced), "body_too_large");
  });

  it("that stalls", async () => {
    const began = performance.now();
    await expectRefused(request([file(audio)], { ends: false }), "body_stalled", { stallMs: 100 });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("when the client goes away", async () => {
    const gone = new AbortController();
    const reading = readForm(request([file(audio).subarray(0, 9_000)], { ends: false }), {
      ...limits,
      signal: gone.signal,
    });
    await sleep(50);
    gone.abort(new DOMException("gone", "AbortError"));
    await expect(reading).rejects.toMatchObject({ name: "AbortError", message: "gone" });
  });
});
