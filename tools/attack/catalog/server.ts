/** Requests that are too large, malformed or false, to the stand-in for a server. */
import { refusedAudio } from "../../../test/helpers/builders/hostile-compressed.ts";
import { int16, wav } from "../../../test/helpers/builders/wav.ts";
import type { AttackCase } from "../case.ts";
import { ask, formed, raw, transcriptions as path } from "../stand-in-server.ts";

const recording = wav(int16(...Array.from({ length: 8000 }, (_, i) => (i % 100) * 50)));
type Value = string | Uint8Array;
const form = (fields: readonly (readonly [string, Value, string?])[]): FormData => {
  const data = new FormData();
  for (const [name, value, file] of fields) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), file ?? "a.wav");
  }
  return data;
};
const post = (...fields: readonly (readonly [string, Value, string?])[]) => formed(form(fields));
const recognized = (...fields: readonly (readonly [string, Value, string?])[]) =>
  post(["model", "main"], ["file", recording], ...fields);

type Row = readonly [name: string, run: () => Promise<void>, ...expected: AttackCase["expected"]];

/** Fields that say what they must not. */
const fields: readonly Row[] = (
  [
    ["temperature", "NaN"],
    ["temperature", "Infinity"],
    ["temperature", "-1"],
    ["temperature", "1e999"],
    ["seed", "1e30"],
    ["seed", "-0.5"],
    ["stream", "maybe"],
    ["response_format", "__proto__"],
    ["response_format", "x".repeat(500_000)],
    ["timestamp_granularities[]", "constructor"],
    ["include[]", "../logprobs"],
    ["chunking_strategy", "{".repeat(100_000)],
    ["chunking_strategy", "[".repeat(100_000)],
    ["chunking_strategy", '{"type":"server_vad","silence_duration_ms":"NaN"}'],
    ["chunking_strategy[type]", "none"],
    ["language", "\0".repeat(1000)],
    ["language", "x".repeat(900_000)],
  ] as const
).map(([name, value]) => [
  `a ${name} of ${value.length} characters: ${JSON.stringify(value).slice(0, 40)}`,
  () => recognized([name, value]),
  "bad_option",
  "unknown_language",
]);

const part = (headers: string, body: string): string => `--x\r\n${headers}\r\n\r\n${body}\r\n`;
const file = part('content-disposition: form-data; name="file"; filename="a"', "RIFF");

/** Bodies that are no forms. */
const bodies: readonly Row[] = (
  [
    ["of another type", raw, "{}", "application/json"],
    ["of no type", raw, "text", "text/plain"],
    ["without a boundary", raw, file, "multipart/form-data"],
    ["with an empty boundary", raw, file, "multipart/form-data; boundary="],
    ["with a boundary of 100,000 letters", raw, file, `multipart/form-data; boundary=${"b".repeat(100_000)}`],
    ["that is empty", raw, ""],
    ["that ends within a part", raw, file],
    ["that ends within a header", raw, "--x\r\ncontent-disposition: form-da"],
    ["with a header of 3 MB", raw, `${part(`a: ${"b".repeat(3e6)}`, "")}--x--\r\n`],
    ["with 20,000 headers", raw, `${part("a: b\r\n".repeat(20_000) + "c: d", "")}--x--\r\n`],
    [
      "with 50,000 fields",
      raw,
      `${part('content-disposition: form-data; name="a"', "").repeat(50_000)}--x--\r\n`,
    ],
    ["with 5,000 files", raw, `${file.repeat(5_000)}--x--\r\n`],
    ["of boundaries alone", raw, "--x\r\n".repeat(500_000)],
    ["of 3 MB of hyphens", raw, "-".repeat(3e6)],
    [
      "with a field of 2 MB",
      raw,
      `${part('content-disposition: form-data; name="prompt"', "a".repeat(2e6))}--x--\r\n`,
    ],
  ] as const
).map(([name, send, body, type]) => [`a body ${name}`, () => send(body, type), "bad_body"]);

const endless = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ pull: (body) => body.enqueue(new Uint8Array(65_536)) });
const others: readonly Row[] = [
  ["a part without a header", () => raw(`--x\r\n\r\nvalue\r\n${file}--x--\r\n`), "bad_option"], // no model
  ["a body without an end", () => raw(endless()), "bad_body", "body_too_large"],
  [
    "a body that is announced with a terabyte",
    () => raw(file, undefined, { "content-length": "1e12" }),
    "body_too_large",
  ],
  [
    "a recording beyond the limit",
    () => post(["model", "main"], ["file", new Uint8Array(5 * 2 ** 20)]),
    "body_too_large",
  ],
  [
    "an empty recording",
    () => post(["model", "main"], ["file", new Uint8Array()]),
    "not_audio",
    "audio_empty",
    "bad_body",
  ],
  [
    "a recording that is a text",
    () => post(["model", "main"], ["file", new Uint8Array(5000).fill(65)]),
    "not_audio",
  ],
  ["two recordings", () => recognized(["file", recording]), "bad_body"],
  ["a file in the place of a model", () => post(["file", recording], ["model", recording]), "bad_body"],
  [
    "a name of a file that climbs",
    () => post(["model", "main"], ["file", recording, "../../../etc/passwd"]),
    "read",
  ],
  [
    "a name of a file with 60,000 letters",
    () => post(["model", "main"], ["file", recording, "n".repeat(60_000)]),
    "read",
    "bad_body",
  ],
  [
    "10,000 headers",
    () => recognizedWith(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x-${i}`, "a"]))),
    "read",
  ],
  ["an id with a line break's code", () => recognizedWith({ "x-request-id": "a%0d%0ab: c" }), "read"],
  [
    "a wrong key",
    () => recognizedWith({ authorization: `Bearer ${"k".repeat(100_000)}` }),
    "invalid_api_key",
  ],
  ["a page of another origin", () => recognizedWith({ origin: "https://evil.example" }), "foreign_origin"],
  ["an origin that is no address", () => recognizedWith({ origin: "null" }), "foreign_origin"],
  ["a download", () => ask("/v1/models/owner/name", { method: "POST" }), "offline"],
  [
    "a load of an address",
    () => ask("/api/ps/http:%2F%2F127.0.0.1%2Fm", { method: "POST" }),
    "model_not_found",
  ],
  [
    "a removal by an address",
    () => ask("/v1/models/http:%2F%2F127.0.0.1%2Fm", { method: "DELETE" }),
    "model_not_found",
  ],
  ["a path of 200,000 letters", () => ask(`/${"a".repeat(200_000)}`), "not_served"],
  ["a path with broken percent signs", () => ask("/v1/models/%ff%zz%"), "model_not_found", "not_served"],
  ["a method that nothing has", () => ask(path, { method: "PROPFIND" }), "not_served"],
];

function recognizedWith(headers: Record<string, string>): Promise<void> {
  const body = form([
    ["model", "main"],
    ["file", recording],
  ]);
  return ask(path, { method: "POST", body, headers });
}

/** Names of models that must lead nowhere. */
const models: readonly Row[] = [
  "../../etc/passwd",
  "/etc/passwd",
  "file:///etc/passwd",
  "http://127.0.0.1/m.gguf",
  "main\0",
  "__proto__",
  "m".repeat(900_000),
].map((name) => [
  `the model ${JSON.stringify(name).slice(0, 40)}`,
  () => post(["model", name], ["file", recording]),
  "model_not_found",
]);

/** Each as a request sends it, with the code that it has as a file. */
const bombs: readonly AttackCase[] = refusedAudio
  .filter(([, bytes, , limits]) => limits === undefined && bytes.length < 4e6)
  .map(([name, bytes, code]) => ({
    name: `a recording: ${name}`,
    run: () => post(["model", "main"], ["file", bytes]),
    expected: [code],
    ...(name.includes("bomb") ? { milliseconds: 5000, mebibytes: 1024 } : {}),
  }));

export const cases: readonly AttackCase[] = [
  ...[...fields, ...bodies, ...others, ...models].map(([name, run, ...expected]) => ({
    name,
    run,
    expected,
    milliseconds: 500,
  })),
  ...bombs,
];
