/**
 * The stand-in against the hubs' own Python clients: huggingface_hub and modelscope download from it as from the real hubs,
 * and complain of the same things.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pythonLacks, runPython } from "../../environment/python.ts";
import { temporaryFolder } from "../../environment/temporary.ts";
import { startHub } from "./hub.ts";
import type { FakeHub } from "./hub.ts";

const weights = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const files = {
  "model.gguf": weights,
  "config.json": '{"a": 1}\n',
  "sub/deep/名 字.txt": "x",
  ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`many/${i}.json`, `${i}`])),
};

let hub: FakeHub;
beforeEach(async () => {
  hub = await startHub({
    repositories: {
      "owner/name": { files },
      "owner/secret": { files, token: "hf_token" },
      "hf:owner/gated": { files, gated: true },
    },
  });
});
afterEach(() => hub[Symbol.asyncDispose]());

const commit = async (): Promise<string> => {
  const { headers } = await fetch(`${hub.huggingface}/owner/name/resolve/main/config.json`, {
    method: "HEAD",
  });
  hub.forget();
  return headers.get("x-repo-commit") ?? "";
};

/** Compares a folder with the repository's files. */
async function expectFiles(folder: string): Promise<void> {
  for (const [path, content] of Object.entries(files))
    expect((await readFile(join(folder, path))).equals(Buffer.from(content as string)), path).toBe(true);
}

const lacksHub = pythonLacks("huggingface_hub");
describe("huggingface_hub", () => {
  beforeEach(({ skip }) => skip(lacksHub !== undefined, lacksHub));
  const python = async (program: string, env: Record<string, string> = {}): Promise<string> => {
    const home = env["HF_HOME"] ?? (await temporaryFolder());
    const output = await runPython(
      `import huggingface_hub as hf, json\nfrom huggingface_hub.errors import *\n${program}`,
      { HF_HOME: home, HF_ENDPOINT: hub.huggingface, ...env },
    );
    return output.trim();
  };

  test("downloads a snapshot", async () => {
    const id = await commit();
    const folder = await python("print(hf.snapshot_download('owner/name'))");
    expect(folder.endsWith(`models--owner--name/snapshots/${id}`)).toBe(true);
    await expectFiles(folder);
  });

  test("downloads one file, once, from the storage, without the token", async () => {
    const program = "print(hf.hf_hub_download('owner/secret', 'model.gguf'))";
    const path = await python(program, { HF_TOKEN: "hf_token" });
    expect((await readFile(path)).equals(weights)).toBe(true);
    const stored = hub.requests.filter(({ server }) => server === "storage");
    expect(stored.map(({ sent }) => sent)).toEqual([weights.length]);
    expect(stored[0]?.headers.authorization).toBeUndefined();
    expect(hub.requests.some(({ headers }) => headers.authorization === "Bearer hf_token")).toBe(true);
  });

  test("names the blobs by what the stand-in says they are", async () => {
    const home = await temporaryFolder();
    await python("hf.snapshot_download('owner/name', allow_patterns=['model.gguf', 'config.json'])", {
      HF_HOME: home,
    });
    const sha256 = createHash("sha256").update(weights).digest("hex");
    const blobs = join(home, "hub/models--owner--name/blobs");
    expect((await readFile(join(blobs, sha256))).equals(weights)).toBe(true);
    const small = await readFile(join(blobs, "cb5b2f69babc53f9145b45ad20b9a075d48717ef"), "utf8");
    expect(small).toBe('{"a": 1}\n');
  });

  test("resumes a file whose connection was cut", async () => {
    // the client reads pieces of 10 MB
    const large = new Uint8Array(24 * 2 ** 20).fill(7);
    hub.push("owner/name", { "model.gguf": large });
    hub.fault({ at: "storage", times: 1, fault: { kind: "cut", after: 15_000_000 } });
    const path = await python("print(hf.hf_hub_download('owner/name', 'model.gguf'))");
    expect((await readFile(path)).equals(large)).toBe(true);
    const ranges = hub.requests
      .filter(({ server }) => server === "storage")
      .map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/u)]);
  });

  test("reads the API's lists", async () => {
    const program = `
api = hf.HfApi()
info = api.model_info('owner/name', files_metadata=True)
tree = list(api.list_repo_tree('owner/name', recursive=True))
print(json.dumps([info.sha, {s.rfilename: [s.size, s.blob_id, s.lfs and s.lfs.sha256] for s in info.siblings},
  sorted(f.path for f in tree if isinstance(f, hf.hf_api.RepoFile))]))`;
    const [sha, siblings, tree] = JSON.parse(await python(program)) as [
      string,
      Record<string, unknown[]>,
      string[],
    ];
    expect(sha).toBe(await commit());
    expect(siblings["model.gguf"]?.[2]).toBe(createHash("sha256").update(weights).digest("hex"));
    expect(siblings["config.json"]).toEqual([9, "cb5b2f69babc53f9145b45ad20b9a075d48717ef", null]);
    expect(tree).toEqual(Object.keys(files).toSorted());
  });

  test.each([
    ["owner/none", "config.json", "main", "RepositoryNotFoundError"],
    ["owner/name", "none.json", "main", "RemoteEntryNotFoundError"],
    ["owner/name", "config.json", "v9", "RevisionNotFoundError"],
    ["owner/gated", "config.json", "main", "GatedRepoError"],
  ])("of %s %s at %s it says %s", async (id, file, revision, error) => {
    const program = `
try: hf.hf_hub_download('${id}', '${file}', revision='${revision}')
except Exception as error: print(type(error).__name__)`;
    expect(await python(program)).toBe(error);
  });

  test("downloads by plain HTTP where Xet is announced and switched off", async () => {
    await using other = await startHub({ repositories: { "owner/name": { files } }, xet: true });
    const env = { HF_ENDPOINT: other.huggingface, HF_HUB_DISABLE_XET: "1" };
    const path = await python("print(hf.hf_hub_download('owner/name', 'model.gguf'))", env);
    expect((await readFile(path)).equals(weights)).toBe(true);
  });
});

const lacksScope = pythonLacks("modelscope_hub", "modelscope");
describe("modelscope", () => {
  beforeEach(({ skip }) => skip(lacksScope !== undefined, lacksScope));
  const python = async (program: string, env: Record<string, string> = {}): Promise<string> => {
    const cache = await temporaryFolder();
    const output = await runPython(
      `from modelscope_hub import HubApi\nfrom modelscope.hub.file_download import model_file_download\nfrom modelscope.hub.snapshot_download import snapshot_download\n${program}`,
      { HOME: cache, MODELSCOPE_CACHE: cache, MODELSCOPE_ENDPOINT: hub.modelscope, ...env },
    );
    return output.trim().split("\n").at(-1) ?? "";
  };

  test("downloads a snapshot", async () => {
    const folder = await python("print(snapshot_download('owner/name'))");
    expect(folder.endsWith("models/owner--name/snapshots/master")).toBe(true);
    await expectFiles(folder);
  });

  test("downloads one file from the storage", async () => {
    const path = await python("print(model_file_download('owner/name', 'model.gguf'))");
    expect((await readFile(path)).equals(weights)).toBe(true);
    expect(hub.requests.filter(({ server, sent }) => server === "storage" && sent > 0)).not.toHaveLength(0);
  });

  test("sees what a token opens, and nothing without it", async () => {
    const program = (token: string): string =>
      `
try: print(len(HubApi(token=${token}, endpoint='${hub.modelscope}').list_repo_files('owner/secret', 'model', recursive=True)))
except Exception as error: print(type(error).__name__)`;
    expect(Number(await python(program("'hf_token'")))).toBeGreaterThan(60);
    expect(await python(program("None"))).toBe("NotExistError");
  });

  test("notices bytes that are not those of the list, and takes them when they are right", async () => {
    hub.fault({ at: "storage", path: "model.gguf", times: 1, fault: { kind: "corrupt", at: 2_000_000 } });
    const folder = await python("print(snapshot_download('owner/name', allow_patterns=['model.gguf']))");
    expect((await readFile(join(folder, "model.gguf"))).equals(weights)).toBe(true);
    expect(
      hub.requests.filter(({ server, method }) => server === "storage" && method === "GET").length,
    ).toBeGreaterThan(1);
  });
});
