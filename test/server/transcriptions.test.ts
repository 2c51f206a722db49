/** OpenAI's transcriptions, field by field, on the demo model. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parse as parseSubtitles } from "@plussub/srt-vtt-parser";
import { beforeAll, describe, expect, it } from "vitest";
import { clip, formOf, testApp } from "../helpers/server/app.ts";
import type { OpenaiError, TestApp } from "../helpers/server/app.ts";

const path = "/v1/audio/transcriptions";
interface Clip {
  readonly file: string;
  readonly seconds: number;
  readonly written: string;
  readonly words: readonly { readonly word: string; readonly start: number; readonly end: number }[];
}
const clips = JSON.parse(readFileSync(clip("clips").replace(".wav", ".json"), "utf8")) as readonly Clip[];
const known = (name: string): Clip => clips.find(({ file }) => file === `${name}.wav`)!;

let server: TestApp;
beforeAll(() => {
  server = testApp();
});
type Values = Readonly<Record<string, string | readonly string[]>>;
const post = async (name: string, fields: Values = {}): Promise<Response> =>
  server.app.request(path, { method: "POST", body: formOf(clip(name), { model: "demo", ...fields }) });

interface Verbose {
  readonly task: string;
  readonly language: string;
  readonly duration: number;
  readonly text: string;
  readonly words?: readonly { readonly word: string; readonly start: number; readonly end: number }[];
  readonly segments?: readonly Readonly<Record<string, unknown>>[];
  readonly usage: object;
}

describe("a reply", () => {
  it.each(["zh-weather", "en-travel"])("is JSON with the text of %s", async (name) => {
    const response = await post(name);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const { seconds, written } = known(name);
    const usage = { type: "duration", seconds: Math.ceil(seconds) };
    expect(await response.json()).toEqual({ text: written, usage });
    expect(response.headers.get("x-fun-asr-ignored")).toBeNull();
  });

  it("is the bare text", async () => {
    const response = await post("en-travel", { response_format: "text" });
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/u);
    expect(await response.text()).toBe(`${known("en-travel").written}\n`);
  });

  it.each(["srt", "vtt"])("is %s that its readers read", async (format) => {
    const response = await post("en-travel", { response_format: format });
    const { entries } = parseSubtitles(await response.text()) as {
      readonly entries: readonly { readonly text: string; readonly from: number }[];
    };
    const { written, words } = known("en-travel");
    expect(entries.map(({ text }) => text.replaceAll("\n", " ")).join(" ")).toBe(written);
    expect(Math.abs(entries[0]!.from - words[0]!.start * 1000)).toBeLessThan(150);
  });

  it("is verbose, with segments and their measures", async () => {
    const response = await post("zh-weather", { response_format: "verbose_json" });
    const reply = (await response.json()) as Verbose;
    const { written, seconds } = known("zh-weather");
    expect(reply).toMatchObject({ task: "transcribe", language: "chinese", text: written });
    expect(Math.abs(reply.duration - seconds)).toBeLessThan(0.01);
    expect(reply.words).toBeUndefined();
    const [segment] = reply.segments!;
    expect(segment).toMatchObject({ id: 0, seek: 0, text: written, temperature: 0 });
    expect(segment!["avg_logprob"]).toBeLessThan(0);
    expect(segment!["avg_logprob"]).toBeGreaterThan(-1);
    expect(Object.keys(segment!).sort()).toEqual([
      "avg_logprob",
      "compression_ratio",
      "end",
      "id",
      "no_speech_prob",
      "seek",
      "start",
      "temperature",
      "text",
      "tokens",
    ]);
  });

  it("has the words where they are spoken, at its top", async () => {
    const fields = { response_format: "verbose_json", "timestamp_granularities[]": "word", language: "en" };
    const reply = (await (await post("en-travel", fields)).json()) as Verbose;
    const { words, written } = known("en-travel");
    expect(reply.language).toBe("english");
    expect(reply.segments).toBeUndefined();
    expect(reply.words!.map(({ word }) => word)).toEqual(written.split(" "));
    for (const [i, { start, end }] of reply.words!.entries()) {
      expect(Math.abs(start - words[i]!.start), `word ${i}`).toBeLessThan(0.2);
      expect(end).toBeGreaterThan(start);
    }
    const both = ["segment", "word"];
    const all = (await (
      await post("en-travel", { ...fields, "timestamp_granularities[]": both })
    ).json()) as Verbose;
    expect(all.words).toEqual(reply.words);
    expect(all.segments).toHaveLength(1);
  });

  it("has the probability and the bytes of each token", async () => {
    const reply = (await (await post("zh-weather", { "include[]": "logprobs" })).json()) as {
      readonly text: string;
      readonly logprobs: readonly {
        readonly token: string;
        readonly logprob: number;
        readonly bytes: readonly number[];
      }[];
    };
    expect(Buffer.from(reply.logprobs.flatMap(({ bytes }) => bytes)).toString()).toBe(reply.text);
    for (const { logprob } of reply.logprobs) expect(logprob).toBeLessThanOrEqual(0);
  });

  it("has the names of fields without effect, and the language that was asked for", async () => {
    const response = await post("zh-weather", { language: "zh", "beam size": "5", best_of: "2" });
    expect(response.headers.get("x-fun-asr-ignored")).toBe("beam?size, best_of");
    expect(await response.json()).toMatchObject({ languages: [{ code: "zh" }] });
  });
});

describe("hotwords", () => {
  it.each<[Values]>([
    [{ "keywords[]": ["Kathryn More", "other"] }],
    [{ keywords: "Kathryn More" }],
    [{ hotwords: "other,Kathryn More" }],
    [{ hotword: "Kathryn More" }],
  ])("are taken from %o", async (fields) => {
    expect(await (await post("en-name", fields)).json()).toMatchObject({ text: known("en-name").written });
  });

  it("are needed for a name that is written in several ways", async () => {
    expect(await (await post("en-name")).json()).not.toMatchObject({ text: known("en-name").written });
  });
});

describe("a stream", () => {
  /** The data of each event. */
  const eventsOf = (text: string): Readonly<Record<string, unknown>>[] =>
    [...text.matchAll(/^data: (.*)$/gmu)].map(
      ([, data]) => JSON.parse(data!) as Readonly<Record<string, unknown>>,
    );

  it("adds up to the text of the reply at once, and takes nothing back", async () => {
    const response = await post("zh-long", { stream: "true", unknown: "1" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("x-fun-asr-ignored")).toBe("unknown");
    const text = await response.text();
    expect(text).toMatch(/^(?:data: .*\n\n|: ping\n\n)+$/u);
    const events = eventsOf(text);
    const deltas = events.slice(0, -1);
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.every(({ type }) => type === "transcript.text.delta")).toBe(true);
    const whole = deltas.map(({ delta }) => delta as string).join("");
    expect(events.at(-1)).toMatchObject({ type: "transcript.text.done", text: whole });
    const atOnce = (await (await post("zh-long")).json()) as { readonly text: string };
    expect(whole).toBe(atOnce.text);
  });

  it("of what cannot be recognized is an error as without a stream", async () => {
    const form = formOf(clip("clips").replace(".wav", ".json"), { model: "demo", stream: "true" });
    const response = await server.app.request(path, { method: "POST", body: form });
    expect(response.status).toBe(415);
    const { error } = (await response.json()) as OpenaiError;
    expect(error).toMatchObject({ code: "not_audio", param: "file" });
    expect(error.message).not.toContain(".fun-asr.");
  });

  it("ends with an error where it has begun", async () => {
    const errors: unknown[] = [];
    const { context, app } = testApp({ onError: (error) => errors.push(error) });
    const { transcribe } = context;
    context.transcribe = async (...args) => {
      await transcribe.apply(context, args);
      throw new TypeError("broken"); // behind all segments
    };
    const form = formOf(clip("zh-weather"), { model: "demo", stream: "true" });
    const text = await (await app.request(path, { method: "POST", body: form })).text();
    expect(text).toMatch(/^data: \{"type":"transcript.text.delta"/u);
    expect(text).toMatch(/event: error\ndata: \{"error":\{.*"code":"internal"\}\}\n\n$/u);
    expect(text).not.toContain("broken");
    expect(errors).toEqual([new TypeError("broken")]);
  });

  it("that a client leaves before it begins has no timer left", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const client = new AbortController();
    const init = {
      method: "POST",
      body: formOf(clip("zh-long"), { model: "demo", stream: "true" }),
      signal: client.signal,
    };
    const response = server.app.request(path, init);
    while (server.context.queue.held === 0) await sleep(5);
    client.abort();
    expect((await response).status).toBe(499);
    expect(server.context.queue.held).toBe(0);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

describe("a request is refused", () => {
  it.each<[Values, string, string | null, number]>([
    [{ model: "" }, "bad_option", "model", 400],
    [{ model: "whisper-9" }, "model_not_found", "model", 404],
    [{ model: "../demo" }, "model_not_found", "model", 404],
    [{ response_format: "xml" }, "bad_option", "response_format", 400],
    [{ response_format: "diarized_json" }, "unsupported_task", "response_format", 400],
    [{ "known_speaker_names[]": "A" }, "unsupported_task", "known_speaker_names", 400],
    [{ "timestamp_granularities[]": "word" }, "bad_option", "timestamp_granularities", 400],
    [
      { response_format: "verbose_json", "timestamp_granularities[]": "phone" },
      "bad_option",
      "timestamp_granularities",
      400,
    ],
    [{ "include[]": "everything" }, "bad_option", "include", 400],
    [{ "include[]": "logprobs", response_format: "srt" }, "bad_option", "include", 400],
    [{ stream: "true", response_format: "srt" }, "bad_option", "response_format", 400],
    [{ stream: "perhaps" }, "bad_option", "stream", 400],
    [{ temperature: "2" }, "bad_option", "temperature", 400],
    [{ temperature: "warm" }, "bad_option", "temperature", 400],
    [{ seed: "1.5" }, "bad_option", "seed", 400],
    [{ language: "klingon" }, "unknown_language", "language", 400],
    [{ chunking_strategy: "never" }, "bad_option", "chunking_strategy", 400],
    [{ chunking_strategy: "{" }, "bad_option", "chunking_strategy", 400],
    [
      { chunking_strategy: '{"type":"server_vad","silence_duration_ms":1}' },
      "bad_option",
      "chunking_strategy.silence_duration_ms",
      400,
    ],
  ])("with %o", async (fields, code, param, status) => {
    const response = await post("en-name", fields);
    expect(response.status).toBe(status);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const { error } = (await response.json()) as OpenaiError;
    expect(error).toMatchObject({ type: "invalid_request_error", code, param });
  });

  it("as long as the queue is full, without a look at it", async () => {
    const full = testApp({ queue: 1 });
    let end = (): void => {};
    const work = full.context.queue.run(() => new Promise<void>((resolve) => (end = resolve)));
    const response = await full.app.request(path, { method: "POST", body: "no form" });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/u);
    expect(response.headers.get("x-should-retry")).toBe("true");
    end();
    await work;
    expect((await full.app.request(path, { method: "POST", body: "no form" })).status).toBe(400);
  });

  it("to translate", async () => {
    const response = await server.app.request("/v1/audio/translations", {
      method: "POST",
      body: formOf(clip("zh-news")),
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as OpenaiError).error.code).toBe("unsupported_task");
  });
});

it("the options of a server's voice activity detection are taken from both forms of an object", async () => {
  for (const fields of [
    { chunking_strategy: '{"type":"server_vad","silence_duration_ms":300}' },
    { "chunking_strategy[type]": "server_vad", "chunking_strategy[silence_duration_ms]": "300" },
  ]) {
    const response = await post("zh-long", { ...fields, response_format: "verbose_json" });
    const { segments } = (await response.json()) as Verbose;
    expect(segments!.length).toBeGreaterThan(5); // one for each sentence
    expect(response.headers.get("x-fun-asr-ignored")).toBeNull();
  }
});
