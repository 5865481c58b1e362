/** A regional network that runs a node, this one or a peer. What is said of it here is public. */
export type Network = {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  readonly regions: readonly string[];
  readonly thisNode: boolean;
};
