import { ensureCapacity } from './ensure_capacity.ts';
import { areEqual, hashBytes } from './hash.ts';
import { type HashSlots, insertId, rehashed } from './hash_index.ts';

/**
 * A set of texts, each known by a small integer code. The texts lie as UTF-8 in one array and are found by
 * hash, so that a million of them cost bytes and not objects, and a reader of bytes need not make strings.
 */
export class StringDictionary {
  private bytes: Uint8Array = new Uint8Array(1 << 12);
  private view: DataView = new DataView(this.bytes.buffer);
  /** Where the text of each code ends; it begins where the one before ends. */
  private ends = new Uint32Array(1 << 8);
  private slots: HashSlots = new Int32Array(1 << 10);
  private readonly strings: (string | undefined)[] = [];
  private count = 0;
  /** Texts that are in the slots: the first ones. */
  private inSlots = 0;

  /** The number of different texts; codes are 0 … size − 1, in the order of first use. */
  get size(): number {
    return this.count;
  }

  /** The code of a text, a new one when it was not seen before. An unpaired surrogate becomes U+FFFD. */
  intern(stringAt: string): number {
    if (scratch.byteLength < stringAt.length * 3) {
      scratch = new Uint8Array(stringAt.length * 4);
    }
    const { written } = encoder.encodeInto(stringAt, scratch);
    return this.internBytes(scratch, 0, written);
  }

  /** The code of the UTF-8 text that lies in `bytes` from `start` up to `end`. */
  internBytes(bytes: Uint8Array, start: number, end: number): number {
    if (this.inSlots < this.count) this.fillSlots();
    const view = viewOf(bytes);
    const hash = hashBytes(view, start, end);
    const { slots } = this;
    const last = slots.length - 2;
    let slot = (hash << 1) & last;
    for (;;) {
      const taken = slots[slot] ?? 0;
      if (taken === 0) {
        return this.insert(hash, slot, view, start, end);
      }
      if (slots[slot + 1] === hash && this.isText(taken - 1, view, start, end)) {
        return taken - 1;
      }
      slot = (slot + 2) & last;
    }
  }

  /** The text of a code. */
  text(code: number): string {
    const known = this.strings[code];
    if (known !== undefined) {
      return known;
    }
    const [start, end] = this.span(code);
    const text = Buffer.from(this.bytes.buffer, start, end - start).toString('utf8');
    this.strings[code] = text;
    return text;
  }

  /** Adds a text of another dictionary. */
  internFrom(other: StringDictionary, code: number): number {
    const [start, end] = other.span(code);
    return this.internBytes(other.bytes, start, end);
  }

  /**
   * Adds texts that differ from each other and from all that are here; they are hashed when one is looked for.
   * @param bytes their UTF-8, one after the other
   * @param ends where each ends
   */
  addDifferent(bytes: Uint8Array, ends: Uint32Array): void {
    const from = this.count === 0 ? 0 : (this.ends[this.count - 1] ?? 0);
    this.makeRoom(from + bytes.length);
    this.bytes.set(bytes, from);
    this.ends = ensureCapacity(this.ends, this.count + ends.length);
    for (let i = 0; i < ends.length; i += 1) {
      this.ends[this.count + i] = from + (ends[i] ?? 0);
    }
    this.count += ends.length;
  }

  /** The UTF-8 bytes of a code, a view that holds until the next text is added. */
  bytesOf(code: number): Uint8Array {
    const [start, end] = this.span(code);
    return this.bytes.subarray(start, end);
  }

  /** All texts as they lie: their UTF-8 one after the other, and where each ends; views that hold until the next is added. */
  get stored(): { readonly bytes: Uint8Array; readonly ends: Uint32Array } {
    return { bytes: this.bytes, ends: this.ends };
  }

  private span(code: number): readonly [start: number, end: number] {
    const end = code < this.count ? this.ends[code] : undefined;
    if (end === undefined) {
      throw new RangeError(`There is no text ${code} in a dictionary of ${this.count}.`);
    }
    return [code === 0 ? 0 : (this.ends[code - 1] ?? 0), end];
  }

  private isText(code: number, view: DataView, start: number, end: number): boolean {
    const from = code === 0 ? 0 : (this.ends[code - 1] ?? 0);
    const length = (this.ends[code] ?? 0) - from;
    return length === end - start && areEqual(this.view, from, view, start, length);
  }

  private insert(hash: number, slot: number, view: DataView, start: number, end: number): number {
    const code = this.count;
    let at = code === 0 ? 0 : (this.ends[code - 1] ?? 0);
    const to = at + end - start;
    this.makeRoom(to);
    const own = this.view;
    let from = start;
    for (; from + 4 <= end; from += 4, at += 4) {
      own.setInt32(at, view.getInt32(from, true), true);
    }
    for (; from < end; from += 1, at += 1) {
      own.setUint8(at, view.getUint8(from));
    }
    this.ends = ensureCapacity(this.ends, code + 1);
    this.ends[code] = to;
    this.slots[slot] = code + 1;
    this.slots[slot + 1] = hash;
    this.count += 1;
    this.inSlots = this.count;
    // Half of the slots stay free, so that a search is short.
    if (this.count * 4 > this.slots.length) {
      this.slots = rehashed(this.slots);
    }
    return code;
  }

  private makeRoom(bytes: number): void {
    if (bytes > this.bytes.length) {
      this.bytes = ensureCapacity(this.bytes, bytes);
      this.view = new DataView(this.bytes.buffer);
    }
  }

  /** Hashes the texts that were not. */
  private fillSlots(): void {
    while (this.count * 4 > this.slots.length) {
      this.slots = rehashed(this.slots);
    }
    for (; this.inSlots < this.count; this.inSlots += 1) {
      insertId(this.slots, this.inSlots, hashBytes(this.view, ...this.span(this.inSlots)));
    }
  }
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(1 << 10);

/** The array whose texts were asked for last, and a view of it: many texts of one array come after each other. */
let viewed: Uint8Array = scratch;
let lastView: DataView = new DataView(viewed.buffer);

function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return lastView;
}
