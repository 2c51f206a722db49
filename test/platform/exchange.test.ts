/** Requests over HTTP by a `fetch` that answers from memory: which redirects are followed. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { exchange } from "../../src/platform/exchange.ts";

const start = new URL("https://hub.example/model.gguf");

/** Requests `start` of a server that answers each address with a redirect to this one, or with the file where there is none. */
async function ask(redirects: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const request: typeof fetch = async (input) => {
    const address = input as string;
    asked.push(address);
    const location = redirects[address];
    return location === undefined
      ? new Response("file")
      : new Response(null, { status: 302, headers: { location } });
  };
  const refuse = (url: URL, found: string): Error => new Error(`${url.href}: ${found}`);
  const headersFor = (): Readonly<Record<string, string>> => ({});
  const { response } = await exchange(start, { request, headersFor, refuse, silent: refuse as never });
  return { asked, text: await response.text() };
}

/** A chain of redirects from the start to the file. */
const chain = (length: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length }, (_, i) => [i === 0 ? start.href : `https://hub.example/${i}`, `/${i + 1}`]),
  );

describe("redirects", () => {
  it("are followed ten times, and not once more", async () => {
    expect(await ask(chain(10))).toMatchObject({ asked: { length: 11 }, text: "file" });
    await expect(ask(chain(11))).rejects.toThrow("https://hub.example/model.gguf: too many redirects");
  });

  it.each([
    ["ftp://hub.example/model.gguf", "a redirect to ftp:"],
    ["http://hub.example/model.gguf", "a redirect from https: to http: (hub.example)"],
    ["https://127.0.0.1/model.gguf", "a redirect into a private network (127.0.0.1)"],
    ["https://", "a redirect to what is no address"],
  ])("to %s are refused", async (location, found) => {
    await expect(ask({ [start.href]: location })).rejects.toThrow(found);
  });
});

describe("without WebAssembly", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("nothing is requested: Node's fetch would end the process", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    await expect(ask({})).rejects.toMatchObject({
      code: "download_failed",
      message: expect.stringContaining("runs without WebAssembly"),
    });
  });
});
