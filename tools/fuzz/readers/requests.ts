/** What clients send to a server. */
import { int16, wav } from "../../../test/helpers/builders/wav.ts";
import { ask, raw } from "../../attack/stand-in-server.ts";
import * as funasr from "../../../src/server/funasr/settings.ts";
import * as realtime from "../../../src/server/realtime/settings.ts";
import { parseObject } from "../../../src/server/websocket/json.ts";
import { json, lines } from "../formats/texts.ts";
import { block, data, text } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";
import type { Original, Readers } from "./reader.ts";

const part = (name: string, value: Part, more = ""): Part =>
  block([
    text("--x\r\n"),
    lines(`Content-Disposition: form-data; name="${name}"${more}`),
    text("\r\n\r\n"),
    value,
    text("\r\n"),
  ]);
const recording = wav(int16(...Array.from({ length: 4000 }, (_, i) => (i % 100) * 50)));
const file = part("file", data(recording), '; filename="a.wav"\r\nContent-Type: audio/wav');

const form = (name: string, fields: Readonly<Record<string, string>>): Original => ({
  name,
  tree: block([
    part("model", text("main")),
    ...Object.entries(fields).map(([field, value]) => part(field, lines(value))),
    file,
    text("--x--\r\n"),
  ]),
});

export const requestReaders: Readers = {
  "a form for a server": {
    originals: [
      form("plain", {}),
      form("with words", {
        response_format: "verbose_json",
        "timestamp_granularities[]": "word",
        temperature: "0.5",
        language: "zh",
      }),
      form("with hotwords", { "keywords[]": "督工", prompt: "a topic", "include[]": "logprobs", seed: "7" }),
      form("with pauses", {
        chunking_strategy: '{"type":"server_vad","silence_duration_ms":500}',
        response_format: "srt",
      }),
      form("as a stream", { stream: "true", response_format: "json" }),
    ],
    read: (bytes) => raw(bytes),
  },
  "a message of realtime recognition": {
    originals: [
      {
        name: "an update",
        tree: json(
          JSON.stringify({
            type: "session.update",
            session: {
              type: "transcription",
              audio: {
                input: {
                  format: { type: "audio/pcm", rate: 24_000 },
                  transcription: { model: "main", language: "zh", keywords: ["督工"], prompt: "a topic" },
                  turn_detection: { type: "server_vad", silence_duration_ms: 500 },
                },
              },
              include: ["item.input_audio_transcription.logprobs"],
            },
          }),
        ),
      },
      {
        name: "an update of the beta",
        tree: json(
          JSON.stringify({
            type: "transcription_session.update",
            session: { input_audio_format: "g711_ulaw", input_audio_transcription: { model: "main" } },
          }),
        ),
      },
    ],
    read(bytes) {
      const message = parseObject(bytes.toString());
      const isBeta = message["type"] === "transcription_session.update";
      realtime.optionsOf(realtime.withSession(realtime.firstSettings("main"), message["session"], isBeta));
    },
  },
  "a message of FunASR's clients": {
    originals: [
      {
        name: "settings",
        tree: json(
          JSON.stringify({
            mode: "2pass",
            chunk_size: [5, 10, 5],
            wav_name: "demo",
            wav_format: "pcm",
            audio_fs: 16_000,
            is_speaking: true,
            hotwords: '{"督工":20,"天气":30}',
            svs_lang: "auto",
            itn: true,
          }),
        ),
      },
    ],
    read: (bytes) =>
      funasr.optionsOf(funasr.withMessage(funasr.firstSettings, parseObject(bytes.toString()))),
  },
  "a path of a server": {
    originals: ["/v1/models/main", "/v1/models", "/api/ps", "/metrics", "/v1/registry"].map((path) => ({
      name: path,
      tree: lines(path),
    })),
    async read(bytes) {
      const path = `/${bytes.toString("latin1").replace(/^\/+/u, "")}`;
      if (URL.canParse(`http://localhost${path}`)) await ask(path);
    },
  },
};
