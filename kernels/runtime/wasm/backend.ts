/**
 * The `wasm` backend of TensorFlow.js: every tensor is a place in one WebAssembly memory, every kernel runs there.
 * Kernels are synchronous, so values can be read at any time.
 */
import { KernelBackend, engine } from "@tensorflow/tfjs-core";
import type { BackendValues, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import { RuntimeError } from "../../../src/errors.ts";
import { unpack } from "./cache-panels.ts";
import type { CachePanels } from "./cache-panels.ts";
import { sizeOf } from "../../kernel.ts";
import type { WasmRuntime } from "./machine.ts";
import type { PackedMatrix } from "./weights.ts";

type DataId = object;

interface Place {
  address: number;
  readonly size: number;
  readonly dtype: DataType;
  references: number;
  /** Set where the values are a cache in panels, not in rows. */
  panels: CachePanels | undefined;
  /** A weight matrix in a layout of its own. */
  matrix: PackedMatrix | undefined;
}

/** Bytes of a value, for the types that the models use. */
const valueBytes: Readonly<Partial<Record<DataType, number>>> = { float32: 4, int32: 4, bool: 1 };

export class WasmBackend extends KernelBackend {
  readonly machine: WasmRuntime;
  readonly #places = new Map<DataId, Place>();

  constructor(machine: WasmRuntime) {
    super();
    this.machine = machine;
  }

  /** A tensor whose values are not set. */
  allocate(shape: readonly number[], dtype: DataType = "float32"): TensorInfo {
    const width = valueBytes[dtype];
    if (width === undefined) throw unsupported(dtype);
    const size = sizeOf(shape);
    const dataId = {};
    const address = this.machine.allocator.allocate(size * width);
    this.#places.set(dataId, { address, size, dtype, references: 1, panels: undefined, matrix: undefined });
    return { dataId, shape: shape as number[], dtype };
  }

  /** A tensor that stands for a packed matrix, which it owns. */
  adopt(matrix: PackedMatrix): TensorInfo {
    const dataId = {};
    this.#places.set(dataId, {
      address: matrix.weights,
      size: 0,
      dtype: "float32",
      references: 1,
      panels: undefined,
      matrix,
    });
    return { dataId, shape: [matrix.rows, matrix.columns], dtype: "float32" };
  }

  /** Where the values of a tensor lie, row after row. */
  address({ dataId }: TensorInfo): number {
    const place = this.#place(dataId);
    if (place.matrix !== undefined) {
      throw new RuntimeError("kernel_arguments", "wasm", "a packed weight matrix where values are wanted");
    }
    if (place.panels !== undefined) this.#toRows(place, place.panels);
    return place.address;
  }

  matrix({ dataId }: TensorInfo): PackedMatrix {
    const { matrix } = this.#place(dataId);
    if (matrix === undefined) {
      throw new RuntimeError("kernel_arguments", "wasm", "values where a packed weight matrix is wanted");
    }
    return matrix;
  }

  /** The panels of a cache that attention has packed. */
  panels({ dataId }: TensorInfo): CachePanels | undefined {
    return this.#place(dataId).panels;
  }

  /** From now on a tensor's values lie in these panels, which it owns; its rows are freed. */
  adoptPanels({ dataId }: TensorInfo, panels: CachePanels): void {
    const place = this.#place(dataId);
    this.machine.allocator.free(place.address);
    place.address = panels.address;
    place.panels = panels;
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): DataId {
    const info = this.allocate(shape, dtype);
    if (values !== null) this.#set(this.#place(info.dataId), values);
    return info.dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    references: number,
  ): void {
    const info = this.allocate(shape, dtype);
    const place = this.#place(info.dataId);
    this.#places.delete(info.dataId);
    place.references = references;
    this.#places.set(dataId, place);
    this.#set(place, values);
  }

  override readSync(dataId: DataId): BackendValues {
    const place = this.#place(dataId);
    const address = this.address({ dataId, shape: [], dtype: place.dtype });
    if (place.dtype === "int32") return this.machine.ints(address, place.size).slice() as BackendValues;
    if (place.dtype === "bool") return this.machine.bytes.slice(address, address + place.size);
    const copy = new Float32Array(place.size); // in unshared memory, as everyone expects of values
    copy.set(this.machine.floats(address, place.size));
    return copy;
  }

  /** The values of a float32 tensor, without an array made for them. */
  readInto(dataId: DataId, target: Float32Array): void {
    const place = this.#place(dataId);
    target.set(this.machine.floats(this.address({ dataId, shape: [], dtype: place.dtype }), place.size));
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.#places.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: DataId): void {
    this.#place(dataId).references++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const place = this.#places.get(dataId);
    if (place === undefined) return true;
    if (--place.references > 0 && !force) return false;
    if (place.matrix === undefined) this.machine.allocator.free(place.address);
    else for (const address of place.matrix.owned) this.machine.allocator.free(address);
    this.#places.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#places.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.machine.stop();
  }

  #place(dataId: DataId): Place {
    const known = this.#places.get(dataId);
    if (known !== undefined) return known;
    // A tensor of another backend: the engine moves it here.
    engine().moveData(this, dataId);
    const moved = this.#places.get(dataId);
    if (moved === undefined)
      throw new RuntimeError("internal", "wasm", "a tensor that this backend does not have");
    return moved;
  }

  #set(place: Place, values: BackendValues): void {
    const { address, size, dtype } = place;
    if (dtype === "float32") this.machine.floats(address, size).set(values as Float32Array);
    else if (dtype === "int32") this.machine.ints(address, size).set(values as Int32Array);
    else this.machine.bytes.set(values as Uint8Array, address);
  }

  /** Somebody wants to see a cache: back to rows. The next attention packs it again. */
  #toRows(place: Place, panels: CachePanels): void {
    const rows = this.machine.allocator.allocate(place.size * 4);
    unpack(this.machine, panels, rows);
    this.machine.allocator.free(place.address);
    place.address = rows;
    place.panels = undefined;
  }
}

function unsupported(dtype: DataType): RuntimeError {
  return new RuntimeError("kernel_arguments", "wasm", `a tensor of type ${dtype}`, {
    wanted: "float32, int32 or bool",
  });
}
