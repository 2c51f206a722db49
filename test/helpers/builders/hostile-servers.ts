/** Servers that redirect to where they must not, as functions in the place of fetch. */
import type { HubSettings } from "../../../src/platform/hubs.ts";

type Request = typeof fetch;

/** How long a silent server is waited for, in milliseconds. */
export const patience = 60_000;

/** Where no redirect of https://1.1.1.1/m.gguf may lead. */
export const refusedRedirects: readonly string[] = [
  "http://1.0.0.1/x",
  "http://1.1.1.1/x",
  "https://127.0.0.1/x",
  "https://127.8.9.1:8443/x",
  "https://10.0.0.5/x",
  "https://172.31.0.1/x",
  "https://192.168.1.1/x",
  "https://169.254.169.254/latest/meta-data",
  "https://100.100.100.200/latest/meta-data",
  "https://0.0.0.0/x",
  "https://2130706433/x",
  "https://0x7f.1/x",
  "https://localhost/x",
  "https://[::1]/x",
  "https://[fd00::1]/x",
  "https://[fe80::1]/x",
  "https://[::ffff:10.0.0.1]/x",
  "file:///etc/passwd",
  "data:text/plain,x",
  "https://[",
];

/** Redirects from the first address to the second, which has a file. */
export function redirecting(to: string, asked: [url: string, headers: Headers][] = []): Request {
  return async (input, init) => {
    asked.push([new URL(input as string).href, new Headers(init?.headers)]);
    if (asked.length === 1) return new Response(null, { status: 302, headers: { location: to } });
    return new Response(new Uint8Array(4), {
      status: init?.method === "HEAD" ? 200 : 206,
      headers: { "content-range": "bytes 0-3/4", "content-length": "4" },
    });
  };
}
/** Hubs of which one answers. */
export const settings = (request: Request): HubSettings => ({
  huggingface: { endpoint: "https://1.1.1.1" },
  modelscope: { endpoint: "https://1.0.0.1" },
  offline: false,
  request,
  patience,
  pause: 1,
});
