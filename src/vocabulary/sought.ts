/** What kind of work somebody looked for, where and in which language, in the directory's own words; nothing of who, when and in which of theirs. */
export type Sought = {
  readonly specialties: readonly string[];
  readonly regions: readonly string[];
  readonly languages: readonly string[];
};
