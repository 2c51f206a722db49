/**
 * What can go wrong between a hub and this machine: each fault ends in the right file or in one error with code and remedy, and
 * nothing but verified bytes is ever installed.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FunAsrError } from "../../src/errors.ts";
import { pull } from "../../src/pull/index.ts";
import type { Fault, FaultRule } from "../helpers/fakes/hub/hub.ts";
import { distinctBytes, modelsHome } from "../helpers/environment/models-home.ts";
import type { Home } from "../helpers/environment/models-home.ts";

const size = 3_000_000;
const bytes = distinctBytes(size);
const other = bytes.map((byte) => byte ^ 1);
const name = "hf:maker/model/model.gguf";
const repositories = { "hf:maker/model": { files: { "model.gguf": bytes, "README.md": "text" } } };

const digest = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
const right = digest(bytes);

/** The digest of the installed model's bytes. */
async function installed(): Promise<string> {
  const { files } = await pull(name);
  const home = process.env["FUN_ASR_HOME"]!;
  expect(files.length).toBe(1);
  return digest(await readFile(join(home, "blobs", `sha256-${files[0]!.sha256}`)));
}

/** The names that files of the store have, without unfinished ones. */
async function blobs({ folder }: Home): Promise<string[]> {
  const names = await readdir(join(folder, "fun-asr/blobs")).catch(() => []);
  return names.filter((one) => !one.endsWith(".part"));
}

describe("a pull gets the right file", () => {
  const passing: readonly (readonly [string, readonly FaultRule[]])[] = [
    ["without a fault", []],
    ["when the connection breaks twice", rules({ kind: "cut", after: 1_000_000 }, 2)],
    ["when the connection breaks before an answer", rules({ kind: "reset" }, 2)],
    [
      "when the hub is too busy, 429 with a pause",
      rules({ kind: "status", status: 429, retryAfter: "0" }, 2),
    ],
    ["when storage answers 503", rules({ kind: "status", status: 503 }, 3)],
    [
      "when storage answers 500, then breaks",
      [...rules({ kind: "status", status: 500 }, 1), ...rules({ kind: "cut", after: 5 }, 1)],
    ],
    ["when the hub answers 408", [{ at: "file", times: 1, fault: { kind: "status", status: 408 } }]],
    ["when a signed address has expired", rules({ kind: "status", status: 403 }, 1)],
    [
      "when a range is answered with the whole file",
      [...rules({ kind: "cut", after: 2_000_000 }, 1), ...rules({ kind: "no range" }, 1)],
    ],
    [
      "when a range is refused, 416",
      [...rules({ kind: "cut", after: 2_000_000 }, 1), ...rules({ kind: "status", status: 416 }, 1)],
    ],
    [
      "when another range comes than was asked for",
      [...rules({ kind: "cut", after: 2_000_000 }, 1), ...rules({ kind: "other range", from: 7 }, 1)],
    ],
    ["when the body is compressed", rules({ kind: "gzip" }, 9)],
    [
      "when the rest is compressed",
      [...rules({ kind: "cut", after: 2_000_000 }, 1), ...rules({ kind: "gzip" }, 9)],
    ],
  ];
  it.each(passing)("%s", async (_, faults) => {
    const { hub } = await modelsHome(repositories);
    for (const fault of faults) hub.fault(fault);
    expect(await installed()).toBe(right);
  });

  it("when storage is slow: patience is for silence, not for a whole request", async () => {
    const { hub } = await modelsHome(repositories, { patience: 1000 });
    for (const fault of rules({ kind: "slow", rate: 1_500_000 }, 9)) hub.fault(fault);
    expect(await installed()).toBe(right);
    expect(hub.requests.filter(({ server }) => server === "storage").length).toBe(1);
  });

  it("when the server is silent for a while, by another request", async () => {
    const { hub } = await modelsHome(repositories, { patience: 300 });
    for (const fault of rules({ kind: "stall", after: 1_500_000 }, 1)) hub.fault(fault);
    expect(await installed()).toBe(right);
    // the bytes before the silence were not sent again
    expect(hub.sent()).toBeLessThan(size + 2 ** 20);
  });

  it("after a process that left wrong bytes, by a second download of all of it", async () => {
    const home = await modelsHome(repositories);
    const { openFolderStore } = await import("../../src/adapters/node/store/folder-store.ts");
    const key = `sha256-${right}`;
    {
      await using partial = await openFolderStore().openPartial(key);
      await partial.append(other.subarray(0, 1_000_000));
    }
    expect(await installed()).toBe(right);
    expect(await blobs(home)).toEqual([key]);
  });
});

describe("a pull fails with one error, and installs nothing,", () => {
  const failing: readonly (readonly [string, string, readonly FaultRule[]])[] = [
    ["when a byte differs", "download_mismatch", rules({ kind: "corrupt", at: 1234 }, 9)],
    ["when the body is shorter and says so", "download_mismatch", rules({ kind: "short", bytes: 1000 }, 9)],
    ["when the body does not end", "download_mismatch", rules({ kind: "endless" }, 9)],
    [
      "when a page of a network comes in the place of the bytes",
      "download_mismatch",
      rules({ kind: "page" }, 9),
    ],
    [
      "when a page of a network comes in the place of the hub",
      "download_failed",
      [{ at: "file", fault: { kind: "page" } }],
    ],
    ["when the hub always breaks", "download_failed", rules({ kind: "reset" }, 99)],
    ["when storage always answers 503", "download_failed", rules({ kind: "status", status: 503 }, 99)],
    [
      "when it should wait for an hour",
      "download_failed",
      rules({ kind: "status", status: 429, retryAfter: "3600" }, 99),
    ],
    ["when the server stays silent", "download_failed", rules({ kind: "stall", after: 1000 }, 99)],
    [
      "when the file is not there, 404",
      "file_not_found",
      [{ at: "file", fault: { kind: "status", status: 404, code: "EntryNotFound" } }],
    ],
    [
      "when a token is needed, 401",
      "access_denied",
      [{ at: "file", fault: { kind: "status", status: 401 } }],
    ],
    [
      "when conditions must be accepted, 403",
      "access_denied",
      [{ at: "file", fault: { kind: "status", status: 403, code: "GatedRepo" } }],
    ],
  ];
  it.each(failing)("%s: %s", async (_, code, faults) => {
    const silent = faults.some(({ fault }) => fault.kind === "stall");
    const home = await modelsHome(repositories, silent ? { patience: 200 } : {});
    for (const fault of faults) home.hub.fault(fault);
    const error = await pull(name).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code });
    expect((error as FunAsrError).remedy, (error as FunAsrError).message).toMatch(/\w{3}/u);
    expect(await blobs(home)).toEqual([]);
    expect(await readdir(join(home.folder, "fun-asr/models")).catch(() => [])).toEqual([]);
    // the next pull, without the fault, is not harmed by what is left
    home.hub.heal();
    expect(await installed()).toBe(right);
  });
});

it("takes one revision, although the branch changes while it is downloaded", async () => {
  const { hub } = await modelsHome(repositories);
  hub.fault({ at: "storage", times: 1, fault: { kind: "cut", after: 1_000_000 } });
  let pushed = false;
  const { files } = await pull(name, {
    onProgress({ done }) {
      if (done === 0 || pushed) return;
      pushed = true;
      hub.push("hf:maker/model", { "model.gguf": other });
    },
  });
  expect(pushed).toBe(true);
  const path = join(process.env["FUN_ASR_HOME"]!, "blobs", `sha256-${files[0]!.sha256}`);
  expect(digest(await readFile(path))).toBe(right);
});

it("stops when it is aborted, keeps what it has, and continues from there", async () => {
  const { hub } = await modelsHome(repositories);
  const stop = new AbortController();
  hub.fault({ at: "storage", times: 1, fault: { kind: "slow", rate: 2_000_000 } });
  const onProgress = ({ done }: { readonly done: number }): void => {
    if (done > 1_000_000) stop.abort();
  };
  await expect(pull(name, { signal: stop.signal, onProgress })).rejects.toMatchObject({ name: "AbortError" });
  expect(await installed()).toBe(right);
  expect(hub.sent()).toBeLessThan(size + 2 ** 20);
});

/** What meets the bytes, on the server that has them. */
function rules(fault: Fault, times: number): FaultRule[] {
  return [{ at: "storage", times, fault }];
}
