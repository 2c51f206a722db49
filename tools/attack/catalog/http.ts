/** Servers that lie, redirect, fall silent or send what would control a terminal. */
import { printableLine } from "../../../src/adapters/node/output/printable.ts";
import { FunAsrError } from "../../../src/errors.ts";
import { resolveAddress } from "../../../src/hub/web.ts";
import { openUrl } from "../../../src/platform/http-source.ts";
import { redirecting, refusedRedirects, settings } from "../../../test/helpers/builders/hostile-servers.ts";
import type { AttackCase } from "../case.ts";

type Request = typeof fetch;
const address = "https://1.1.1.1/m.gguf";
const readers: Readonly<Record<string, (from: string, request: Request) => Promise<unknown>>> = {
  "a model": async (from, request) => {
    await using source = await openUrl(new URL(from), { request, patience: 200 });
    await source.read(0, new Uint8Array(Math.min(source.size, 1000)));
  },
  "a download": (from, request) => resolveAddress(from, { ...settings(request), patience: 200 }),
};

/** A partial answer, with headers as they come. */
function ranged(
  range: string | null,
  body: Uint8Array<ArrayBuffer> | string | null,
  headers: Record<string, string> = {},
): Request {
  const all = range === null ? headers : { ...headers, "content-range": range };
  return async () => new Response(body, { status: 206, headers: all });
}
const endless = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ pull: (body) => body.enqueue(new Uint8Array(65_536)) });
const silent = (init: RequestInit | undefined): Promise<never> =>
  new Promise((_, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal!.reason as Error));
  });
const silentBody = (init: RequestInit | undefined): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(body) {
      init?.signal?.addEventListener("abort", () => body.error(init.signal!.reason));
    },
  });
const answers =
  (status: number, statusText: string, headers: Record<string, string> = {}): Request =>
  async () =>
    new Response(null, { status, statusText, headers });

/** All answers that a reader of ranges must not believe. */
const lies: Readonly<Record<string, Request>> = {
  "no range": ranged(null, "1234"),
  "a range that is none": ranged("bytes */*", "1234"),
  "an unknown size": ranged("bytes 0-3/*", "1234"),
  "another range": ranged("bytes 5-8/1000", "1234"),
  "a negative size": ranged("bytes 0-3/-1", "1234"),
  "a size of twenty digits": ranged("bytes 0-3/99999999999999999999", "1234"),
  "a size that is no number": ranged("bytes 0-3/NaN", "1234"),
  "hexadecimal digits": ranged("bytes 0x0-0x3/0x4", "1234"),
  "another unit": ranged("lines 0-3/1000", "1234"),
  "a body that is too short": ranged("bytes 0-999/1000", "1"),
  "no body": ranged("bytes 0-999/1000", null),
  "a body that is too long": ranged("bytes 0-999/1000", new Uint8Array(2000)),
  "a body without an end": async () =>
    new Response(endless(), { status: 206, headers: { "content-range": "bytes 0-999/1000" } }),
  "the whole file": async () => new Response(new Uint8Array(1000), { status: 200 }),
  "the whole of an endless file": async () => new Response(endless(), { status: 200 }),
  "nothing, for ever": async (_, init) => silent(init),
  "a header and nothing more": async (_, init) =>
    new Response(silentBody(init), { status: 206, headers: { "content-range": "bytes 0-999/1000" } }),
  "a file that grows": growing("content-range"),
  "a file that changes": growing("etag"),
};

function growing(what: "content-range" | "etag"): Request {
  let asked = 0;
  return async () => {
    asked++;
    const headers = {
      "content-range": `bytes 0-999/${what === "etag" ? 1000 : 1000 + asked}`,
      etag: `"${what === "etag" ? asked : 0}"`,
    };
    return new Response(new Uint8Array(1000), { status: 206, headers });
  };
}

const statuses: readonly (readonly [number, string])[] = [
  [400, "Bad"],
  [401, "No"],
  [403, "No"],
  [404, "Not Found"],
  [410, "Gone"],
  [416, "No"],
  [429, "Later"],
  [500, "Error"],
  [503, "Later"],
  [204, "Nothing"],
  [404, "\u009d52;c;cHduZWQ=\u009c"],
  [500, "x".repeat(60_000)],
];

const lengths = ["-1", "NaN", "1e9", "0x10", "99999999999999999999", "1, 2", "", " "];
const refusals = ["file_unreadable", "file_not_found", "download_failed", "access_denied"] as const;
const secret = "hunter2";

/** Throws where the message of a refusal has the secret or controls a terminal. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof FunAsrError)) throw error;
    const shown = printableLine(error.message);
    if (shown.includes(secret)) throw new Error("the message has the secret", { cause: error });
    if (/\p{Cc}/u.test(shown)) throw new Error("the message controls the terminal", { cause: error });
    if (shown.length > 5000) throw new Error(`a message of ${shown.length} letters`, { cause: error });
    throw error;
  }
}

export const cases: readonly AttackCase[] = [
  ...Object.entries(lies).map(([name, request]): AttackCase => ({
    name: `a range: ${name}`,
    run: () => readers["a model"]!(address, request),
    expected: ["file_unreadable"],
  })),
  ...Object.entries(readers).flatMap(([what, open]): AttackCase[] => [
    ...refusedRedirects.map((to) => ({
      name: `${what}: a redirect to ${to}`,
      run: () => open(address, redirecting(to)),
      expected: ["file_unreadable", "download_failed"] as const,
    })),
    {
      name: `${what}: a password of wrong bytes`,
      run: () => open("https://%zz:%ff@1.1.1.1/m.gguf", answers(404, "")),
      expected: refusals,
    },
    {
      name: `${what}: a redirect to a long address`,
      run: () => quietly(() => open(address, redirecting(`http://${"a".repeat(60_000)}/`))),
      expected: ["file_unreadable", "download_failed"],
    },
    {
      name: `${what}: redirects without an end`,
      run: () => open(address, answers(302, "", { location: "/again" })),
      expected: ["file_unreadable", "download_failed"],
    },
    {
      name: `${what}: a redirect to nowhere`,
      run: () => open(address, answers(302, "")),
      expected: ["file_unreadable", "download_failed"],
    },
    ...statuses.map(([status, text], index) => ({
      name: `${what}: status ${status} (${index})`,
      run: () =>
        quietly(() =>
          open(`https://me:${secret}@1.1.1.1/m.gguf?X-Amz-Signature=${secret}#${secret}`, async () => {
            const answer = new Response(null, { status });
            Object.defineProperty(answer, "statusText", { value: text });
            return answer;
          }),
        ),
      expected: refusals,
    })),
    {
      name: `${what}: no answer, with secrets in the address`,
      run: () =>
        quietly(() =>
          open(`https://me:${secret}@1.1.1.1/m.gguf?token=${secret}`, async () =>
            Promise.reject(new TypeError("fetch failed")),
          ),
        ),
      expected: ["file_unreadable", "download_failed"],
    },
  ]),
  ...lengths.map((length): AttackCase => ({
    name: `a download: a length of ${JSON.stringify(length)}`,
    run: () => readers["a download"]!(address, answers(200, "", { "content-length": length })),
    expected: ["download_failed"],
  })),
];
