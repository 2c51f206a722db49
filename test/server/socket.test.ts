/** A server on a socket: clients that go away, read slowly or send too much, TLS, and its end. */
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { get as getSecurely } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { isTemporary } from "../helpers/environment/outputs.ts";
import { certificateLacks, makeCertificate } from "../helpers/server/certificate.ts";
import { clip, demoPath, formOf, testServer } from "../helpers/server/app.ts";
import type { OpenaiError } from "../helpers/server/app.ts";

const path = "/v1/audio/transcriptions";

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    if (waited > 30_000) throw new Error("it did not happen in 30 s");
    await sleep(20);
  }
}

/** What /metrics gives. */
async function gauge(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(String.raw`^${name} (\S+)$`, "mu").exec(text)?.[1]);
}

const temporaries = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => isTemporary(name) && name.includes(`.${process.pid}.`));

describe("a server", () => {
  it("answers while it loads, and has requests wait for the model", async () => {
    const server = await testServer();
    const health = await fetch(`${server.url}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toEqual({ status: "loading model" });
    const reply = await fetch(server.url + path, { method: "POST", body: formOf(clip("zh-weather")) });
    expect(await reply.json()).toMatchObject({ text: "天气预报说今天会有大雨。" });
    await server.ready;
    const ready = await fetch(`${server.url}/health`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ok" }]);
  });

  it("says what is wrong with a model that it cannot load, and with its address", async () => {
    const server = await testServer();
    const { port } = new URL(server.url);
    await expect(testServer({ port: Number(port) })).rejects.toMatchObject({ code: "port_unusable" });
    const { serve } = await import("../../src/server/serve.ts");
    await using broken = await serve(fixture("audio/tiny.wav"), { port: 0 });
    await expect(broken.ready).rejects.toMatchObject({ code: "not_gguf" });
    const reply = await fetch(broken.url + path, {
      method: "POST",
      body: formOf(clip("en-name"), { model: "tiny" }),
    });
    expect(reply.status).toBe(500);
    expect(reply.headers.get("x-should-retry")).toBe("false");
    const { error } = (await reply.json()) as OpenaiError;
    expect(error).toMatchObject({ code: "not_gguf", message: "the server failed (not_gguf)" });
    await expect(serve(demoPath, { port: 0, tlsCert: "x.pem" })).rejects.toMatchObject({
      code: "bad_option",
    });
    await expect(serve(demoPath, { prot: 0 } as object)).rejects.toThrow("Did you mean port?");
  });

  it("leaves nothing of clients that go away while they send, wait or are answered", async () => {
    const server = await testServer();
    await server.ready;
    const gone: Promise<unknown>[] = [];
    for (let i = 0; i < 12; i++) {
      const client = new AbortController();
      const form = formOf(clip("zh-long"), { model: "demo", stream: i % 2 === 0 ? "true" : "false" });
      const sent = fetch(server.url + path, { method: "POST", body: form, signal: client.signal });
      gone.push(sent.then((response) => response.text()).catch(() => {}));
      setTimeout(() => client.abort(), 40 * i);
    }
    // half a form, and then nothing
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 9999\r\n\r\n`,
    );
    socket.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nRIFF');
    await sleep(200);
    socket.destroy();
    await Promise.all(gone);
    await until(async () => (await gauge(server.url, "fun_asr_queue_held")) === 0);
    await until(async () => (await temporaries()).length === 0);
    const reply = await fetch(server.url + path, { method: "POST", body: formOf(clip("en-travel")) });
    expect(reply.status).toBe(200);
  });

  it("answers others while a client does not read", async () => {
    const server = await testServer();
    await server.ready;
    const slow = request(server.url + path, { method: "POST" });
    const form = new Response(formOf(clip("zh-long"), { model: "demo", stream: "true" }));
    slow.setHeader("content-type", form.headers.get("content-type")!);
    slow.end(new Uint8Array(await form.arrayBuffer()));
    const [response] = (await once(slow, "response")) as [IncomingMessage];
    response.pause();
    const reply = await fetch(server.url + path, { method: "POST", body: formOf(clip("en-travel")) });
    expect(reply.status).toBe(200);
    await until(async () => (await gauge(server.url, "fun_asr_queue_held")) === 0);
    let text = "";
    for await (const chunk of response) text += String(chunk);
    expect(text).toContain('"type":"transcript.text.done"');
  });

  it("refuses a body that is too large before it is sent whole", async () => {
    const server = await testServer({ maxBody: 1 });
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent === 0)
          controller.enqueue(
            Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'),
          );
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
        if (sent > 1e9) controller.close();
        await sleep(1);
      },
    });
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const status = await fetch(server.url + path, {
      method: "POST",
      body,
      headers,
      duplex: "half",
    } as RequestInit).then(
      (response) => response.status,
      () => 413, // the client wrote on a connection that was closed
    );
    expect(status).toBe(413);
    expect(sent).toBeLessThan(1e8);
    const announced = await fetch(server.url + path, { method: "POST", body: new Uint8Array(2e6), headers });
    expect(announced.status).toBe(413);
    expect(await announced.json()).toMatchObject({ error: { code: "body_too_large" } });
    expect(await temporaries()).toEqual([]);
  });

  it("ends without a wait for the rest of a body that it has refused", async () => {
    const server = await testServer({ maxBody: 1 });
    await server.ready;
    const body = formOf(clip("zh-long"), { model: "demo" }); // 1.8 MiB
    expect((await fetch(server.url + path, { method: "POST", body })).status).toBe(413);
    const began = performance.now();
    await server.drain();
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it("stays alive with what is no HTTP, and with thousands of headers", async () => {
    const server = await testServer();
    const { hostname, port } = new URL(server.url);
    const headers = Array.from({ length: 10_000 }, (_, i) => `x-${i}: ${i}\r\n`).join("");
    for (const text of [
      "\0\0\0\0\r\n\r\n",
      "GET / HTTP/9\r\n\r\n",
      "GET http://[ HTTP/1.1\r\nhost: [\r\n\r\n",
      `GET / HTTP/1.1\r\nhost: x\r\n${headers}\r\n`,
    ]) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      socket.end(text);
      let answer = "";
      socket.on("data", (chunk) => (answer += String(chunk)));
      await new Promise((resolve) => socket.once("close", resolve));
      expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/u); // nothing, where the end of the connection passes the answer
    }
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(200);
  });
});

it.skipIf(certificateLacks() !== undefined)("speaks TLS with a certificate of its own", async () => {
  const { tlsCert, tlsKey } = await makeCertificate();
  const server = await testServer({ tlsCert, tlsKey });
  expect(server.url).toMatch(/^https:/u);
  const [response] = (await once(
    getSecurely(`${server.url}/v1/models`, { ca: await readFile(tlsCert) }),
    "response",
  )) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.resume();
  await expect(fetch(`${server.url.replace("https", "http")}/health`)).rejects.toThrow("fetch failed");
});
