/** What all requests have: keys, pages of other origins, ids, and the form of errors. */
import { describe, expect, it } from "vitest";
import { checkServeOptions } from "../../src/server/options.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { testApp } from "../helpers/server/app.ts";
import type { OpenaiError } from "../helpers/server/app.ts";

const unused = (): Promise<never> => Promise.reject(new Error("no model is wanted"));

describe("a key", () => {
  const { app } = testApp({ apiKey: ["first key", "second"].map((key) => key.replace(" ", "-")) }, unused);
  const statusWith = async (headers: Record<string, string>, path = "/v1/models"): Promise<number> =>
    (await app.request(path, { headers })).status;

  it.each([
    [{ authorization: "Bearer first-key" }],
    [{ authorization: "bearer  second" }],
    [{ "x-api-key": "second" }],
  ])("is accepted as %o", async (headers) => expect(await statusWith(headers)).toBe(200));

  it.each([
    [{}],
    [{ authorization: "Bearer first" }],
    [{ authorization: "Bearer first-key2" }],
    [{ authorization: "Basic second" }],
    [{ authorization: "Bearer " }],
    [{ "x-api-key": "" }],
  ])("is missing in %o", async (headers) => {
    const response = await app.request("/v1/models", { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const { error } = (await response.json()) as OpenaiError;
    expect(error).toMatchObject({ type: "invalid_request_error", code: "invalid_api_key" });
  });

  it("is not asked for by /health, but by all other paths", async () => {
    expect(await statusWith({}, "/health")).toBe(503);
    for (const path of ["/metrics", "/nothing", "/health/", "//health", "/v1/models/x"])
      expect(await statusWith({}, path), path).toBe(401);
  });
});

describe("a page", () => {
  const post = { method: "POST", headers: { origin: "https://page.example" } };

  it("of another origin is refused, with and without a body that browsers send unasked", async () => {
    const { app } = testApp({}, unused);
    for (const path of ["/v1/audio/transcriptions", "/inference", "/v1/models/fun-asr-nano", "/v1/models"]) {
      const response = await app.request(path, post);
      expect(response.status).toBe(403);
      expect(((await response.json()) as OpenaiError).error.code).toBe("foreign_origin");
    }
  });

  it("of the server's own origin is none of another", async () => {
    const { app } = testApp({ host: "0.0.0.0" }, unused);
    const headers = { origin: "http://here.example:8000" };
    expect((await app.request("http://here.example:8000/v1/models", { headers })).status).toBe(200);
  });

  it("of an allowed origin gets the headers that its browser asks for", async () => {
    const { app } = testApp({ cors: ["https://page.example"], apiKey: ["key"] }, unused);
    const ask = (origin: string): Response | Promise<Response> =>
      app.request("/v1/audio/transcriptions", {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization",
        },
      });
    const allowed = await ask("https://page.example");
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://page.example");
    expect(allowed.headers.get("access-control-allow-headers")).toContain("authorization");
    expect((await ask("https://other.example")).headers.get("access-control-allow-origin")).toBeNull();
    const headers = { origin: "https://page.example", authorization: "Bearer key" };
    const answer = await app.request("/v1/models", { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://page.example");
  });

  it("of any origin is allowed by *", async () => {
    const { app } = testApp({ cors: ["*"] }, unused);
    const answer = await app.request("/v1/models", { headers: { origin: "https://any.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });
});

it.each(["example.org", "https://example.org/", "https://example.org/page", ""])(
  "%j is no origin",
  (origin) => {
    expect(() => checkServeOptions({ cors: ["https://page.example", "null", "*", origin] })).toThrow(
      /cors.*wanted an origin/u,
    );
  },
);

describe("a name of another machine", () => {
  const statusOf = async (options: ServeOptions, url: string): Promise<number> =>
    (await testApp(options, unused).app.request(`${url}/v1/models`)).status;

  it.each(["http://rebound.example", "http://127.0.0.1.example:8000", "http://localhost.example"])(
    "is refused where only this machine can connect: %s",
    async (url) => {
      for (const host of [undefined, "127.0.0.1", "127.0.0.9", "::1", "localhost"])
        expect(await statusOf({ host }, url)).toBe(403);
      expect(await statusOf({ host: "0.0.0.0" }, url)).toBe(200);
      expect(await statusOf({ host: "::" }, url)).toBe(200);
    },
  );

  it.each(["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost:1", "http://x.localhost"])(
    "is not %s",
    async (url) => expect(await statusOf({}, url)).toBe(200),
  );

  it("is allowed where --cors names its origin, or all", async () => {
    expect(await statusOf({ cors: ["https://asr.example"] }, "http://asr.example")).toBe(200);
    expect(await statusOf({ cors: ["https://asr.example"] }, "http://rebound.example")).toBe(403);
    expect(await statusOf({ cors: ["*"] }, "http://rebound.example")).toBe(200);
  });
});

describe("a request", () => {
  const { app } = testApp({}, unused);

  it("has the client's id, or one of its own", async () => {
    const idOf = async (id?: string): Promise<string | null> =>
      (
        await app.request("/v1/models", id === undefined ? {} : { headers: { "x-request-id": id } })
      ).headers.get("x-request-id");
    expect(await idOf("my-id.7")).toBe("my-id.7");
    expect(await idOf()).toMatch(/^req_[\w-]{36}$/u);
    expect(await idOf("with spaces")).toMatch(/^req_/u);
    expect(await idOf("x".repeat(200))).toMatch(/^req_/u);
    expect(await idOf()).not.toBe(await idOf());
  });

  it("for what is not served gets OpenAI's form of an error", async () => {
    for (const path of [
      "/nowhere",
      "/v1/chat/completions",
      "/v1/audio/transcriptions/",
      "/%2e%2e/etc/passwd",
    ]) {
      const response = await app.request(path);
      expect(response.status, path).toBe(404);
      expect(((await response.json()) as OpenaiError).error.code).toBe("not_served");
    }
    expect((await app.request("/v1/audio/transcriptions")).status).toBe(404); // GET
  });

  it("that fails by a fault of the server says nothing about it to the client", async () => {
    const errors: unknown[] = [];
    const { app, context } = testApp({ onError: (error) => errors.push(error) }, unused);
    const secret = new TypeError("/home/someone/secret is undefined");
    context.models.list = () => Promise.reject(secret);
    const response = await app.request("/v1/models");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await response.text()).not.toContain("secret");
    expect(errors).toEqual([secret]);
  });

  it("is counted by its route, not by what the client writes", async () => {
    const { app } = testApp({}, unused);
    for (const id of ["a", "b/c", "d%22%0a"]) await app.request(`/v1/models/${id}`);
    for (let i = 0; i < 3; i++) await app.request("/v1/models/demo");
    const text = await (await app.request("/metrics")).text();
    const lines = text.split("\n").filter((line) => line.startsWith("fun_asr_requests_total{"));
    expect(lines).toEqual([
      'fun_asr_requests_total{method="GET",route="none",status="404"} 3',
      'fun_asr_requests_total{method="GET",route="/v1/models/:id{.+}",status="200"} 3',
    ]);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^# (?:HELP|TYPE) \w+ .+$|^\w+(?:\{(?:\w+="[^"\n]*",?)+\})? [\d.e+-]+$/u);
  });
});
