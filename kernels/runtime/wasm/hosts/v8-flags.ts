/**
 * Which switches of V8 are safe while kernels are compiled. A wrong combination ends the process in a way that nothing
 * can catch, so they are used only where they were tested: the versions of the table, and others that pass the probe.
 */

/** The switches of one V8. */
export interface V8Flags {
  /** Set once for the process, as early as possible, and at the latest before the first module. */
  readonly always: readonly string[];
  /** Names of what is on by default and is off while a module is compiled. */
  readonly offWhileCompiling: readonly string[];
  /** Names of what is off as well for a module that is only compared with another one: it computes the same without them. */
  readonly offForComparison: readonly string[];
  /** May V8 be asked to pair 128-bit operations into 256-bit ones, and does it gain by it? */
  readonly revectorize: boolean;
}

/** What every engine can do. */
export const noFlags: V8Flags = {
  always: [],
  offWhileCompiling: [],
  offForComparison: [],
  revectorize: false,
};

/** The optimizing compiler only, and at once: otherwise the first calls of every kernel run at a fraction of its speed. */
const optimizeAtOnce = ["liftoff", "wasm-lazy-compilation"] as const;

/**
 * A quarter of the time of the optimizing compiler, which a single run of the self-test is not worth. Not wasm-inlining, on
 * which it spends as much: without that, V8 14 aborts.
 */
const largerLoops = ["wasm-loop-unrolling"] as const;

/**
 * From V8 14 on, the optimizing compiler prepares for deoptimization and then expects records of earlier calls, which
 * only the baseline compiler (liftoff) makes: without these it aborts, unless deoptimization is off as well. It stays off:
 * V8 also aborts where it is switched while some other module, such as that of `fetch`, is optimized in the background.
 */
const newest: V8Flags = {
  always: ["--no-wasm-deopt"],
  offWhileCompiling: optimizeAtOnce,
  offForComparison: largerLoops,
  revectorize: true,
};

/** The flags that the probe tries where a version is unknown. */
export const candidate = newest;

/** Tested versions, by the major numbers of Node and V8. */
const tested: Readonly<Record<string, V8Flags>> = {
  "20/11": {
    always: ["--experimental-wasm-relaxed-simd"],
    offWhileCompiling: optimizeAtOnce,
    offForComparison: [],
    revectorize: false,
  },
  "22/12": { always: [], offWhileCompiling: optimizeAtOnce, offForComparison: [], revectorize: false },
  "24/13": {
    always: [],
    offWhileCompiling: optimizeAtOnce,
    offForComparison: largerLoops,
    revectorize: true,
  },
  "25/14": newest,
  "26/14": newest,
};

/** `process.versions`, or as much of it as an engine has. */
type Versions = Readonly<Partial<Record<string, string>>>;

/** Flags for an engine: those that were tested, none, or `probe` where a child process has to find out. */
export function decide(versions: Versions): V8Flags | "probe" {
  const { node, v8 } = versions;
  // These have the version numbers of Node, but a V8 that is built or driven otherwise, or no V8.
  const isOther = ["bun", "deno", "electron", "nw"].some((name) => versions[name] !== undefined);
  if (isOther || node === undefined || v8 === undefined) return noFlags;
  // A version with a suffix is a nightly build or a release candidate; an official V8 ends in -node.N.
  const release = /^(\d+)\.\d+\.\d+$/.exec(node);
  const engine = /^(\d+)\.\d+\.\d+\.\d+-node\.\d+$/.exec(v8);
  const flags = release && engine ? tested[`${release[1]}/${engine[1]}`] : undefined;
  return flags ?? "probe";
}
