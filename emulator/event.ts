/** An event as it is sent: the raw fields of its dataset, in their order. */
export type RawEvent = Readonly<Record<string, string | number | null>>;

/** One post: its event in each dataset, by the dataset's name, all of the same key. */
export type Post = Readonly<Record<string, RawEvent>>;
