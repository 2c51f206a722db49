/** OpenAI's realtime API, event by event. */
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio } from "../../../src/audio/container.ts";
import { resample } from "../../../src/audio/resample.ts";
import { serve } from "../../../src/server/serve.ts";
import type { RunningServer } from "../../../src/server/serve-at.ts";
import { clip, demoPath } from "../../helpers/server/app.ts";
import { messagesOf, pcmOf } from "../../helpers/server/talk.ts";
import { TestSocket } from "../../helpers/server/web-socket.ts";
import type { Got } from "../../helpers/server/web-socket.ts";

const { WaveFile } = createRequire(import.meta.url)("wavefile") as typeof import("wavefile");

let server: RunningServer;
beforeAll(async () => {
  server = await serve(demoPath, { port: 0, name: "demo", backend: "wasm" });
  await server.ready;
});
afterAll(() => server[Symbol.asyncDispose]());

const spoken = "天气预报说今天会有大雨。";
const path = "/v1/realtime?intent=transcription";
const transcription = "conversation.item.input_audio_transcription";
const pcm = { type: "audio/pcm", rate: 16_000 };

function append(socket: TestSocket, sound: Uint8Array): void {
  for (const part of messagesOf(sound))
    socket.send({ type: "input_audio_buffer.append", audio: Buffer.from(part).toString("base64") });
}

const commit = (socket: TestSocket, more: object = {}): void =>
  socket.send({ type: "input_audio_buffer.commit", event_id: "of the client", ...more });

async function opened(): Promise<TestSocket> {
  const socket = await TestSocket.open(server.url, path, { protocols: ["realtime"] });
  expect(socket.socket.protocol).toBe("realtime");
  await socket.type("session.created");
  return socket;
}

/** A session with these settings of the input, and its `session.updated`. */
async function sessionWith(input: object, more: object = {}): Promise<{ socket: TestSocket; updated: Got }> {
  const socket = await opened();
  const audio = { input: { format: pcm, ...input } };
  socket.send({ type: "session.update", session: { type: "transcription", audio, ...more } });
  return { socket, updated: await socket.type("session.updated") };
}

const typesOf = (messages: readonly Got[]): string[] => messages.map(({ type }) => String(type));
const deltasOf = (messages: readonly Got[]): string =>
  messages.flatMap(({ type, delta }) => (type === `${transcription}.delta` ? [delta] : [])).join("");

describe("a turn that a pause ends", () => {
  it("has these events in this order, and deltas while it grows", async () => {
    const { socket } = await sessionWith({}, { include: [`item.input_audio_transcription.logprobs`] });
    append(socket, pcmOf("zh-weather"));
    const last = await socket.type(`${transcription}.completed`);
    expect(last).toMatchObject({
      transcript: spoken,
      content_index: 0,
      usage: { type: "duration", seconds: 4 },
    });
    const tokens = last["logprobs"] as readonly { token: string; logprob: number }[];
    expect(tokens.map(({ token }) => token).join("")).toContain("天气");
    const events = socket.got.slice(2);
    const withoutDeltas = events.filter(({ type }) => type !== `${transcription}.delta`);
    expect(typesOf(withoutDeltas)).toEqual([
      "input_audio_buffer.speech_started",
      "input_audio_buffer.speech_stopped",
      "input_audio_buffer.committed",
      "conversation.item.added",
      `${transcription}.completed`,
    ]);
    const [started, stopped, committed, added] = withoutDeltas;
    expect(started!["audio_start_ms"]).toBeLessThan(300);
    expect(stopped!["audio_end_ms"]).toBeGreaterThan(2800);
    expect(committed).toMatchObject({ item_id: last["item_id"], previous_item_id: null });
    expect(added).toMatchObject({ item: { id: last["item_id"], role: "user" } });
    const grown = events.filter(({ type }) => type === `${transcription}.delta`);
    expect(grown.length).toBeGreaterThan(3);
    expect(grown.every((event) => event["item_id"] === last["item_id"])).toBe(true);
    expect(events.indexOf(grown[0]!)).toBeLessThan(events.indexOf(stopped!));
    expect(deltasOf(events)).toBe(spoken);
    expect(new Set(socket.got.map(({ event_id: id }) => id)).size).toBe(socket.got.length);
  });

  it("is followed by others, each with the one before it; times go on after a commit", async () => {
    const { socket } = await sessionWith({
      turn_detection: { type: "server_vad", silence_duration_ms: 400 },
    });
    append(socket, pcmOf("zh-weather", 0));
    commit(socket);
    const first = await socket.type(`${transcription}.completed`);
    append(socket, pcmOf("en-name"));
    const started = await socket.type("input_audio_buffer.speech_started");
    expect(started["audio_start_ms"]).toBeGreaterThanOrEqual(3000);
    const committed = await socket.type("input_audio_buffer.committed");
    expect(committed["previous_item_id"]).toBe(first["item_id"]);
    expect(first["transcript"]).toBe(spoken);
  });

  it("is an item without text where the client commits sound in which nobody speaks", async () => {
    const { socket } = await sessionWith({});
    append(socket, new Uint8Array(32_000));
    commit(socket);
    expect(await socket.type(`${transcription}.completed`)).toMatchObject({ transcript: "" });
  });
});

describe("a turn that the client ends", () => {
  it("is recognized when it is committed", async () => {
    const { socket, updated } = await sessionWith({ turn_detection: null });
    expect(updated).toMatchObject({
      session: {
        type: "transcription",
        audio: { input: { format: pcm, turn_detection: null, transcription: { model: "demo" } } },
      },
    });
    append(socket, pcmOf("zh-weather"));
    commit(socket);
    const last = await socket.type(`${transcription}.completed`);
    expect(last["transcript"]).toBe(spoken);
    expect(typesOf(socket.got.slice(2))).toEqual([
      "input_audio_buffer.committed",
      "conversation.item.added",
      `${transcription}.delta`,
      `${transcription}.completed`,
    ]);
    expect(deltasOf(socket.got)).toBe(spoken);
  });

  it("is empty after a clear, which is an error", async () => {
    const { socket } = await sessionWith({ turn_detection: null });
    append(socket, pcmOf("zh-weather"));
    socket.send({ type: "input_audio_buffer.clear" });
    await socket.type("input_audio_buffer.cleared");
    commit(socket);
    const { error } = await socket.type("error");
    expect(error).toMatchObject({
      type: "invalid_request_error",
      code: "bad_message",
      event_id: "of the client",
    });
  });

  it("fails alone where its sound is too short", async () => {
    const { socket } = await sessionWith({ turn_detection: null });
    append(socket, new Uint8Array(2));
    commit(socket);
    const failed = await socket.type(`${transcription}.failed`);
    expect(failed).toMatchObject({ content_index: 0, error: { code: "audio_too_short" } });
    append(socket, pcmOf("zh-weather"));
    commit(socket);
    expect(await socket.type(`${transcription}.completed`)).toMatchObject({ transcript: spoken });
  });
});

/** The bytes of the samples of a WAV file. */
function samplesIn(file: InstanceType<typeof WaveFile>): Uint8Array {
  return Uint8Array.from((file as unknown as { data: { samples: Uint8Array } }).data.samples);
}

it("a language that the model does not know fails the turn, and the next one can be another", async () => {
  const { socket } = await sessionWith({ transcription: { model: "demo", language: "klingon" } });
  append(socket, pcmOf("zh-weather"));
  const { error } = await socket.until(({ type }) => type === `${transcription}.failed` || type === "error");
  expect(error).toMatchObject({ code: "unknown_language" });
  const input = { transcription: { model: "demo", language: "zh" } };
  socket.send({ type: "session.update", session: { type: "transcription", audio: { input } } });
  append(socket, pcmOf("zh-weather"));
  expect(await socket.type(`${transcription}.completed`)).toMatchObject({ transcript: spoken });
});

describe("sound", () => {
  it("is taken at 24 kHz where the client says nothing of it", async () => {
    const socket = await opened();
    const { samples } = await loadAudio(clip("zh-weather"));
    const at24k = Int16Array.from(resample(samples, 16_000, 24_000), (value) => Math.round(value * 32_767));
    append(socket, Buffer.concat([Buffer.from(at24k.buffer), Buffer.alloc(48_000)]));
    expect(await socket.type(`${transcription}.completed`)).toMatchObject({ transcript: spoken });
  });

  it.each([
    ["g711_ulaw", "audio/pcmu"],
    ["g711_alaw", "audio/pcma"],
  ])("is taken as %s, in the words of the beta", async (name) => {
    const { samples } = await loadAudio(clip("zh-weather"));
    const at8k = Int16Array.from(resample(samples, 16_000, 8000), (value) => Math.round(value * 32_767));
    const file = new WaveFile();
    file.fromScratch(1, 8000, "16", [...at8k, ...new Int16Array(8000)]);
    if (name === "g711_ulaw") file.toMuLaw();
    else file.toALaw();
    const coded = samplesIn(file);
    const socket = await opened();
    const session = { input_audio_format: name, input_audio_transcription: { model: "demo" } };
    socket.send({ type: "transcription_session.update", session });
    const updated = await socket.type("transcription_session.updated");
    expect(updated).toMatchObject({ session: { ...session, turn_detection: { type: "server_vad" } } });
    append(socket, coded);
    await socket.type("conversation.item.created");
    const { transcript } = await socket.type(`${transcription}.completed`);
    // the demo model knows no sound of telephones: what it reads is that of the same samples as integers
    if (name === "g711_ulaw") file.fromMuLaw();
    else file.fromALaw();
    const { socket: other } = await sessionWith({ format: { type: "audio/pcm", rate: 8000 } });
    append(other, samplesIn(file));
    expect(await other.type(`${transcription}.completed`)).toMatchObject({ transcript });
    expect(transcript).not.toBe("");
  });
});

describe("vLLM's clients", () => {
  it("get deltas and the text of what they sent up to a final commit", async () => {
    const socket = await opened();
    socket.send({ type: "session.update", model: "demo" });
    for (const name of ["zh-weather", "en-name"]) {
      commit(socket);
      append(socket, pcmOf(name));
      commit(socket, { final: true });
      const from = socket.got.length;
      const done = await socket.type("transcription.done");
      const deltas = socket.got.slice(from - 1).filter(({ type }) => type === "transcription.delta");
      expect(done["text"]).toBe(deltas.map(({ delta }) => delta).join(""));
      expect(done["usage"]).toMatchObject({ type: "duration" });
      if (name === "zh-weather") expect(done["text"]).toBe(spoken);
    }
  });
});

describe("what is refused is an event, and the session goes on", () => {
  it.each([
    ["no JSON", "{", "message"],
    ["a list", [], "message"],
    ["bytes", new Uint8Array(4), "message"],
    ["an event without a type", {}, "type"],
    ["an event of another kind of session", { type: "response.create" }, "type"],
    ["an append without sound", { type: "input_audio_buffer.append" }, "audio"],
    ["an append of no base64", { type: "input_audio_buffer.append", audio: "a b" }, "audio"],
    ["a session of another kind", { type: "session.update", session: { type: "realtime" } }, "session.type"],
    [
      "a format of audio that is not known",
      {
        type: "session.update",
        session: { type: "transcription", audio: { input: { format: { type: "mp3" } } } },
      },
      "session.audio.input.format.type",
    ],
    [
      "a rate that no recorder has",
      {
        type: "session.update",
        session: { type: "transcription", audio: { input: { format: { type: "audio/pcm", rate: 1 } } } },
      },
      "session.audio.input.format.rate",
    ],
    [
      "a detection that is not known",
      {
        type: "session.update",
        session: { type: "transcription", audio: { input: { turn_detection: { type: "x" } } } },
      },
      "session.audio.input.turn_detection.type",
    ],
    [
      "a pause of no length",
      {
        type: "session.update",
        session: {
          type: "transcription",
          audio: { input: { turn_detection: { type: "server_vad", silence_duration_ms: -1 } } },
        },
      },
      "session.audio.input.turn_detection.silence_duration_ms",
    ],
    [
      "a model that is not there",
      {
        type: "session.update",
        session: { type: "transcription", audio: { input: { transcription: { model: "x" } } } },
      },
      "model",
    ],
    [
      "a format of the beta that is not known",
      { type: "transcription_session.update", session: { input_audio_format: 1 } },
      "session.input_audio_format",
    ],
  ])("%s", async (_, message, param) => {
    const socket = await opened();
    socket.send(message);
    const { error } = await socket.type("error");
    expect(error).toMatchObject({ type: "invalid_request_error", param });
    socket.send({ type: "session.update", session: { type: "transcription" } });
    await socket.type("session.updated");
  });

  it("a model in the address that is not there is refused before", async () => {
    const opening = TestSocket.open(server.url, "/v1/realtime?model=none");
    await expect(opening).rejects.toThrow("404");
    await TestSocket.open(server.url, "/v1/realtime?model=whisper-1");
  });
});
