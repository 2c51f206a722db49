/** Flags that no other test of the command line needs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { stallingServer } from "../helpers/fakes/stalling-server.ts";

const checkpoint = fixture("tiny/fun-asr-nano");
const model = join(checkpoint, "fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

describe.each(["transcribe", "align", "ctc"])("%s", (command) => {
  const rest = [
    "-f",
    clip,
    ...(command === "align" ? ["--text", clip.replace("audio/tiny.wav", "README.md")] : []),
  ];
  it.each([
    ["a whole model and a part", ["-m", model, "--audio", "encoder.onnx"], /either -m or --audio/u],
    ["the CTC branch alone", ["--ctc", "ctc.onnx"], /--audio with them/u],
    ["tokens alone", ["--tokens", "tokens.txt"], /--audio with them/u],
  ])("refuses %s", async (_, argv, note) => {
    const run = await cli(command, ...rest, ...argv);
    expect(run.exitCode).toBe(2);
    expect(run.notes.join()).toMatch(note);
  });
});

it("reads am.mvn at an address", async () => {
  const file = fixture("tiny/paraformer/am.mvn");
  const server = await stallingServer(new Map([["am.mvn", new Uint8Array(await readFile(file))]]));
  const argv = ["-m", fixture("tiny/paraformer/paraformer-bf16.gguf"), clip, "--am-mvn"];
  const { results, ...given } = await cli(...argv, server.address("am.mvn"));
  expect(given).toMatchObject({ exitCode: 0, notes: [] });
  expect(results).toEqual((await cli(...argv, file)).results);
});

it("passes the settings of the backend tensorflow", async () => {
  const how = ["--arithmetic", "bfloat16", "--decoding", "eager", "--expanded"];
  const run = await cli("-m", model, "-f", clip, "--dry-run", ...how);
  expect(JSON.parse(run.results.join("\n"))).toMatchObject({
    tensorflow: { arithmetic: "bfloat16", decoding: "eager" },
  });
});

describe("converting", () => {
  it("sets name, license and layout of the file", async () => {
    const folder = await temporaryFolder();
    const [own, small] = [join(folder, "own.gguf"), join(folder, "small.gguf")];
    const named = ["--name", "Tiny", "--license", "MIT", "--layout", "fun-asr", "--threads", "1"];
    expect((await cli("convert", checkpoint, "-o", own, ...named)).exitCode).toBe(0);
    expect((await cli("quantize", own, small, "-t", "q8_0", "--threads", "2")).exitCode).toBe(0);
    for (const file of [own, small]) {
      await using opened = await openCheckpoint(file);
      expect(opened.metadata.get("general.name")).toBe("Tiny");
      expect(opened.metadata.get("general.license")).toBe("MIT");
    }
  });

  it("lists tensors on request", async () => {
    const [short, full] = [await cli("inspect", model), await cli("inspect", model, "--tensors")];
    expect(full.results.join("\n").split("\n").length).toBeGreaterThan(
      short.results.join("\n").split("\n").length + 100,
    );
  });
});

it("checks a GPU with at least two tokens", async () => {
  const run = await cli("doctor", "--gpu", "--tokens", "1");
  expect(run).toMatchObject({ exitCode: 2, results: [] });
});

describe("activations", () => {
  const few = ["-m", model, "-n", "2"];

  it("are saved in the given format, whatever the name of the file", async () => {
    const archive = join(await temporaryFolder(), "stages.bin");
    const stages = ["--stages", "lfr,audio_adaptor", "--format", "npz"];
    expect((await cli("dump", clip, ...few, ...stages, "-o", archive)).exitCode).toBe(0);
    expect((await readFile(archive)).subarray(0, 2).toString()).toBe("PK");
  });

  it("differ if the least cosine is above 1", async () => {
    const archive = join(await temporaryFolder(), "stages.safetensors");
    expect((await cli("dump", clip, ...few, "--stages", "audio_adaptor", "-o", archive)).exitCode).toBe(0);
    expect((await cli("diff", archive, clip, ...few, "--fail-below", "0.99")).exitCode).toBe(0);
    expect((await cli("diff", archive, clip, ...few, "--fail-below", "1.5")).exitCode).toBe(5);
  });

  it("are changed in some columns only", async () => {
    const some = ["--at", "audio_adaptor", "--columns", "0-3"];
    expect((await cli("patch", clip, ...few, ...some, "--from", clip)).exitCode).toBe(0);
    expect((await cli("ablate", clip, ...few, ...some, "--to", "mean")).exitCode).toBe(0);
  });

  it("are read with the given number of labels per row", async () => {
    const run = await cli("lens", clip, ...few, "--of", "ctc", "--top", "3", "--json");
    expect(run.exitCode, run.notes.join()).toBe(0);
    expect(() => JSON.parse(run.results.join("\n")) as unknown).not.toThrow();
  });
});
