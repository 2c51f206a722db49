/**
 * ModelScope's configuration.json, whose `file_path_metas` names the files of a folder for FunASR, which takes those that are
 * there. Readers know them by their usual names: a folder that names others would give another model.
 */
import type { Companions } from "./companions.ts";
import { malformed } from "../../src/checkpoints/malformed.ts";
import { readConfigJson } from "./config.ts";

const name = "configuration.json";

/** What readers take, by the paths below `file_path_metas`. */
const taken: Readonly<Record<string, readonly string[]>> = {
  config: ["config.yaml"],
  "frontend_conf.cmvn_file": ["am.mvn"],
  "tokenizer_conf.token_list": ["tokens.json", "tokens.txt"],
  "tokenizer_conf.bpemodel": ["chn_jpn_yue_eng_ko_spectok.bpe.model"],
};

/** `weights` is the file that was found; absent where the caller named one. Throws `checkpoint_malformed`. */
export async function checkConfigurationJson(folder: Companions, weights?: string): Promise<void> {
  if (!(await folder.has(name))) return;
  const config = await readConfigJson(folder, name);
  const known = { ...taken, ...(weights === undefined ? {} : { init_param: [weights] }) };
  for (const [path, names] of Object.entries(known)) {
    const key = `file_path_metas.${path}`;
    const file = config.value(key) === undefined ? undefined : config.text(key).replace(/^\.\//u, "");
    if (file === undefined || names.includes(file) || !(await folder.has(file))) continue;
    throw malformed(
      `${folder.where(name)}, ${key}`,
      `the file ${file}`,
      `${names.join(" or ")}, which is read`,
    );
  }
}
