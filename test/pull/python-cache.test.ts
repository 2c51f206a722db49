/**
 * Caches that we share with the hubs' own Python clients: huggingface_hub finds what we wrote with `cache: "hf"`, offline too,
 * and we use in place what either client has downloaded.
 */
import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { findInstalled } from "../../src/installed/find.ts";
import { pull } from "../../src/pull/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import type { Home } from "../helpers/environment/models-home.ts";
import { pythonLacks, runPython } from "../helpers/environment/python.ts";

const tiny = await readFile(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
const commit = "0123456789abcdef0123456789abcdef01234567";
const repositories = {
  "maker/model": { files: { "sub/tiny.gguf": tiny, "config.json": '{"a": 1}\n' }, commit },
};
const name = "hf:maker/model/sub/tiny.gguf";

const sent = ({ hub }: Home): number => hub.requests.reduce((sum, request) => sum + request.sent, 0);

const lacksHub = pythonLacks("huggingface_hub");
describe("huggingface_hub", () => {
  beforeEach(({ skip }) => skip(lacksHub !== undefined, lacksHub));

  test.each([
    ["a branch", name, "main"],
    ["a commit", `hf:maker/model@${commit}/sub/tiny.gguf`, commit],
  ])("finds offline what we wrote, by %s", async (_, reference, revision) => {
    const home = await modelsHome(repositories);
    await pull(reference, { cache: "hf" });
    const program = `
import huggingface_hub as hf
print(hf.hf_hub_download('maker/model', 'sub/tiny.gguf', revision='${revision}'))
print(hf.try_to_load_from_cache('maker/model', 'sub/tiny.gguf', revision='${revision}'))
scan = hf.scan_cache_dir()
assert not scan.warnings, scan.warnings
[repo] = scan.repos
[found] = repo.revisions
print(repo.repo_id, found.commit_hash, repo.size_on_disk, repo.nb_files)`;
    const output = await runPython(program, { ...home.env, HF_HUB_OFFLINE: "1" });
    const [downloaded, loaded, scanned] = output.trim().split("\n");
    expect(await readFile(downloaded!)).toEqual(tiny);
    expect(loaded).toBe(downloaded);
    expect(scanned).toBe(`maker/model ${commit} ${tiny.length} 1`);
  });

  test("downloads nothing that we wrote, and adds the rest beside it", async () => {
    const home = await modelsHome(repositories);
    await pull(name, { cache: "hf" });
    home.hub.forget();
    const program = "import huggingface_hub as hf\nprint(hf.snapshot_download('maker/model'))";
    const folder = (await runPython(program, home.env)).trim();
    expect(await readFile(join(folder, "sub/tiny.gguf"))).toEqual(tiny);
    expect(sent(home)).toBe(9); // config.json
    expect(home.hub.requests.some(({ server }) => server === "storage")).toBe(false);
  });

  test("what it has downloaded is used in place", async () => {
    const home = await modelsHome(repositories);
    const program = "import huggingface_hub as hf\nprint(hf.hf_hub_download('maker/model', 'sub/tiny.gguf'))";
    const path = (await runPython(program, home.env)).trim();
    home.hub.forget();
    const { files } = await pull(name);
    expect(await realpath(files[0]!.cachedAt!)).toBe(await realpath(path));
    expect(sent(home)).toBe(0);
    const { paths = [] } = (await findInstalled(name)) ?? {};
    expect(await Promise.all(paths.map((found) => realpath(found)))).toEqual([await realpath(path)]);
  });
});

const lacksScope = pythonLacks("modelscope_hub", "modelscope");
describe("modelscope", () => {
  beforeEach(({ skip }) => skip(lacksScope !== undefined, lacksScope));

  test("what it has downloaded is used in place", async () => {
    const home = await modelsHome(repositories);
    const program = `
from modelscope.hub.file_download import model_file_download
print(model_file_download('maker/model', 'sub/tiny.gguf'))`;
    const output = await runPython(program, { ...home.env, HOME: home.folder });
    const path = output.trim().split("\n").at(-1)!;
    home.hub.forget();
    const { files } = await pull("ms:maker/model/sub/tiny.gguf");
    expect(await realpath(files[0]!.cachedAt!)).toBe(await realpath(path));
    expect(sent(home)).toBe(0);
  });
});
