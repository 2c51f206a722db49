/** `fun-asr serve`: its flags, and its end at signals. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { clip, formOf } from "../helpers/server/app.ts";
import type { OpenaiError } from "../helpers/server/app.ts";

const program = fixture("../dist/src/cli/main.js");

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    if (waited > 30_000) throw new Error("it did not happen in 30 s");
    await sleep(20);
  }
}

/** The process when it is ready, its address, and what it has printed. */
async function start(...argv: string[]) {
  const model = argv.includes("-m") ? [] : ["-m", "demo"];
  const child = spawn(process.execPath, [program, "serve", "--port", "0", ...model, ...argv]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const ended = once(child, "exit");
  await until(async () => output.includes("ready") || child.exitCode !== null);
  return { child, ended, url: / at (http\S+)/u.exec(output)?.[1] ?? output };
}

const isBusy = async (url: string): Promise<boolean> =>
  (await (await fetch(`${url}/metrics`)).text()).includes("\nfun_asr_queue_held 1\n");

describe("a signal", () => {
  it("lets requests come to their end, then ends the server", async () => {
    const { child, ended, url } = await start();
    const body = formOf(clip("zh-long"), { offset_t: "47500" });
    const reply = fetch(`${url}/inference`, { method: "POST", body });
    await until(() => isBusy(url));
    child.kill("SIGTERM");
    const { text } = (await (await reply).json()) as { text: string };
    expect(text).toContain("哥哥准备晚饭以后再去看电影。");
    expect(await ended).toEqual([0, null]);
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
  });

  it("that is the second ends its requests", async () => {
    const { child, ended, url } = await start();
    const reply = fetch(`${url}/inference`, { method: "POST", body: formOf(clip("zh-long"), {}) });
    const outcome = reply.then(
      () => "answered",
      () => "ended",
    );
    await until(() => isBusy(url));
    child.kill("SIGINT");
    await sleep(100);
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect(await outcome).toBe("ended");
  });
});

it("its flags set what is listened on, who may ask, and how much", async () => {
  const access = ["--api-key", "a-key", "--cors", "https://example.org", "--offline"];
  const limits = ["--queue", "1", "--max-body", "1", "--idle-ttl", "60"];
  const { child, ended, url } = await start("--host", "localhost", ...access, ...limits);
  expect(url).toMatch(/^http:\/\/(?:127\.0\.0\.1|\[::1\]):\d+$/u);
  const ask = async (path: string, init: RequestInit = {}): Promise<[number, string | null]> => {
    const headers = { authorization: "Bearer a-key", origin: "https://example.org" };
    const response = await fetch(url + path, { headers, ...init });
    if (response.ok) return [response.status, response.headers.get("access-control-allow-origin")];
    return [response.status, ((await response.json()) as OpenaiError).error.code];
  };
  expect(await ask("/v1/models")).toEqual([200, "https://example.org"]);
  expect(await ask("/v1/models", { headers: {} })).toEqual([401, "invalid_api_key"]);
  expect(await ask("/v1/models/fun-asr-nano", { method: "POST" })).toEqual([403, "offline"]);
  const body = formOf(clip("zh-long"), { model: "demo" }); // 1.8 MiB
  expect(await ask("/v1/audio/transcriptions", { method: "POST", body })).toEqual([413, "body_too_large"]);
  child.kill("SIGHUP");
  expect(await ended).toEqual([0, null]);
});

it("takes as many recordings as it may, and unloads a model that is idle", async () => {
  const { url } = await start("--host", "127.0.0.2", "--queue", "1", "--idle-ttl", "0.2");
  expect(new URL(url).hostname).toBe("127.0.0.2");
  const recognize = async (): Promise<number> =>
    (await fetch(`${url}/inference`, { method: "POST", body: formOf(clip("en-travel"), {}) })).status;
  const statuses = await Promise.all([recognize(), recognize(), recognize()]);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 429, 429]);
  await until(async () => (await (await fetch(`${url}/api/ps`)).text()) === '{"models":[]}');
  expect(await recognize()).toBe(200);
});

it("what it cannot start with is an error with its exit code", async () => {
  const serve = (...argv: string[]) => cli("serve", "-m", "demo", "--port", "0", ...argv);
  expect(await serve("--tls-cert", "x.pem")).toMatchObject({ exitCode: 2 });
  expect(await serve("--tls-cert", "x.pem", "--tls-key", "x.key")).toMatchObject({ exitCode: 2 });
  const { exitCode, notes } = await serve("--preload", "none");
  expect([exitCode, notes.join()]).toEqual([1, expect.stringContaining("[model_not_found]")]);
});

it("keeps recordings, and puts marks in them, where its flags say so", async () => {
  const folder = join(await temporaryFolder(), "records");
  const marks = ["--punc-model", fixture("tiny/ct-punc"), "--record", folder];
  const model = fixture("tiny/paraformer/paraformer-bf16.gguf");
  const { url } = await start("-m", model, ...marks);
  const reply = await fetch(`${url}/inference`, { method: "POST", body: formOf(clip("zh-weather"), {}) });
  const { text } = (await reply.json()) as { readonly text: string };
  expect(text).toMatch(/[，。？、]/u);
  const json = (await readdir(folder)).find((name) => name.endsWith(".json"))!;
  expect(JSON.parse(await readFile(join(folder, json), "utf8"))).toMatchObject({ text });
});

it("without an installed punctuation model, there is a note", async () => {
  await modelsHome({});
  const { exitCode, notes } = await cli(
    "serve",
    "-m",
    "demo",
    "--port",
    "0",
    "--punc-model",
    "auto",
    "--preload",
    "none",
  );
  expect([exitCode, notes.join()]).toEqual([1, expect.stringContaining("No punctuation model is installed")]);
});

it("is refused where it cannot keep recordings", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  const { exitCode, notes } = await cli("serve", "-m", "demo", "--port", "0", "--record", file);
  expect([exitCode, notes.join()]).toEqual([1, expect.stringContaining("[file_unwritable]")]);
});
