/**
 * Real clients of live recognition, unchanged: OpenAI's libraries for Node and Python, FunASR's own client and another one, and
 * sherpa-onnx's examples. Those that are no packages come from `FUN_ASR_CLIENTS`, a folder, or from GitHub.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { pythonLacks, runPython, runPythonFile } from "../helpers/environment/python.ts";
import { clip, testServer } from "../helpers/server/app.ts";
import { clientFile } from "../helpers/server/client-files.ts";
import { certificateLacks, makeCertificate } from "../helpers/server/certificate.ts";

const spoken = "天气预报说今天会有大雨。";
const folder = mkdtempSync(join(tmpdir(), "fun-asr-clients-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What keeps a test from running, which is printed. */
function lacking(reason: string): string {
  process.stderr.write(`skipped: ${reason}\n`);
  return reason;
}

const lacksPython = pythonLacks("websockets", "numpy");
const funasr =
  lacksPython === undefined
    ? await clientFile("modelscope/FunASR", "main/runtime/python/websocket/funasr_wss_client.py")
    : undefined;

describe.skipIf(funasr === undefined)("funasr_wss_client.py", () => {
  it.each([
    ["2pass", spoken],
    ["online", spoken.slice(0, -1)],
    ["offline", spoken],
  ])("in the mode %s", async (mode, text) => {
    const { url, ready } = await testServer();
    await ready;
    const { hostname, port } = new URL(url);
    const argv = ["--host", hostname, "--port", port, "--ssl", "0", "--mode", mode];
    const files = ["--audio_in", clip("zh-weather"), "--log_dir", folder, "--output_dir", folder];
    const output = await runPythonFile(funasr!, [...argv, ...files]);
    const lines = output.split("\n").filter((line) => line.startsWith("pid"));
    expect(lines.length).toBeGreaterThan(mode === "offline" ? 0 : 3);
    expect(lines.at(-1)).toContain(text);
    for (const line of lines)
      expect(text).toContain(line.replace(/^pid\S+ (?:demo: )?/u, "").replace(/ timestamp.*$/u, ""));
  });

  it.skipIf(certificateLacks() !== undefined)("over TLS, as it asks by default", async () => {
    const { url, ready } = await testServer(await makeCertificate());
    await ready;
    const { hostname, port } = new URL(url);
    const argv = ["--host", hostname, "--port", port, "--mode", "2pass", "--send_without_sleep"];
    const output = await runPythonFile(funasr!, [
      ...argv,
      "--audio_in",
      clip("zh-weather"),
      "--log_dir",
      folder,
    ]);
    expect(output).toContain(spoken);
  });
});

const lacksFunasrClient = pythonLacks("funasr_client");
describe.skipIf(lacksFunasrClient !== undefined)("funasr-client, of PyPI", () => {
  it.each(["2pass", "offline"])("in the mode %s", async (mode) => {
    const { url, ready } = await testServer();
    await ready;
    // version 0.1.6 waits for ever when it closes: the program ends with the last message
    const program = `
import json, os, sys
from funasr_client import file_asr_stream
for message in file_asr_stream(os.environ["CLIP"], os.environ["URL"], mode=os.environ["MODE"]):
    print(json.dumps(message), flush=True)
    if message["is_final"]:
        os._exit(0)`;
    const env = { URL: url.replace("http", "ws"), CLIP: clip("zh-weather"), MODE: mode };
    const output = await runPython(program, env);
    const messages = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const sentence = messages.find((message) => message["text"] === spoken)!;
    expect(sentence["timestamp"]).toHaveLength(11);
    expect(sentence["stamp_sents"]).toMatchObject([{ punc: "。" }]);
    expect(messages.at(-1)).toMatchObject({ is_final: true });
  });
});

const sherpa = async (name: string): Promise<string | undefined> =>
  lacksPython === undefined
    ? clientFile("k2-fsa/sherpa-onnx", `master/python-api-examples/${name}.py`)
    : undefined;
describe.each([
  "offline-websocket-client-decode-files-sequential",
  "offline-websocket-client-decode-files-paralell",
  "online-websocket-client-decode-file",
])("sherpa-onnx's %s.py", async (name) => {
  const file = await sherpa(name);
  it.skipIf(file === undefined)("gets the text", async () => {
    const { url, ready } = await testServer();
    await ready;
    const { hostname, port } = new URL(url);
    const output = await runPythonFile(file!, [
      "--server-addr",
      hostname,
      "--server-port",
      port,
      clip("zh-weather"),
    ]);
    expect(output).toContain(spoken);
    if (name.startsWith("online")) expect(output.match(/is_final\W+[Ff]alse/gu)!.length).toBeGreaterThan(3);
  });
});

const lacksOpenai = pythonLacks("openai", "websockets");
it.skipIf(lacksOpenai !== undefined)("openai for Python, in realtime", async () => {
  const { url, ready } = await testServer({ apiKey: ["a-key"] });
  await ready;
  const program = `
import base64, json, os, wave, openai
client = openai.OpenAI(base_url=os.environ["URL"] + "/v1", api_key="a-key")
with wave.open(os.environ["CLIP"]) as file:
    pcm = file.readframes(file.getnframes()) + bytes(32000)
types, text = [], ""
with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
    connection.session.update(session={"type": "transcription", "audio": {"input": {
        "format": {"type": "audio/pcm", "rate": 16000},
        "transcription": {"model": "whisper-1", "language": "zh"},
        "turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}})
    for at in range(0, len(pcm), 3200):
        connection.input_audio_buffer.append(audio=base64.b64encode(pcm[at:at + 3200]).decode())
    for event in connection:
        types.append(event.type)
        if event.type.endswith("transcription.delta"):
            text += event.delta
        if event.type.endswith("transcription.completed"):
            break
print(json.dumps({"transcript": event.transcript, "deltas": text, "first": types[:2]}))`;
  const output = await runPython(program, { URL: url, CLIP: clip("zh-weather") });
  expect(JSON.parse(output)).toEqual({
    transcript: spoken,
    deltas: spoken,
    first: ["session.created", "session.updated"],
  });
});

/** npm's library, which needs Node 22 for WebSockets of its own; undefined where there is none. */
function fetchOpenai(): string | undefined {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 22) return void lacking("openai 7 for Node needs Node 22");
  if (certificateLacks() !== undefined) return undefined; // it asks for wss alone
  try {
    const argv = [
      "install",
      "--prefix",
      folder,
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "openai@7",
      "ws@8",
    ];
    execFileSync("npm", argv, { stdio: "ignore", timeout: 50_000 });
    return folder;
  } catch {
    return void lacking("openai for Node cannot be fetched with npm");
  }
}

const openai = fetchOpenai();
it.skipIf(openai === undefined)("openai for Node, in realtime over wss", async () => {
  const certificate = await makeCertificate();
  const { url, ready } = await testServer({ ...certificate, apiKey: ["a-key"] });
  await ready;
  const program = join(folder, "realtime.mjs");
  await writeFile(
    program,
    `import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
const client = new OpenAI({ baseURL: process.env.URL + "/v1", apiKey: "a-key" });
const realtime = new OpenAIRealtimeWS({ intent: "transcription", model: undefined, options: { ca: readFileSync(process.env.CA) } }, client);
let deltas = "";
realtime.on("error", (error) => { console.error(error); process.exit(1); });
realtime.on("conversation.item.input_audio_transcription.delta", ({ delta }) => (deltas += delta));
realtime.on("conversation.item.input_audio_transcription.completed", ({ transcript }) => {
  console.log(JSON.stringify({ transcript, deltas }));
  realtime.close();
});
realtime.socket.on("open", () => {
  const input = { format: { type: "audio/pcm", rate: 16000 }, transcription: { model: "whisper-1" } };
  realtime.send({ type: "session.update", session: { type: "transcription", audio: { input } } });
  const pcm = Buffer.concat([readFileSync(process.env.CLIP).subarray(44), Buffer.alloc(32000)]);
  for (let at = 0; at < pcm.length; at += 3200)
    realtime.send({ type: "input_audio_buffer.append", audio: pcm.subarray(at, at + 3200).toString("base64") });
});
`,
  );
  const env = { ...process.env, URL: url, CA: certificate.tlsCert, CLIP: clip("zh-weather") };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env, timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual({ transcript: spoken, deltas: spoken });
});
