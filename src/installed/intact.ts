/** Whether the files of an installed model are still the ones that were verified. */
import type { InstalledFile, InstalledModel, Store } from "../platform/store.ts";
import { verify } from "../hub/verify.ts";
import type { VerifyOptions } from "../hub/verify.ts";

/** A file that is gone, or is another one now. */
export interface Damage {
  readonly file: InstalledFile;
  readonly found: "missing" | "changed";
}

/**
 * The files that are not as they were. A file with the size, time and number of its last verification is not read again, unless
 * `thorough`. One that was only touched is hashed, and its new stamp is recorded.
 */
export async function damages(
  store: Store,
  model: InstalledModel,
  { thorough = false, ...options }: VerifyOptions & { readonly thorough?: boolean } = {},
): Promise<readonly Damage[]> {
  const found: Damage[] = [];
  const files: InstalledFile[] = [];
  let touched = false;
  for (const file of model.files) {
    const path = file.cachedAt ?? (await store.find(file.sha256));
    const stamp = path === undefined ? undefined : await store.stamp(path);
    if (path === undefined || stamp === undefined) {
      found.push({ file, found: "missing" });
      continue;
    }
    const { size, changed, inode } = file.stamp;
    const same = stamp.size === size && stamp.changed === changed && stamp.inode === inode;
    if ((!same || thorough) && (await verify(path, file, options)) === undefined)
      found.push({ file, found: "changed" });
    touched ||= !same;
    files.push({ ...file, stamp });
  }
  // a store that cannot be written can be read all the same
  if (touched && found.length === 0) await store.install({ ...model, files }).catch(() => {});
  return found;
}
