import { type HashSlots, inTwiceTheSlots, putCode } from './hash_index.ts';

/**
 * A set of texts, each known by a small integer code. The texts lie as UTF-8 in one array and are found by
 * hash, so that a million of them cost bytes and not objects, and a reader of bytes need not make strings.
 */
export class TextDictionary {
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
  codeOf(text: string): number {
    if (scratch.byteLength < text.length * 3) {
      scratch = new Uint8Array(text.length * 4);
    }
    const { written } = encoder.encodeInto(text, scratch);
    return this.codeOfBytes(scratch, 0, written);
  }

  /** The code of the UTF-8 text that lies in `bytes` from `start` up to `end`. */
  codeOfBytes(bytes: Uint8Array, start: number, end: number): number {
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
  codeOfOther(other: TextDictionary, code: number): number {
    const [start, end] = other.span(code);
    return this.codeOfBytes(other.bytes, start, end);
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
    this.ends = grown(this.ends, this.count + ends.length);
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
    this.ends = grown(this.ends, code + 1);
    this.ends[code] = to;
    this.slots[slot] = code + 1;
    this.slots[slot + 1] = hash;
    this.count += 1;
    this.inSlots = this.count;
    // Half of the slots stay free, so that a search is short.
    if (this.count * 4 > this.slots.length) {
      this.slots = inTwiceTheSlots(this.slots);
    }
    return code;
  }

  private makeRoom(bytes: number): void {
    if (bytes > this.bytes.length) {
      this.bytes = grown(this.bytes, bytes);
      this.view = new DataView(this.bytes.buffer);
    }
  }

  /** Hashes the texts that were not. */
  private fillSlots(): void {
    while (this.count * 4 > this.slots.length) {
      this.slots = inTwiceTheSlots(this.slots);
    }
    for (; this.inSlots < this.count; this.inSlots += 1) {
      putCode(this.slots, this.inSlots, hashBytes(this.view, ...this.span(this.inSlots)));
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

/**
 * A hash of bytes, eight at a time: in two lanes, which a processor works on side by side. The last words may overlap those
 * before them, which spares the branches that an odd end would need.
 */
function hashBytes(view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length < 4) {
    let short = length;
    for (let at = start; at < end; at += 1) short = (short << 8) | view.getUint8(at);
    return mixed(short);
  }
  let even = length;
  let odd = 0;
  for (let at = start; at + 8 < end; at += 8) {
    even = Math.imul(even ^ view.getInt32(at, true), 0x85ebca6b);
    odd = Math.imul(odd ^ view.getInt32(at + 4, true), 0xc2b2ae35);
    even ^= even >>> 15;
    odd ^= odd >>> 13;
  }
  even = Math.imul(even ^ view.getInt32(length < 8 ? start : end - 8, true), 0x85ebca6b);
  odd ^= view.getInt32(end - 4, true);
  return mixed(even ^ Math.imul(odd, 0x9e3779b1));
}

/** Whether the bytes of two views are the same, `length` from the places given. */
export function areEqual(
  a: DataView,
  startOfA: number,
  b: DataView,
  startOfB: number,
  length: number,
): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i += 1) {
      if (a.getUint8(startOfA + i) !== b.getUint8(startOfB + i)) return false;
    }
    return true;
  }
  let i = 0;
  for (; i + 8 < length; i += 8) {
    if (
      a.getInt32(startOfA + i, true) !== b.getInt32(startOfB + i, true) ||
      a.getInt32(startOfA + i + 4, true) !== b.getInt32(startOfB + i + 4, true)
    ) {
      return false;
    }
  }
  // The last eight or four to seven bytes, as two words that may overlap.
  const last = length - 4;
  const before = length < 8 ? 0 : length - 8;
  return (
    a.getInt32(startOfA + last, true) === b.getInt32(startOfB + last, true) &&
    a.getInt32(startOfA + before, true) === b.getInt32(startOfB + before, true)
  );
}

/** Spreads a 32-bit number over all its bits (the finaliser of MurmurHash3). */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

interface Growable<A> {
  readonly length: number;
  set(other: A): void;
}

/** The same array, or one of at least twice its length that begins with the same values, so that `length` values fit. */
export function grown<A extends Growable<A>>(array: A, length: number): A {
  if (length <= array.length) {
    return array;
  }
  const Constructor = array.constructor as new (length: number) => A;
  const larger = new Constructor(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
