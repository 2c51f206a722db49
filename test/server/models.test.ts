/** The models of a server: shared loads, idle models, names. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { platform } from "../../src/platform/current.ts";
import { ModelPool } from "../../src/server/models.ts";
import type { Transcriber } from "../../src/transcriber/transcriber.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import { testApp } from "../helpers/server/app.ts";

/** Models that count how often they are loaded and freed. */
function fakePool(idleTtl?: number | "never", delay = 5) {
  const log: string[] = [];
  let fails = false;
  const load = async (source: unknown): Promise<Transcriber> => {
    log.push(`load ${String(source)}`);
    await sleep(delay);
    if (fails) throw new Error("damaged");
    return { dispose: () => void log.push(`free ${String(source)}`) } as Transcriber;
  };
  const main = { id: "main", source: "/path/main.gguf" };
  const pool = new ModelPool({ main, preload: [], idleTtl, load });
  return { pool, log, fail: (value: boolean) => void (fails = value) };
}

describe("a model", () => {
  it("is loaded once for requests that come at the same time", async () => {
    const { pool, log } = fakePool();
    const used = await Promise.all(
      ["main", "whisper-1", "gpt-4o-transcribe"].map((name) => pool.use(name, async (m) => m)),
    );
    expect(new Set(used).size).toBe(1);
    expect(log).toEqual(["load /path/main.gguf"]);
    expect(pool.loaded).toEqual(["main"]);
  });

  it("is unloaded when nobody has used it for a while, and loaded again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { pool, log } = fakePool(10);
    await pool.use("main", async () => void vi.advanceTimersByTime(60_000));
    expect(pool.loaded).toEqual(["main"]); // it was used all the time
    vi.advanceTimersByTime(9_000);
    await pool.use("main", async () => {}); // begins the time again
    vi.advanceTimersByTime(9_000);
    expect(pool.loaded).toEqual(["main"]);
    vi.advanceTimersByTime(1_000);
    expect(pool.loaded).toEqual([]);
    await sleep(1);
    expect(log).toEqual(["load /path/main.gguf", "free /path/main.gguf"]);
    await pool.use("main", async () => {});
    expect(log).toHaveLength(3);
    pool.close();
  });

  it("of the start stays, unless a time is given", async () => {
    const { pool, log } = fakePool();
    await pool.start();
    await pool.use("main", async () => {});
    await sleep(50);
    expect(pool.loaded).toEqual(["main"]);
    expect(log).toHaveLength(1);
  });

  it("that is unloaded while it is used is freed behind its last request", async () => {
    const { pool, log } = fakePool();
    let freedWithin = true;
    await pool.use("main", async () => {
      await pool.unload("main");
      expect(pool.loaded).toEqual([]);
      await sleep(10);
      freedWithin = log.some((line) => line.startsWith("free"));
    });
    await sleep(1);
    expect(freedWithin).toBe(false);
    expect(log).toEqual(["load /path/main.gguf", "free /path/main.gguf"]);
    await expect(pool.unload("main")).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("that cannot be loaded is tried again by the next request", async () => {
    const { pool, fail } = fakePool();
    fail(true);
    await expect(pool.use("main", async () => {})).rejects.toThrow("damaged");
    expect(pool.loaded).toEqual([]);
    fail(false);
    expect(await pool.use("main", async () => "used")).toBe("used");
  });

  it("that is still being loaded is left by a request that is aborted, and freed when closed", async () => {
    const { pool, log } = fakePool("never", 50);
    const used = pool.use("main", async () => "used", AbortSignal.timeout(10));
    await expect(used).rejects.toMatchObject({ name: "TimeoutError" });
    pool.close();
    await sleep(80);
    expect(log).toEqual(["load /path/main.gguf", "free /path/main.gguf"]);
  });
});

describe("names", () => {
  it("are those of installed models that recognize speech, with and without their format", async () => {
    await modelsHome({});
    const store = await platform().openStore();
    const installed = "2026-01-02T03:04:05.000Z";
    for (const name of [
      "fun-asr-nano:q8_0",
      "fun-asr-nano:f16",
      "fsmn-vad:f32",
      "owner/name/file.gguf",
      "owner/name (original)",
    ])
      await store.install({ name, source: "test", files: [], installed });
    const { pool } = fakePool();
    const ids = (await pool.list()).map(({ id }) => id);
    expect(ids[0]).toBe("main");
    expect(ids.slice(1).toSorted()).toEqual([
      "fun-asr-nano:f16",
      "fun-asr-nano:q8_0",
      "owner/name/file.gguf",
    ]);
    expect((await pool.list())[1]!.created).toBe(Date.parse(installed) / 1000);
    expect(await pool.find("fun-asr-nano:f16")).toBe("fun-asr-nano:f16");
    expect(await pool.find("fun-asr-nano")).toMatch(/^fun-asr-nano:/u);
    expect(await pool.find("owner/name/file.gguf")).toBe("owner/name/file.gguf");
    for (const name of [
      "",
      "fsmn-vad",
      "/path/main.gguf",
      "../main",
      "https://x.example/m.gguf",
      "fun-asr-nano:f99",
      "__proto__",
    ])
      await expect(pool.find(name), name).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("are served with a slash, plain or encoded", async () => {
    await modelsHome({});
    const store = await platform().openStore();
    await store.install({ name: "owner/name", source: "test", files: [], installed: "2026-01-02T03:04:05Z" });
    const { app } = testApp();
    for (const path of ["owner/name", "owner%2Fname"]) {
      const response = await app.request(`/v1/models/${path}`);
      expect(await response.json()).toEqual({
        id: "owner/name",
        object: "model",
        created: 1_767_323_045,
        owned_by: "fun-asr",
      });
    }
    const list = (await (await app.request("/v1/models")).json()) as {
      object: string;
      data: { id: string }[];
    };
    expect(list.object).toBe("list");
    expect(list.data.map(({ id }) => id)).toEqual(["demo", "owner/name"]);
  });
});

describe("requests for models", () => {
  it("load and unload them", async () => {
    const { pool } = fakePool();
    const { app, context } = testApp({}, () => pool.use("main", async (model) => model));
    const status = async (method: string, path: string): Promise<number> =>
      (await app.request(path, { method })).status;
    expect(await status("DELETE", "/api/ps/demo")).toBe(404);
    expect(await status("POST", "/api/ps/demo")).toBe(201);
    expect(await status("POST", "/api/ps/demo")).toBe(409);
    expect(await (await app.request("/api/ps")).json()).toEqual({ models: ["demo"] });
    expect(await status("DELETE", "/api/ps/demo")).toBe(200);
    expect(context.models.loaded).toEqual([]);
    expect(await status("POST", "/api/ps/none")).toBe(404);
  });

  it("install nothing from addresses and paths, and nothing at all when offline", async () => {
    const { hub } = await modelsHome({});
    const { app } = testApp();
    for (const name of [
      "https://127.0.0.1/model.gguf",
      "http:%2F%2F127.0.0.1%2Fm.gguf",
      "./m.gguf",
      "m.gguf",
    ]) {
      expect((await app.request(`/v1/models/${name}`, { method: "POST" })).status, name).toBe(404);
      expect((await app.request(`/v1/models/${name}`, { method: "DELETE" })).status, name).toBe(404);
    }
    const offline = await testApp({ offline: true }).app.request("/v1/models/fun-asr-nano", {
      method: "POST",
    });
    expect(offline.status).toBe(403);
    expect(await offline.json()).toMatchObject({ error: { code: "offline" } });
    expect(hub.requests).toEqual([]);
  });

  it("list the registry", async () => {
    await modelsHome({});
    const { data } = (await (await testApp().app.request("/v1/registry")).json()) as {
      data: { id: string; installed: boolean }[];
    };
    expect(data.map(({ id }) => id)).toContain("fun-asr-nano:q8_0");
    expect(data.every(({ installed }) => !installed)).toBe(true);
  });
});
