/** What came of one check. It is not tried where that takes more than is at hand; `untried` says why. */
export type Checked = {
  /** Stays the same from version to version. */
  readonly id: string;
  /** In one sentence. */
  readonly promise: string;
  /** What was wanted and what was seen; null where the promise holds, as far as it was tried. */
  readonly fault: string | null;
  /** Null where it was tried. */
  readonly untried: string | null;
};
