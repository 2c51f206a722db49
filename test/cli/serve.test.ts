/** `fun-asr serve`: each flag has its effect on what the server answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { clip, formOf } from "../helpers/server/app.ts";

const program = fixture("../dist/src/cli/main.js");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");

/** A server on a free port in a process of its own, whose models are loaded. */
async function served(...argv: string[]) {
  const child = spawn(process.execPath, [program, "serve", "-m", model, "--port", "0", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, FUN_ASR_HOME: await temporaryFolder() },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const [, name, url] = /^fun-asr serves (\S+) at (http\S+)$/u.exec(line) ?? [];
  while ((await fetch(`${url}/health`)).status === 503) await sleep(50);
  const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${url}${path}`, init);
  return { child, name: name!, url: url!, ask };
}

const transcription = "/v1/audio/transcriptions";

describe("fun-asr serve", () => {
  it("asks for one of its keys, but for /health", async () => {
    const { ask } = await served("--api-key", "first", "--api-key", "second");
    expect((await ask("/v1/models")).status).toBe(401);
    for (const key of ["first", "second"])
      expect((await ask("/v1/models", { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
  });

  it("refuses what its flags exclude: other pages, large bodies, downloads", async () => {
    const page = "https://example.org";
    const { ask, name } = await served("--cors", page, "--max-body", "0.001", "--offline");
    const allowed = async (origin: string): Promise<string | null> =>
      (await ask("/v1/models", { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await allowed(page)).toBe(page);
    expect(await allowed("https://example.com")).toBeNull();
    const body = formOf(clip("en-travel"), { model: name });
    expect((await ask(transcription, { method: "POST", body })).status).toBe(413);
    expect((await ask("/v1/models/sensevoice", { method: "POST" })).status).toBe(403);
  });

  it("listens on the address that it is given, for as many recordings as it is told, and unloads an idle model", async () => {
    const { ask, url } = await served("--host", "127.0.0.2", "--queue", "1", "--idle-ttl", "0.2");
    expect(new URL(url).hostname).toBe("127.0.0.2");
    const recognized = async (): Promise<number> => {
      const form = formOf(clip("en-travel"), { model: "whisper-1" });
      return (await ask(transcription, { method: "POST", body: form })).status;
    };
    expect((await Promise.all([recognized(), recognized(), recognized()])).toSorted((a, b) => a - b)).toEqual(
      [200, 429, 429],
    );
    const loaded = async (): Promise<unknown> => (await ask("/api/ps")).json();
    while (JSON.stringify(await loaded()) !== '{"models":[]}') await sleep(50);
    expect(await recognized()).toBe(200);
  });

  it("ends at SIGTERM without an error", async () => {
    const { child } = await served();
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it.each([
    ["a model that is not installed", ["--preload", "no-such-model"], /no-such-model/u],
    ["a key without its certificate", ["--tls-key", "key.pem"], /--tls-cert|tlsCert/u],
    ["a certificate that is not there", ["--tls-cert", "cert.pem", "--tls-key", "key.pem"], /cert\.pem/u],
  ])("refuses %s", async (_, argv, message) => {
    const { exitCode, notes } = await cli("serve", "-m", model, "--port", "0", ...argv.map(inNoFolder));
    expect(exitCode).not.toBe(0);
    expect(notes.join("\n")).toMatch(message);
  });
});

const inNoFolder = (text: string): string => (text.endsWith(".pem") ? join("/no/such/folder", text) : text);
