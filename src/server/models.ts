/** The models of a server, by name: loaded when a request names one, unloaded when nobody has asked for it for a while. */
import { orAborted } from "../platform/interruptible.ts";
import { platform } from "../platform/current.ts";
import { parseReference } from "../registry/index.ts";
import type { ModelSource } from "../transcriber/types.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { RequestError } from "./errors.ts";

/** A model that clients can ask for. */
export interface ServedModel {
  readonly id: string;
  /** When it was installed, in seconds since 1970. */
  readonly created: number;
}

interface PoolOptions {
  /** What answers to OpenAI's names, and to requests without a name. */
  readonly main: { readonly id: string; readonly source: ModelSource };
  /** Names of installed models that are loaded at the start, too. */
  readonly preload: readonly string[];
  /** Seconds; by default never for models of the start, {@link IDLE_SECONDS} for others. */
  readonly idleTtl: number | "never" | undefined;
  readonly load: (source: ModelSource) => Promise<Transcriber>;
}

const IDLE_SECONDS = 300;

/** What clients ask for that know OpenAI's models only. */
const openaiNames: ReadonlySet<string> = new Set([
  "whisper-1",
  "gpt-4o-transcribe",
  "gpt-4o-mini-transcribe",
  "gpt-transcribe",
]);

interface Entry {
  readonly loading: Promise<Transcriber>;
  readonly idleSeconds: number;
  users: number;
  timer?: NodeJS.Timeout;
}

export class ModelPool {
  readonly #options: PoolOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #created = Math.floor(Date.now() / 1000);

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get mainId(): string {
    return this.#options.main.id;
  }

  /** The names of models that are loaded, or being loaded. */
  get loaded(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Loads the models of the start. Throws what `load` throws, and `model_not_found`. */
  async start(): Promise<void> {
    const { main, preload, idleTtl = "never" } = this.#options;
    for (const name of [main.id, ...preload]) await this.#loadWith(await this.find(name), idleTtl);
  }

  /** The model of the start, then those that are installed. */
  async list(): Promise<readonly ServedModel[]> {
    const store = await platform().openStore();
    const installed = (await store.models())
      .filter(({ name }) => name !== this.mainId && isRecognizer(name))
      .map(({ name, installed }) => ({ id: name, created: Math.floor(Date.parse(installed) / 1000) }));
    return [{ id: this.mainId, created: this.#created }, ...installed];
  }

  /** The name of the model that a request names: exactly, without its format, or by a name of OpenAI's. Throws `model_not_found`. */
  async find(name: string): Promise<string> {
    if (name === this.mainId || openaiNames.has(name)) return this.mainId;
    const models = await this.list();
    const found =
      models.find(({ id }) => id === name) ?? models.find(({ id }) => id.replace(/:[^:/]+$/u, "") === name);
    if (found !== undefined) return found.id;
    throw new RequestError("model_not_found", "model", `no model ${JSON.stringify(name.slice(0, 80))}`, {
      wanted: models.map(({ id }) => id).join(", "),
    });
  }

  /** Does `work` with a model, which is loaded for it. Throws `model_not_found`, what `load` throws, and the signal's reason. */
  async use<Result>(
    name: string,
    work: (model: Transcriber) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const id = await this.find(name);
    const entry = this.#enter(id, this.#options.idleTtl ?? IDLE_SECONDS);
    try {
      return await work(await orAborted(entry.loading, signal));
    } finally {
      this.#leave(id, entry);
    }
  }

  /** Loads a model for requests to come. Throws `model_loaded`, and as `use`. */
  async load(name: string): Promise<void> {
    const id = await this.find(name);
    if (this.#entries.has(id)) throw new RequestError("model_loaded", "model", `${id} is loaded already`);
    await this.#loadWith(id, this.#options.idleTtl ?? IDLE_SECONDS);
  }

  /** Unloads a model; requests that use it are completed first. Throws `model_not_found` where it is not loaded. */
  async unload(name: string): Promise<void> {
    const id = await this.find(name);
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new RequestError("model_not_found", "model", `${id} is not loaded`, {
        wanted: this.loaded.join(", ") || "a model that is loaded",
      });
    this.#remove(id, entry);
  }

  /** Unloads all. */
  close(): void {
    for (const [id, entry] of this.#entries) this.#remove(id, entry);
  }

  async #loadWith(id: string, ttl: number | "never"): Promise<void> {
    const entry = this.#enter(id, ttl);
    try {
      await entry.loading;
    } finally {
      this.#leave(id, entry);
    }
  }

  #enter(id: string, ttl: number | "never"): Entry {
    const entry = this.#entries.get(id) ?? this.#begin(id, ttl);
    entry.users++;
    clearTimeout(entry.timer);
    return entry;
  }

  #begin(id: string, ttl: number | "never"): Entry {
    const { main, load } = this.#options;
    const loading = load(id === main.id ? main.source : id);
    const entry: Entry = { loading, idleSeconds: ttl === "never" ? Infinity : ttl, users: 0 };
    this.#entries.set(id, entry);
    loading.catch(() => {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
    });
    return entry;
  }

  #leave(id: string, entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    if (this.#entries.get(id) !== entry) free(entry);
    else if (Number.isFinite(entry.idleSeconds))
      entry.timer = setTimeout(() => this.#remove(id, entry), entry.idleSeconds * 1000).unref();
  }

  #remove(id: string, entry: Entry): void {
    clearTimeout(entry.timer);
    this.#entries.delete(id);
    if (entry.users === 0) free(entry);
  }
}

/** A model that could not be loaded holds nothing. */
function free({ loading }: Entry): void {
  loading.then(
    (model) => model.dispose(),
    () => {},
  );
}

/** Whether an installed model recognizes speech. Nothing is known of those that are not in the registry. */
function isRecognizer(name: string): boolean {
  if (name.endsWith(" (original)")) return false;
  const reference = parseReference(name);
  if (reference.kind !== "entry") return true;
  return reference.entry.task === "recognition" && reference.entry.unsupported === undefined;
}
