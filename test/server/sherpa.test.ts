/** sherpa-onnx's WebSockets, message by message. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../src/server/serve.ts";
import type { RunningServer } from "../../src/server/serve-at.ts";
import { demoPath } from "../helpers/server/app.ts";
import { floatsOf, messagesOf } from "../helpers/server/talk.ts";
import { TestSocket } from "../helpers/server/web-socket.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await serve(demoPath, { port: 0, name: "demo", backend: "wasm" });
  await server.ready;
});
afterAll(() => server[Symbol.asyncDispose]());

const spoken = "天气预报说今天会有大雨。";

/** A recording as the offline client sends it. */
function recordingOf(name: string): Buffer {
  const samples = floatsOf(name, 0);
  const header = Buffer.alloc(8);
  header.writeInt32LE(16_000, 0);
  header.writeInt32LE(samples.length, 4);
  return Buffer.concat([header, samples]);
}

describe.each(["/sherpa/offline", "/"])("an offline client at %s", (path) => {
  it.each([10_240, 7, 1_000_000])(
    "gets one reply for each recording, in messages of %i bytes",
    async (size) => {
      const socket = await TestSocket.open(server.url, path);
      const whole = Buffer.concat([recordingOf("zh-weather"), recordingOf("en-name")]);
      // the first message at / says which client it is
      const [first, rest] = [whole.subarray(0, Math.max(size, 8)), whole.subarray(Math.max(size, 8))];
      socket.send(first);
      for (const part of messagesOf(rest, size)) socket.send(part);
      const reply = await socket.until(() => true);
      const tokens = reply["tokens"] as string[];
      expect(reply).toMatchObject({
        text: spoken,
        lang: "",
        emotion: "",
        event: "",
        ys_log_probs: [],
        words: [],
      });
      expect(tokens.join("")).toBe(spoken);
      expect(reply["timestamps"]).toHaveLength(tokens.length);
      expect(reply["durations"]).toHaveLength(tokens.length);
      expect((await socket.until(() => true))["text"]).toMatch(/Catherine/u);
      socket.send("Done");
      expect(await socket.closed).toBe(1000);
      expect(socket.got).toHaveLength(2);
    },
  );
});

it("an offline client that sends no header is closed", async () => {
  const socket = await TestSocket.open(server.url, "/sherpa/offline");
  socket.send(floatsOf("zh-weather").subarray(20_000));
  expect(await socket.closed).toBe(1008);
});

it("an offline client that sends no numbers is closed", async () => {
  const socket = await TestSocket.open(server.url, "/sherpa/offline");
  const recording = recordingOf("zh-weather");
  recording.writeFloatLE(Number.NaN, 4000);
  socket.send(recording);
  expect(await socket.closed).toBe(1011);
});

describe.each(["/sherpa/online", "/"])("an online client at %s", (path) => {
  it("gets a text that grows in each segment, and an end", async () => {
    const socket = await TestSocket.open(server.url, path);
    for (const name of ["zh-weather", "en-name"])
      for (const part of messagesOf(floatsOf(name), 32_000)) socket.send(part);
    socket.send("Done");
    expect(await socket.closed).toBe(1000);
    const results = socket.got.slice(0, -1);
    expect(socket.got.at(-1)).toEqual({ text: "Done!" });
    const finals = results.filter(({ is_final: final, is_eof: end }) => final === true && end === false);
    expect(finals.map(({ segment }) => segment)).toEqual([0, 1]);
    expect(finals[0]).toMatchObject({ text: spoken });
    expect((finals[0]!["tokens"] as string[]).join("")).toBe(spoken);
    expect((finals[0]!["timestamps"] as number[])[0]).toBe(0);
    const growing = results.filter(({ segment, is_final: final }) => segment === 0 && final === false);
    expect(growing.length).toBeGreaterThan(3);
    expect(results.at(-1)).toMatchObject({ is_eof: true, segment: 1, text: finals[1]!["text"] });
  });
});
