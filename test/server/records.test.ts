/** Recordings that a server keeps with their results, and folders that do not take them. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FunAsrError } from "../../src/errors.ts";
import { serve } from "../../src/server/serve.ts";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { clip, demoPath, formOf, testApp } from "../helpers/server/app.ts";

const spoken = "天气预报说今天会有大雨。";
const path = "/v1/audio/transcriptions";
const stamp = String.raw`\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[0-9a-f]{8}`;

/** A server that keeps what it recognizes in a folder, and the codes of the errors that it reports. */
function keeping(record: string) {
  const errors: FunAsrError[] = [];
  const { app } = testApp({ record, onError: (error) => errors.push(error as FunAsrError) });
  const post = (body: FormData, to = path): Response | Promise<Response> =>
    app.request(to, { method: "POST", body });
  const counted = async (): Promise<Record<string, number>> => {
    const text = await (await app.request("/metrics")).text();
    const lines = text.matchAll(/^fun_asr_records_total\{result="(\w+)"\} (\d+)$/gmu);
    return Object.fromEntries([...lines].map(([, result, count]) => [result!, Number(count)]));
  };
  return { errors, post, counted };
}

describe("a recording", () => {
  it("is kept byte for byte, with its result as the command line writes it", async () => {
    const folder = await temporaryFolder();
    const { errors, post, counted } = keeping(folder);
    expect((await post(formOf(clip("zh-weather")))).status).toBe(200);
    const [audio = "", json = ""] = (await readdir(folder)).toSorted((a) => (a.endsWith(".json") ? 1 : -1));
    expect(audio).toMatch(new RegExp(`^${stamp}\\.wav$`, "u"));
    expect(json).toBe(audio.replace(".wav", ".json"));
    expect(await readFile(join(folder, audio))).toEqual(await readFile(clip("zh-weather")));
    const result = JSON.parse(await readFile(join(folder, json), "utf8")) as object;
    expect(schemaErrors(result)).toBeNull();
    expect(result).toMatchObject({ file: audio, text: spoken, model: { architecture: "fun-asr-nano" } });
    for (const name of [audio, json]) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(errors).toEqual([]);
    expect(await counted()).toEqual({ kept: 1, failed: 0 });
  });

  it("has a name that nothing of the client's is in", async () => {
    const folder = join(await temporaryFolder(), "inner");
    await mkdir(folder);
    const { post } = keeping(folder);
    const bytes = new Blob([await readFile(clip("zh-weather"))]);
    for (const name of ["../../up.wav", "/etc/passwd", ".json", "a\\..\\b", "x".repeat(300)]) {
      const form = new FormData();
      form.append("file", bytes, name);
      expect((await post(form, "/inference")).status).toBe(200);
    }
    const names = await readdir(folder);
    expect(names).toHaveLength(10);
    for (const name of names) expect(name).toMatch(new RegExp(`^${stamp}\\.(?:wav|json)$`, "u"));
    expect(await readdir(join(folder, ".."))).toEqual(["inner"]);
  });

  it("that cannot be recognized is kept with the error", async () => {
    const folder = await temporaryFolder();
    const form = new FormData();
    form.append("model", "demo");
    form.append("file", new Blob(["no audio at all, but a text"]), "a.wav");
    expect((await keeping(folder).post(form)).status).toBe(415);
    const json = (await readdir(folder)).find((name) => name.endsWith(".json"))!;
    const { file, error } = JSON.parse(await readFile(join(folder, json), "utf8")) as {
      readonly file: string;
      readonly error: { readonly code: string; readonly message: string };
    };
    expect(file).toBe(json.replace(".json", ".audio"));
    expect(error.code).toBe("not_audio");
    expect(error.message).toMatch(/^file: /u);
    expect(await readFile(join(folder, file), "utf8")).toBe("no audio at all, but a text");
  });

  it("that is refused before it is recognized is not kept", async () => {
    const folder = await temporaryFolder();
    const { post, counted } = keeping(folder);
    expect((await post(formOf(clip("zh-weather"), { model: "none" }))).status).toBe(404);
    expect((await post(formOf(clip("zh-weather"), {}))).status).toBe(400);
    expect(await readdir(folder)).toEqual([]);
    expect(await counted()).toEqual({ kept: 0, failed: 0 });
  });
});

/** A disk of so many bytes; undefined where nothing can be mounted, which is said. */
async function smallDisk(bytes: number): Promise<string | undefined> {
  const folder = await temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`skipped: nothing can be mounted here: ${String(error)}\n`);
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [folder]));
  return folder;
}

describe("a request is answered, and the failure reported,", () => {
  const expectFailure = async (folder: string, message: string): Promise<void> => {
    const { errors, post, counted } = keeping(folder);
    const response = await post(formOf(clip("zh-weather")));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ text: spoken });
    expect(errors.map(({ code }) => code)).toEqual(["file_unwritable"]);
    expect(errors[0]!.message).toContain(message);
    expect(await counted()).toEqual({ kept: 0, failed: 1 });
  };

  it("where the folder is gone", async () => {
    const folder = join(await temporaryFolder(), "gone");
    await expectFailure(folder, "there is no such folder");
  });

  it("where a file is in its place", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    await expectFailure(file, "a file is in the place of its folder");
  });

  it("where the disk is full before the recording, or before its result: nothing is left", async ({
    skip,
  }) => {
    const pages = Math.ceil((await stat(clip("zh-weather"))).size / 4096);
    for (const size of [4096, pages * 4096]) {
      const folder = await smallDisk(size);
      if (folder === undefined) return skip("nothing can be mounted here");
      await expectFailure(folder, "the disk is full");
      expect(await readdir(folder)).toEqual([]);
    }
  });
});

describe("the folder of a server that starts", () => {
  const start = (record: string) => serve(demoPath, { port: 0, record });

  it("is created where there is none", async () => {
    const folder = join(await temporaryFolder(), "a", "b");
    await using _ = await start(folder);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it("must take files", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    await expect(start(file)).rejects.toMatchObject({ code: "file_unwritable" });
    await expect(start(join(file, "inner"))).rejects.toMatchObject({ code: "file_unwritable" });
  });

  it("must be on a disk that can be written to", async ({ skip }) => {
    const folder = await smallDisk(65_536);
    if (folder === undefined) return skip("nothing can be mounted here");
    execFileSync("mount", ["-o", "remount,ro", folder]);
    await expect(start(folder)).rejects.toMatchObject({ code: "file_unwritable" });
  });
});
