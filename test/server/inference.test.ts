/** whisper.cpp's server: its documented forms, without a name of a model. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { clip, formOf, testApp } from "../helpers/server/app.ts";
import type { TestApp } from "../helpers/server/app.ts";

let server: TestApp;
beforeAll(() => {
  server = testApp();
});
const post = async (name: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> =>
  server.app.request("/inference", { method: "POST", body: formOf(clip(name), fields) });
const text = "My brother left the keyboard at the bookstore.";

describe("/inference", () => {
  it("replies with the text, in JSON unless asked for another format", async () => {
    expect(await (await post("en-travel")).json()).toEqual({ text });
    expect(await (await post("en-travel", { response_format: "text" })).text()).toBe(`${text}\n`);
    expect(await (await post("en-travel", { response_format: "srt" })).text()).toMatch(
      /^1\n00:00:00,\d+ --> /u,
    );
    expect(await (await post("en-travel", { response_format: "vtt" })).text()).toMatch(/^WEBVTT\n\n/u);
  });

  it("replies with words within segments", async () => {
    const fields = { response_format: "verbose_json", temperature: "0.0", temperature_inc: "0.2" };
    const response = await post("en-travel", fields);
    expect(response.headers.get("x-fun-asr-ignored")).toBe("temperature_inc");
    const reply = (await response.json()) as {
      segments: { words: { word: string; probability: number }[] }[];
    };
    expect(reply).toMatchObject({ task: "transcribe", language: "english", text });
    const [segment] = reply.segments;
    expect(segment!.words.map(({ word }) => word).join(" ")).toBe(text);
    for (const { probability } of segment!.words) expect(probability).toBeGreaterThan(0.5);
    const plain = await post("en-travel", { response_format: "verbose_json", no_timestamps: "true" });
    expect(await plain.json()).toMatchObject({ segments: [{ id: 0, text }] });
  });

  it("reads a part of the recording, by milliseconds", async () => {
    const reply = (await (await post("zh-long", { offset_t: "6200", duration: "3500" })).json()) as {
      text: string;
    };
    expect(reply.text).toBe("第50章介绍了印度的环境。");
    expect(await (await post("en-travel", { offset_t: "0", duration: "0" })).json()).toEqual({ text });
  });

  it("breaks cues at max_len", async () => {
    const cues = await (await post("en-travel", { response_format: "srt", max_len: "16" })).text();
    const lines = cues.split("\n").filter((line) => /[a-z]/u.test(line));
    expect(lines.join(" ")).toBe(text);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(16);
  });

  it("has errors that are texts", async () => {
    for (const [fields, status] of [
      [{ response_format: "xml" }, 400],
      [{ offset_t: "-1" }, 400],
      [{ translate: "true" }, 400],
    ] as const) {
      const response = await post("en-travel", fields);
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ error: expect.any(String) as string });
    }
    const form = new FormData();
    form.append("file", new Blob([readFileSync(clip("clips").replace(".wav", ".json"))]), "a.wav");
    const response = await server.app.request("/inference", { method: "POST", body: form });
    expect(response.status).toBe(415);
    expect(((await response.json()) as { error: string }).error).toMatch(/^file: the first bytes/u);
  });
});
