/** What clients send to a server. */
import { int16, wav } from "../../../test/helpers/builders/wav.ts";
import { ask, raw } from "../../attack/stand-in-server.ts";
import { lines } from "../formats/texts.ts";
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
