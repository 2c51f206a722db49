/** WebSockets of a server: who may open one, what ends them, and what they leave behind. */
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestSecurely } from "node:https";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { certificateLacks, makeCertificate } from "../helpers/server/certificate.ts";
import { clip, formOf, testServer } from "../helpers/server/app.ts";
import type { OpenaiError } from "../helpers/server/app.ts";
import { messagesOf, pcmOf } from "../helpers/server/talk.ts";
import { TestSocket } from "../helpers/server/web-socket.ts";

const path = "/v1/realtime?intent=transcription";

const update = {
  type: "session.update",
  session: { type: "transcription", audio: { input: { format: { type: "audio/pcm", rate: 16_000 } } } },
};

function append(socket: TestSocket, sound: Uint8Array): void {
  for (const part of messagesOf(sound))
    socket.send({ type: "input_audio_buffer.append", audio: Buffer.from(part).toString("base64") });
}

async function gauge(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(String.raw`^${name} (\S+)$`, "mu").exec(text)?.[1]);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    if (waited > 30_000) throw new Error("it did not happen in 30 s");
    await sleep(20);
  }
}

/** The status of an answer that is no WebSocket. */
async function refusal(
  url: string,
  options: Parameters<typeof TestSocket.open>[2] = {},
  where = path,
): Promise<string> {
  const error: unknown = await TestSocket.open(url, where, options).catch((thrown: unknown) => thrown);
  return error instanceof Error ? error.message.replace("Unexpected server response: ", "") : "opened";
}

describe("a WebSocket", () => {
  it("is opened with a key, in a header or as a subprotocol", async () => {
    const { url } = await testServer({ apiKey: ["secret"] });
    expect(await refusal(url)).toBe("401");
    expect(await refusal(url, { headers: { authorization: "Bearer other" } })).toBe("401");
    expect(await refusal(url, { protocols: ["realtime", "openai-insecure-api-key.other"] })).toBe("401");
    await TestSocket.open(url, path, { headers: { authorization: "Bearer secret" } });
    const page = await TestSocket.open(url, path, {
      protocols: ["realtime", "openai-insecure-api-key.secret"],
    });
    expect(page.socket.protocol).toBe("realtime");
  });

  it("is opened by pages of the server's own origin, and of those that it allows", async () => {
    const { url } = await testServer({ cors: ["https://example.org"] });
    expect(await refusal(url, { origin: "https://example.com" })).toBe("403");
    expect(await refusal(url, { headers: { host: "evil.example" } })).toBe("403");
    await TestSocket.open(url, path, { origin: "https://example.org" });
    await TestSocket.open(url, path, { origin: url });
  });

  it("is opened where there is one", async () => {
    const { url } = await testServer();
    expect(await refusal(url, {}, "/v1/nowhere")).toBe("404");
    expect(await refusal(url, {}, "/v1/audio/transcriptions")).toBe("404");
    const plain = await fetch(`${url}/v1/realtime`);
    expect(plain.status).toBe(426);
    expect(((await plain.json()) as OpenaiError).error.code).toBe("upgrade_required");
  });

  it("is opened while the model is loaded, and waits for it", async () => {
    const { url } = await testServer();
    const socket = await TestSocket.open(url, path);
    socket.send(update);
    append(socket, pcmOf("zh-weather"));
    const { transcript } = await socket.type("conversation.item.input_audio_transcription.completed");
    expect(transcript).toBe("天气预报说今天会有大雨。");
  });

  it("that breaks the protocol, or sends a message that is too long, is closed, and the server goes on", async () => {
    const { url, ready } = await testServer();
    await ready;
    const long = await TestSocket.open(url, path);
    long.send(Buffer.alloc(25 * 2 ** 20));
    expect(await long.closed).toBe(1009);
    const { hostname, port } = new URL(url);
    const raw = connect(Number(port), hostname);
    raw.write(
      `GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
        "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    await once(raw, "data");
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff])); // a frame of no kind, without a mask
    raw.resume();
    await once(raw, "close");
    expect((await fetch(`${url}/health`)).ok).toBe(true);
  });

  it("asked for without a version or a key is refused", async () => {
    const { url } = await testServer();
    const asked = request(`${url}${path}`, { headers: { upgrade: "websocket", connection: "upgrade" } });
    asked.end();
    const [reply] = (await once(asked, "response")) as [{ statusCode: number }];
    expect(reply.statusCode).toBe(400);
  });

  const schemes = certificateLacks() === undefined ? ["http", "https"] : ["http"];
  it.each(schemes)(
    "is not what a client of HTTP/2 offers, whose requests are answered: %s",
    async (scheme) => {
      const { url } = await testServer(scheme === "https" ? await makeCertificate() : {});
      const headers = { upgrade: "h2c", connection: "Upgrade, HTTP2-Settings", "http2-settings": "AAMAAABk" };
      const body = formOf(clip("zh-weather"), { model: "demo" });
      const encoded = new Response(body);
      const bytes = Buffer.from(await encoded.arrayBuffer());
      const type = encoded.headers.get("content-type")!;
      const ask = scheme === "https" ? requestSecurely : request;
      const asked = ask(`${url}/v1/audio/transcriptions`, {
        method: "POST",
        headers: { ...headers, "content-type": type, "content-length": bytes.length },
        rejectUnauthorized: false,
      } as object);
      asked.write(bytes.subarray(0, 1000));
      await sleep(50);
      asked.end(bytes.subarray(1000));
      const [reply] = (await once(asked, "response")) as [IncomingMessage];
      const parts: Buffer[] = [];
      for await (const part of reply) parts.push(part as Buffer);
      expect(JSON.parse(Buffer.concat(parts).toString())).toMatchObject({ text: "天气预报说今天会有大雨。" });
    },
  );

  it("whose client goes away at any moment leaves nothing behind", async () => {
    const { url, ready } = await testServer();
    await ready;
    const sound = pcmOf("zh-weather");
    for (let sent = 0; sent < 20; sent++) {
      const socket = await TestSocket.open(url, path);
      socket.send(update);
      append(socket, sound.subarray(0, sent * 6000));
      await sleep(sent * 5);
      socket.socket.terminate();
    }
    await until(async () => (await gauge(url, "fun_asr_queue_held")) === 0);
    await until(async () => (await gauge(url, "fun_asr_websockets")) === 0);
    const socket = await TestSocket.open(url, path);
    socket.send(update);
    append(socket, sound);
    const { transcript } = await socket.type("conversation.item.input_audio_transcription.completed");
    expect(transcript).toBe("天气预报说今天会有大雨。");
    expect(await gauge(url, "fun_asr_websockets")).toBe(1);
  });

  it("has a place of the queue while sound comes, and is told where there is none", async () => {
    const { url, ready } = await testServer({ queue: 1 });
    await ready;
    const first = await TestSocket.open(url, path);
    first.send(update);
    append(first, pcmOf("zh-weather", 0));
    await first.type("input_audio_buffer.speech_started");
    const second = await TestSocket.open(url, path);
    second.send(update);
    append(second, pcmOf("zh-weather", 0));
    const { error } = await second.type("error");
    expect(error).toMatchObject({ code: "busy" });
  });

  it("gets the text of what it has sent when the server drains, and is closed then", async () => {
    const server = await testServer();
    await server.ready;
    const socket = await TestSocket.open(server.url, path);
    socket.send(update);
    append(socket, pcmOf("zh-weather", 0));
    await socket.type("input_audio_buffer.speech_started");
    const drained = server.drain();
    const { transcript } = await socket.type("conversation.item.input_audio_transcription.completed");
    expect(transcript).toBe("天气预报说今天会有大雨。");
    expect(await socket.closed).toBe(1001);
    await drained;
  });

  it("is ended at once with the server", async () => {
    const server = await testServer();
    await server.ready;
    const socket = await TestSocket.open(server.url, path);
    socket.send(update);
    append(socket, pcmOf("zh-weather", 0));
    await server[Symbol.asyncDispose]();
    expect(await socket.closed).toBe(1006);
  });

  it("whose client does not read holds up nobody else", async () => {
    const { url, ready } = await testServer();
    await ready;
    const slow = await TestSocket.open(url, path);
    slow.socket.pause();
    slow.send(update);
    for (let i = 0; i < 3; i++) append(slow, pcmOf("zh-weather"));
    const socket = await TestSocket.open(url, path);
    socket.send(update);
    append(socket, pcmOf("zh-weather"));
    const { transcript } = await socket.type("conversation.item.input_audio_transcription.completed");
    expect(transcript).toBe("天气预报说今天会有大雨。");
  });
});
