/**
 * Servers that are slow, silent or hostile. A slow one is waited for, a silent one is not; none leads to an unprotected
 * connection or into a private network; passwords and signatures in addresses are in no message.
 */
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isPrivateHost } from "../../src/adapters/node/private-host.ts";
import { FunAsrError, withoutSecrets } from "../../src/errors.ts";
import { resolveAddress } from "../../src/hub/web.ts";
import { load } from "../../src/index.ts";
import { openUrl } from "../../src/platform/http-source.ts";
import { patience, redirecting, refusedRedirects, settings } from "../helpers/builders/hostile-servers.ts";
import { cli } from "../helpers/environment/screen.ts";

type Request = typeof fetch;

/** A server of one file of 1000 bytes; `body` gives the answer to all but the first request. */
function server(body: (signal: AbortSignal) => ReadableStream<Uint8Array>): Request {
  let requests = 0;
  return async (_, init) =>
    new Response(requests++ === 0 ? new Uint8Array(4) : body(init!.signal!), {
      status: 206,
      headers: { "content-range": "bytes 0-999/1000" },
    });
}

afterEach(() => {
  vi.useRealTimers();
});

describe("patience", () => {
  /** Each piece takes so many milliseconds to arrive. */
  const pieces = (count: number, milliseconds: number) => (signal: AbortSignal) =>
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          vi.advanceTimersByTime(milliseconds);
          if (signal.aborted) controller.error(signal.reason);
          else controller.enqueue(new Uint8Array(1000 / count));
        },
      },
      { highWaterMark: 0 },
    );

  it("is for silence, not for a whole request", async () => {
    vi.useFakeTimers();
    const source = await openUrl(new URL("https://1.1.1.1/m.gguf"), {
      request: server(pieces(100, 0.9 * patience)),
      patience,
    });
    await expect(source.read(0, new Uint8Array(1000))).resolves.toBeUndefined();
  });

  it("ends with a server that is silent", async () => {
    vi.useFakeTimers();
    const source = await openUrl(new URL("https://1.1.1.1/m.gguf"), {
      request: server(pieces(100, 1.1 * patience)),
      patience,
    });
    await expect(source.read(0, new Uint8Array(1000))).rejects.toMatchObject({ code: "file_unreadable" });
  });

  it("ends at once by an abort", async () => {
    const controller = new AbortController();
    const silent = (signal: AbortSignal): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start: (body) => signal.addEventListener("abort", () => body.error(signal.reason)),
        pull: () => void setTimeout(() => controller.abort(new Error("enough")), 5),
      });
    const source = await openUrl(new URL("https://1.1.1.1/m.gguf"), { request: server(silent), patience });
    await expect(source.read(0, new Uint8Array(1000), controller.signal)).rejects.toThrow("enough");
  });
});

const readers: readonly (readonly [string, (from: string, request: Request) => Promise<unknown>])[] = [
  ["a model by its address", (from, request) => openUrl(new URL(from), { request })],
  ["a download", (from, request) => resolveAddress(from, settings(request))],
];

describe.each(readers)("a redirect of %s", (_, open) => {
  it.each(refusedRedirects)("to %s is refused", async (to) => {
    const asked: [string, Headers][] = [];
    await expect(open("https://1.1.1.1/m.gguf", redirecting(to, asked))).rejects.toMatchObject({
      name: "FileError",
      message: expect.stringMatching(/a redirect (?:to|from|into)/u),
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["https://1.1.1.1/m.gguf", "https://1.0.0.1/x"],
    ["https://1.1.1.1/m.gguf", "/other"],
    ["http://1.1.1.1/m.gguf", "http://1.0.0.1/x"],
    ["http://1.1.1.1/m.gguf", "https://1.0.0.1/x"],
    ["https://10.0.0.1/m.gguf", "https://192.168.0.1/x"],
    ["http://127.0.0.1:81/m.gguf", "http://127.0.0.1:82/x"],
  ])("from %s to %s is followed", async (from, to) => {
    const asked: [string, Headers][] = [];
    await open(from, redirecting(to, asked));
    expect(asked[1]?.[0]).toBe(new URL(to, from).href);
  });

  it("without an end is refused", async () => {
    const request: Request = async () => new Response(null, { status: 302, headers: { location: "/again" } });
    await expect(open("https://1.1.1.1/m.gguf", request)).rejects.toThrow("too many redirects");
  });

  it("does not pass a password on", async () => {
    const asked: [string, Headers][] = [];
    await open("https://me:hunter%C3%BC@1.1.1.1/m.gguf", redirecting("https://1.0.0.1/x", asked));
    expect(asked[0]?.[0]).toBe("https://1.1.1.1/m.gguf");
    expect(asked[0]?.[1].get("authorization")).toBe(`Basic ${btoa("me:hunter\u00c3\u00bc")}`);
    expect(asked[1]?.[1].get("authorization")).toBeNull();
  });
});

it.each([
  ["127.0.0.1", true],
  ["[::1]", true],
  ["::ffff:192.168.0.1", true],
  ["8.8.8.8", false],
  ["198.18.0.7", false], // what local proxies give the hosts of the internet
  ["172.32.0.1", false],
  ["2606:4700::1111", false],
])("the host %s is private: %s", async (host, is) => {
  expect(await isPrivateHost(host)).toBe(is);
});

describe("what a server sends is short in a message", () => {
  it.each(readers)("of %s", async (_, open) => {
    const statusText = "x".repeat(60_000);
    const answer = Object.defineProperty(new Response(null, { status: 400 }), "statusText", {
      value: statusText,
    });
    const long = `http://${statusText}/`;
    for (const request of [async () => answer, redirecting(long)]) {
      const error: unknown = await open("https://1.1.1.1/m.gguf", request).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(FunAsrError);
      expect((error as FunAsrError).message.length).toBeLessThan(500);
    }
  });
});

it("a password whose bytes are no text is sent as it is", async () => {
  const asked: [string, Headers][] = [];
  const request = redirecting("https://1.0.0.1/x", asked);
  await openUrl(new URL("https://%zz:%ff@1.1.1.1/m.gguf"), { request });
  expect(asked[0]?.[1].get("authorization")).toBe(`Basic ${btoa("%zz:%ff")}`);
});

describe("secrets", () => {
  const secret = "hunter2";
  const address = `https://me:${secret}@127.0.0.1:1/a/m.gguf?X-Amz-Signature=${secret}&token=${secret}#${secret}`;
  const failing: Request = async () => Promise.reject(new TypeError("fetch failed"));
  const missing: Request = async () => new Response(null, { status: 404 });

  it.each<[string, () => Promise<unknown>]>([
    ["a server without an answer", () => openUrl(new URL(address), { request: failing })],
    ["a missing file", () => openUrl(new URL(address), { request: missing })],
    [
      "a redirect",
      () => openUrl(new URL(address), { request: redirecting(`http://u:${secret}@h/?k=${secret}`) }),
    ],
    ["a download", () => resolveAddress(address, settings(missing))],
    ["a model", () => load(address)],
    ["a model of two files", () => load([address, "absent.gguf"])],
    ["an address of another kind", () => load(new URL(address.replace("https", "ftp")))],
  ])("are in no message of %s", async (_, work) => {
    const error = await work().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(FunAsrError);
    expect(inspect(error, { depth: 9 })).not.toContain(secret);
    expect((error as FunAsrError).message).toMatch(/127\.0\.0\.1|absent/u);
  });

  it.each<[string, readonly string[]]>([
    ["inspect", ["inspect", address]],
    ["transcribe", ["-m", address, "absent.wav"]],
    ["audio", ["-m", "demo", address]],
    ["pull", ["pull", address]],
  ])("are in nothing that %s prints", async (_, argv) => {
    const { exitCode, notes, results } = await cli(...argv);
    expect(exitCode).not.toBe(0);
    expect([...notes, ...results].join("\n")).not.toContain(secret);
  });

  it("are found in any text, and nothing else is changed", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._~%!$'()*+,;=-]{1,20}$/u);
    const around = fc.stringMatching(/^[a-z :;.()äé]{0,20}$/u);
    fc.assert(
      fc.property(around, around, word, word, fc.boolean(), (before, after, user, key, isQuery) => {
        const text = isQuery
          ? `${before} https://host/a?k=${key}SECRET ${after}`
          : `${before} https://${user}:${key}SECRET@host/a ${after}`;
        const shown = withoutSecrets(text);
        expect(shown).not.toContain("SECRET");
        expect(shown).toContain("host/a");
        expect(shown.startsWith(before) && shown.endsWith(after)).toBe(true);
        expect(withoutSecrets(shown)).toBe(shown);
        expect(withoutSecrets(before + after)).toBe(before + after);
      }),
    );
    const harmless = "https://modelscope.cn/api/v1/models/a/b/repo?Revision=master&FilePath=model.pt";
    expect(withoutSecrets(harmless)).toBe(harmless);
  });
});
