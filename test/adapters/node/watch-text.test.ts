/** Hotword lists that are read again when their file changes. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Hotwords } from "../../../src/index.ts";
import type { FunAsrError } from "../../../src/index.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const text = "杜工静静";

async function watched(): Promise<{
  path: string;
  hotwords: Hotwords;
  errors: string[];
  reloads: () => number;
}> {
  const path = join(await temporaryFolder(), "hot.txt");
  await writeFile(path, "督工 # he\n");
  const hotwords = new Hotwords();
  const errors: string[] = [];
  let count = 0;
  const watch = await hotwords.watch(path, {
    interval: 5,
    onReload: () => count++,
    onError: ({ code }: FunAsrError) => errors.push(code),
  });
  onTestFinished(() => watch[Symbol.dispose]());
  return { path, hotwords, errors, reloads: () => count };
}

describe("a watched list", () => {
  it("is read at once and again after a change", async () => {
    const { path, hotwords, reloads } = await watched();
    expect(hotwords.match(text)).toEqual(["督工"]);
    await writeFile(path, "静静\n# 督工\n");
    await vi.waitFor(() => expect(hotwords.match(text)).toEqual(["静静"]));
    expect(reloads()).toBe(1);
  });

  it("is read again when another file takes its place", async () => {
    const { path, hotwords } = await watched();
    await writeFile(`${path}.new`, "静静\n");
    await rename(`${path}.new`, path);
    await vi.waitFor(() => expect(hotwords.match(text)).toEqual(["静静"]));
  });

  it.each([
    [
      "is no text",
      "file_unreadable",
      (path: string) => writeFile(path, Uint8Array.of(0xff, 0xfe, 0x41, 0xd8)),
    ],
    ["is gone", "file_not_found", (path: string) => rm(path)],
    [
      "became a folder",
      "file_unreadable",
      async (path: string) => {
        await rm(path);
        await mkdir(path);
      },
    ],
  ])("keeps its words when the file %s, reports that once, and keeps watching", async (_, code, damage) => {
    const { path, hotwords, errors } = await watched();
    await damage(path);
    await vi.waitFor(() => expect(errors).toContain(code));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(errors.filter((error) => error === code)).toHaveLength(1);
    expect(hotwords.match(text)).toEqual(["督工"]);
    await rm(path, { recursive: true, force: true });
    await writeFile(path, "静静\n");
    await vi.waitFor(() => expect(hotwords.match(text)).toEqual(["静静"]));
  });

  it("must exist at first", async () => {
    await expect(new Hotwords().watch("/nowhere/hot.txt")).rejects.toMatchObject({ code: "file_not_found" });
  });

  it("stops when it is disposed of", async () => {
    const path = join(await temporaryFolder(), "hot.txt");
    await writeFile(path, "督工\n");
    const hotwords = new Hotwords();
    (await hotwords.watch(path, { interval: 5 }))[Symbol.dispose]();
    await writeFile(path, "静静\n静静静静\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(hotwords.match(text)).toEqual(["督工"]);
  });
});
