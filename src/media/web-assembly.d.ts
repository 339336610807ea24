/** The parts of WebAssembly that are used here: neither the language's own declarations nor Node's have any. */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }

  class Module {
    constructor(bytes: Uint8Array);
    private readonly compiled: true;
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }

  function compile(bytes: Uint8Array): Promise<Module>;
  function validate(bytes: Uint8Array): boolean;
}
