/** FunASR's WebSockets, message by message: those of its two servers, and that of Fun-ASR-Nano. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../src/server/serve.ts";
import type { RunningServer } from "../../src/server/serve-at.ts";
import { clip, demoPath } from "../helpers/server/app.ts";
import { messagesOf, pcmOf } from "../helpers/server/talk.ts";
import { TestSocket } from "../helpers/server/web-socket.ts";
import type { Got } from "../helpers/server/web-socket.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await serve(demoPath, { port: 0, name: "demo", backend: "wasm" });
  await server.ready;
});
afterAll(() => server[Symbol.asyncDispose]());

const spoken = "天气预报说今天会有大雨。";
const inPython = { encoder_chunk_look_back: 4, decoder_chunk_look_back: 0 };
const settings = {
  chunk_size: [5, 10, 5],
  chunk_interval: 10,
  wav_name: "a talk",
  is_speaking: true,
  audio_fs: 16_000,
};

function say(socket: TestSocket, sound: Uint8Array): void {
  for (const part of messagesOf(sound, 1920)) socket.send(part);
}

async function talkOf(
  first: object,
  sound: Uint8Array,
  last: object = { is_speaking: false, is_end: true },
): Promise<TestSocket> {
  const socket = await TestSocket.open(server.url, "", { protocols: ["binary"] });
  expect(socket.socket.protocol).toBe("binary");
  socket.send({ ...settings, ...first });
  say(socket, sound);
  socket.send(last);
  return socket;
}

const textOf = (messages: readonly Got[], mode: string): string =>
  messages.flatMap((message) => (message["mode"] === mode ? [message["text"]] : [])).join("");
const isEnd = ({ is_end: end }: Got): boolean => end === true;

describe("a client of the server in Python", () => {
  it("gets a growing text in 2pass, and the sentence in its place", async () => {
    const socket = await talkOf({ ...inPython, mode: "2pass" }, pcmOf("zh-weather"));
    expect(await socket.until(isEnd)).toEqual({
      mode: "2pass",
      wav_name: "a talk",
      is_final: true,
      is_end: true,
    });
    expect(textOf(socket.got, "2pass-offline")).toBe(spoken);
    const online = socket.got.filter(({ mode }) => mode === "2pass-online");
    expect(online.length).toBeGreaterThan(3);
    expect(spoken.startsWith(textOf(socket.got, "2pass-online"))).toBe(true);
    const sentence = socket.got.find(({ mode }) => mode === "2pass-offline")!;
    expect(sentence).toMatchObject({ is_final: true, wav_name: "a talk" });
    const stamps = sentence["timestamp"] as [number, number][];
    expect(stamps).toHaveLength(11);
    expect(stamps).toEqual(stamps.toSorted(([a], [b]) => a - b));
  });

  it("gets the draft alone in the mode online, to its end", async () => {
    const socket = await talkOf({ ...inPython, mode: "online" }, pcmOf("zh-weather", 0));
    await socket.until(isEnd);
    expect(textOf(socket.got, "online")).toBe(spoken.slice(0, -1));
    expect(socket.got.findLast(({ mode }) => mode === "online")).toMatchObject({ is_final: true });
  });

  it("gets the text of a recording in the mode offline: samples, or a file", async () => {
    const socket = await talkOf({ ...inPython, mode: "offline" }, pcmOf("zh-weather"));
    await socket.until(isEnd);
    expect(socket.got[0]).toMatchObject({ mode: "offline", text: spoken, is_final: true });
    socket.send({ wav_format: "others", wav_name: "a file", is_speaking: true });
    say(socket, readFileSync(clip("en-name")));
    socket.send({ is_speaking: false, is_end: true });
    expect(await socket.until(isEnd)).toMatchObject({ wav_name: "a file", is_final: true });
    expect(socket.got.at(-2)).toMatchObject({ mode: "offline", wav_name: "a file" });
    expect(socket.got.at(-2)!["text"]).toMatch(/Catherine/u);
  });

  it("gets what went wrong with the end, and can go on", async () => {
    const socket = await talkOf({ ...inPython, mode: "none" }, pcmOf("zh-weather"));
    const end = await socket.until(isEnd);
    expect(end).toMatchObject({ is_final: false, error: expect.stringContaining("2pass") as string });
    socket.send({ mode: "offline", wav_format: "others", is_speaking: true });
    say(socket, new Uint8Array(5000));
    socket.send({ is_speaking: false, is_end: true });
    expect(await socket.until(isEnd)).toMatchObject({
      is_final: false,
      error: expect.stringContaining("audio") as string,
    });
    socket.send({ wav_format: "pcm", is_speaking: true });
    say(socket, pcmOf("zh-weather"));
    socket.send({ is_speaking: false, is_end: true });
    expect(await socket.until(isEnd)).toMatchObject({ is_final: true });
    expect(socket.got.at(-2)).toMatchObject({ text: spoken });
  });

  it("is closed where it asks for no end, with the code of what went wrong", async () => {
    const socket = await talkOf({ ...inPython, mode: "none" }, pcmOf("zh-weather"), { is_speaking: false });
    expect(await socket.closed).toBe(1008);
    const other = await TestSocket.open(server.url, "/");
    other.send("no JSON");
    expect(await other.closed).toBe(1008);
  });
});

describe("a client of the server in C++", () => {
  it("gets times as a text, sentences, and one last message", async () => {
    const hotwords = '{"天气":20,"大雨":30}';
    const socket = await talkOf(
      { mode: "2pass", hotwords, svs_lang: "auto", svs_itn: true },
      pcmOf("zh-weather"),
      {
        is_speaking: false,
      },
    );
    await socket.until(({ is_final: final }) => final === true);
    const sentences = socket.got.filter(({ mode }) => mode === "2pass-offline");
    expect(sentences.map(({ text, is_final: final }) => [text, final])).toEqual([
      [spoken, false],
      ["", true],
    ]);
    const stamps = JSON.parse(sentences[0]!["timestamp"] as string) as [number, number][];
    expect(sentences[0]!["stamp_sents"]).toEqual([
      {
        text_seg: "天 气 预 报 说 今 天 会 有 大 雨",
        punc: "。",
        start: stamps[0]![0],
        end: stamps.at(-1)![1],
        ts_list: stamps,
      },
    ]);
    expect(socket.got.every((message) => !("is_end" in message))).toBe(true);
  });

  it("gets a last message where nobody speaks", async () => {
    for (const mode of ["2pass", "offline", "online"]) {
      const socket = await talkOf({ mode }, new Uint8Array(0), { is_speaking: false });
      expect(await socket.until(() => true)).toMatchObject({ text: "", is_final: true });
    }
  });
});

describe("a client of Fun-ASR-Nano's server", () => {
  it("gets sentences that stay, and the growing text of the last one", async () => {
    const socket = await TestSocket.open(server.url, "/");
    socket.send("START");
    expect(await socket.until(() => true)).toEqual({ event: "started" });
    socket.send("HOTWORDS:天气, 大雨");
    expect(await socket.until(() => true)).toEqual({ event: "hotwords_set", hotwords: ["天气", "大雨"] });
    socket.send("LANGUAGE:中文");
    expect(await socket.until(() => true)).toEqual({ event: "language_set", language: "中文" });
    say(socket, pcmOf("zh-weather"));
    say(socket, pcmOf("en-name"));
    socket.send("STOP");
    await socket.until(({ event }) => event === "stopped");
    const results = socket.got.filter((message) => "sentences" in message);
    let before: unknown[] = [];
    for (const { sentences } of results) {
      expect((sentences as unknown[]).slice(0, before.length)).toEqual(before);
      before = sentences as unknown[];
    }
    const last = results.at(-1)!;
    expect(last).toMatchObject({ is_final: true, partial: "" });
    expect(before).toHaveLength(2);
    expect(before[0]).toMatchObject({ text: spoken, start: expect.any(Number) as number });
    expect(results.filter(({ partial }) => partial !== "").length).toBeGreaterThan(3);
  });

  it("gets an event for what is wrong", async () => {
    const socket = await TestSocket.open(server.url, "/");
    socket.send("COMMIT");
    expect(await socket.until(() => true)).toMatchObject({ event: "error" });
    socket.send("LANGUAGE:klingon");
    say(socket, pcmOf("zh-weather"));
    expect(await socket.until(({ event }) => event === "error")).toMatchObject({
      error: expect.stringContaining("klingon") as string,
    });
  });
});
