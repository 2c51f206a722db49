/** Real clients, unchanged: OpenAI's libraries for Node and Python, and curl. */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { serve } from "../../src/server/serve.ts";
import type { RunningServer } from "../../src/server/serve-at.ts";
import { pythonLacks, runPython } from "../helpers/environment/python.ts";
import { clip, demoPath } from "../helpers/server/app.ts";

const key = "a-key";
const spoken = "天气预报说今天会有大雨。";
let server: RunningServer;
beforeAll(async () => {
  server = await serve(demoPath, { port: 0, name: "demo", backend: "wasm", apiKey: [key] });
});
afterAll(() => server[Symbol.asyncDispose]());

/** What the tests of both of OpenAI's libraries print. */
const expected = {
  json: spoken,
  text: `${spoken}\n`,
  words: Array.from("天气预报说今天会有大").concat("雨。"),
  delta: spoken,
  done: spoken,
  logprobs: true,
  models: ["demo"],
  missing: ["NotFoundError", 404, "model_not_found"],
  denied: ["AuthenticationError", 401],
};

/** npm's library, of the version for this Node, in a folder of its own; undefined where it cannot be fetched. */
function fetchOpenai(): string | undefined {
  const version = Number(process.versions.node.split(".")[0]) < 22 ? "6" : "7";
  const folder = mkdtempSync(join(tmpdir(), "fun-asr-openai-"));
  try {
    const argv = [
      "install",
      "--prefix",
      folder,
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      `openai@${version}`,
    ];
    execFileSync("npm", argv, { stdio: "ignore", timeout: 50_000 });
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(`skipped: openai ${version} for Node cannot be fetched with npm\n`);
    return undefined;
  }
}

const openai = fetchOpenai();
afterAll(() => {
  if (openai !== undefined) rmSync(openai, { recursive: true, force: true });
});

it.skipIf(openai === undefined)("openai for Node", async () => {
  const program = join(openai!, "client.mjs");
  await writeFile(
    program,
    `import { createReadStream } from "node:fs";
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.env.URL + "/v1", apiKey: process.env.KEY });
const ask = (options) =>
  client.audio.transcriptions.create({ file: createReadStream(process.env.CLIP), model: "whisper-1", ...options });
const verbose = await ask({ response_format: "verbose_json", timestamp_granularities: ["word"] });
let delta = "", done;
for await (const event of await ask({ stream: true })) {
  if (event.type === "transcript.text.delta") delta += event.delta;
  if (event.type === "transcript.text.done") done = event.text;
}
const failure = async (work) => work.then(() => [], (error) => [error.constructor.name, error.status, error.code]);
const stranger = new OpenAI({ baseURL: process.env.URL + "/v1", apiKey: "another" });
console.log(JSON.stringify({
  json: (await ask()).text,
  text: await ask({ response_format: "text" }),
  words: verbose.words.map(({ word }) => word),
  delta,
  done,
  logprobs: (await ask({ include: ["logprobs"] })).logprobs.every(({ logprob }) => logprob <= 0),
  models: (await client.models.list()).data.map(({ id }) => id),
  missing: await failure(ask({ model: "none" })),
  denied: (await failure(stranger.models.list())).slice(0, 2),
}));
`,
  );
  const env = { ...process.env, URL: server.url, KEY: key, CLIP: clip("zh-weather") };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  expect(JSON.parse(stdout)).toEqual(expected);
});

const lacks = pythonLacks("openai");
it.skipIf(lacks !== undefined)("openai for Python", async () => {
  const program = `
import json, os, openai
client = openai.OpenAI(base_url=os.environ["URL"] + "/v1", api_key=os.environ["KEY"])
def ask(model="whisper-1", **options):
    with open(os.environ["CLIP"], "rb") as file:
        return client.audio.transcriptions.create(file=file, model=model, **options)
def failure(work):
    try:
        work()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code]
events = list(ask(stream=True))
stranger = openai.OpenAI(base_url=os.environ["URL"] + "/v1", api_key="another")
print(json.dumps({
    "json": ask().text,
    "text": ask(response_format="text"),
    "words": [word.word for word in ask(response_format="verbose_json", timestamp_granularities=["word"]).words],
    "delta": "".join(event.delta for event in events if event.type == "transcript.text.delta"),
    "done": events[-1].text,
    "logprobs": all(one.logprob <= 0 for one in ask(include=["logprobs"]).logprobs),
    "models": [model.id for model in client.models.list()],
    "missing": failure(lambda: ask(model="none")),
    "denied": failure(lambda: stranger.models.list())[:2],
}))`;
  const output = await runPython(program, { URL: server.url, KEY: key, CLIP: clip("zh-weather") });
  expect(JSON.parse(output)).toEqual(expected);
});

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) process.stderr.write("skipped: there is no curl here\n");
describe.skipIf(!hasCurl)("curl", () => {
  const curl = async (...argv: readonly string[]): Promise<string> =>
    (await promisify(execFile)("curl", ["-sS", "-H", `Authorization: Bearer ${key}`, ...argv])).stdout;

  it("sends a form as in OpenAI's documentation", async () => {
    const form = ["-F", `file=@${clip("zh-weather")}`, "-F", "model=whisper-1"];
    const reply = await curl(`${server.url}/v1/audio/transcriptions`, ...form);
    expect(JSON.parse(reply)).toMatchObject({ text: spoken });
  });

  it("sends a form as in whisper.cpp's documentation, in chunks too", async () => {
    const form = ["-F", `file=@${clip("zh-weather")}`, "-F", "temperature=0.0", "-F", "temperature_inc=0.2"];
    const reply = await curl(`${server.url}/inference`, ...form, "-F", "response_format=json");
    expect(JSON.parse(reply)).toEqual({ text: spoken });
    const chunked = await curl(`${server.url}/inference`, "-H", "Transfer-Encoding: chunked", ...form);
    expect(JSON.parse(chunked)).toEqual({ text: spoken });
  });
});
