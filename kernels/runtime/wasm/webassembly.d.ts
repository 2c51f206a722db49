/** The part of the WebAssembly JavaScript interface that is used here; TypeScript declares it for browsers only. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }

  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;

  type Exports = Readonly<Record<string, unknown>>;

  class Instance {
    constructor(module: Module, imports: { readonly [module: string]: { readonly [name: string]: unknown } });
    readonly exports: Exports;
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: boolean });
    readonly buffer: ArrayBufferLike;
    grow(pages: number): number;
  }

  class Table {
    constructor(descriptor: { initial: number; element: "anyfunc" });
    set(index: number, value: unknown): void;
  }

  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
