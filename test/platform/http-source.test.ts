import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { openGguf } from "../../src/checkpoints/gguf/index.ts";
import { openSource } from "../../src/platform/open-source.ts";
import { RawGguf, validGguf } from "../helpers/builders/raw-gguf.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The address of a server that gives this answer. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/m.gguf`;
}

/** Answers like a file server, and records the ranges that were asked for. */
const ranges =
  (bytes: Uint8Array, asked: string[] = [], etag = () => '"1"'): Answer =>
  (request, response) => {
    const range = request.headers.range ?? "";
    asked.push(range);
    const [first = 0, last = 0] = range.match(/\d+/g)?.map(Number) ?? [];
    const part = bytes.subarray(first, last + 1);
    const contentRange = `bytes ${first}-${first + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { "content-range": contentRange, etag: etag() }).end(part);
  };

const valid = validGguf().bytes();
/** A small header before five megabytes. */
const large = new RawGguf({ tensors: 1n })
  .tensor("t", [5n * 2n ** 18n], 0, 0n)
  .pad()
  .raw(Buffer.alloc(5 * 2 ** 20, 7))
  .bytes();

describe("openGguf with an address", () => {
  test("reads the header and the tensors that are asked for, not the file", async () => {
    const asked: string[] = [];
    const url = await serve(ranges(large, asked));
    await using file = await openGguf(url);
    expect([file.source, file.remote]).toStrictEqual(["m.gguf", true]);
    expect(asked).toStrictEqual(["bytes=0-3", `bytes=0-${2 ** 20 - 1}`]);
    const part = new Uint8Array(3);
    await file.tensors.get("t")!.readRange(2 ** 22, part);
    expect([...part]).toStrictEqual([7, 7, 7]);
    expect(asked.at(-1)).toBe(`bytes=${64 + 2 ** 22}-${64 + 2 ** 22 + 2}`);
  });

  test("a tensor of many requests arrives whole", async () => {
    const bytes = Buffer.alloc(64 + 40 * 2 ** 20);
    new RawGguf({ tensors: 1n })
      .tensor("t", [10n * 2n ** 20n], 0, 0n)
      .pad()
      .bytes()
      .copy(bytes);
    for (let i = 64; i < bytes.length; i += 4) bytes.writeUInt32LE(i, i);
    await using file = await openGguf(new URL(await serve(ranges(bytes))));
    const target = new Uint8Array(40 * 2 ** 20);
    await file.tensors.get("t")!.read(target);
    expect(Buffer.compare(target, bytes.subarray(64))).toBe(0);
  });

  const refusals: readonly (readonly [title: string, code: string, found: RegExp, answer: Answer])[] = [
    ["no such file", "file_not_found", /no such file/, (_, response) => void response.writeHead(404).end()],
    ["a server error", "file_unreadable", /answers 500/, (_, response) => void response.writeHead(500).end()],
    [
      "a server without ranges",
      "file_unreadable",
      /does not serve byte ranges/,
      (_, response) => void response.end(valid),
    ],
    [
      "another range than was asked for",
      "file_unreadable",
      /does not serve byte ranges/,
      (_, response) =>
        void response.writeHead(206, { "content-range": `bytes 4-7/${valid.length}` }).end("text"),
    ],
    [
      "a size that is not stated",
      "file_unreadable",
      /does not serve byte ranges/,
      (_, response) => void response.writeHead(206, { "content-range": "bytes 0-3/*" }).end("GGUF"),
    ],
    [
      "more bytes than were asked for",
      "file_unreadable",
      /another length/,
      (_, response) =>
        void response
          .writeHead(206, { "content-range": `bytes 0-3/${valid.length}` })
          .end(Buffer.alloc(9_999)),
    ],
    [
      "fewer bytes than were asked for",
      "file_unreadable",
      /another length/,
      (_, response) =>
        void response.writeHead(206, { "content-range": `bytes 0-3/${valid.length}` }).end("GG"),
    ],
    [
      "a connection that breaks",
      "file_unreadable",
      /connection broke/,
      (_, response) => {
        response.writeHead(206, { "content-range": `bytes 0-3/${valid.length}`, "content-length": "4" });
        response.write("GG", () => void response.destroy());
      },
    ],
    ["a page of text", "not_gguf", /not a GGUF file/, ranges(Buffer.from("<!doctype html>"))],
  ];
  test.for(refusals)("refuses %s: %s", async ([, code, found, answer]) => {
    const error = await openGguf(await serve(answer)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(found) as string });
  });

  test("refuses a file that changes between two requests", async () => {
    let version = 0;
    const url = await serve(ranges(valid, [], () => `"${version++}"`));
    await expect(openGguf(url)).rejects.toMatchObject({ code: "file_unreadable" });
  });

  test("refuses an address without a server", async () => {
    await expect(openGguf("http://127.0.0.1:1/m.gguf")).rejects.toMatchObject({ code: "file_unreadable" });
  });

  test("a read can be aborted", async () => {
    const url = await serve(ranges(valid));
    await using file = await openGguf(url);
    const reading = file.tensors
      .get("encoder.bias")!
      .read(new Uint8Array(6), AbortSignal.abort(new Error("stop")));
    await expect(reading).rejects.toThrow("stop");
  });
});

describe("openSource", () => {
  test("reads an address, as a text or as a URL", async () => {
    const address = await serve(ranges(large));
    for (const input of [address, new URL(address), address.replace("http:", "HTTP:")]) {
      await using source = await openSource(input);
      expect([source.name, source.size, source.remote]).toStrictEqual(["m.gguf", large.length, true]);
      const magic = new Uint8Array(4);
      await source.read(0, magic);
      expect(Buffer.from(magic).toString()).toBe("GGUF");
    }
  });

  test.each([
    [new URL("ftp://127.0.0.1/m.gguf"), "an address with ftp:"],
    [new URL("data:,GGUF"), "an address with data:"],
    ["http://", "no valid address"],
    [null as never, "null"],
    [[1, 2] as never, "a list"],
    [7 as never, "a value of type number"],
    [undefined as never, "a value of type undefined"],
  ])("refuses %s: %s", async (input, found) => {
    await expect(openSource(input)).rejects.toMatchObject({
      code: "bad_option",
      message: expect.stringContaining(found) as string,
    });
  });
});
