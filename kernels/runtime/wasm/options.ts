/** Options of the `wasm` backend. */
export interface WasmOptions {
  /** Number of threads, the caller's included; default: the number of processors. */
  readonly threads?: number;
  /** Let V8 pair vector operations (Node 24 and later), if its results pass the self-test; default true. */
  readonly revectorize?: boolean;
  /** Use the 8-bit dot instruction where it is exact; default true. */
  readonly dot?: boolean;
  /** Keep values in shared memory; without it there is one thread. Default: where the platform allows it. */
  readonly shared?: boolean;
}
