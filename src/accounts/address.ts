import type { Home } from "../listing/home.js";

/**
 * An address is the name somebody signs in with: an e-mail address or any handle, 3 to 254 characters. It is never stored, only
 * its mac, by which it is found again.
 */
const SHORTEST = 3;
const LONGEST = 254;

/** The one form in which two spellings of an address are equal. */
export function foldAddress(address: string): string {
  return address.normalize("NFKC").toLowerCase().trim();
}

/** Whether it can be an address at all. */
export function isAddress(address: string): boolean {
  const { length } = foldAddress(address);
  return length >= SHORTEST && length <= LONGEST;
}

/** What is kept of an address; of any text, so that what can be no address is looked up like one that nobody has. */
export function addressMac({ seals }: Home, address: string): Buffer {
  return seals.key("address").mac(foldAddress(address));
}

/** Longer passwords are searched for the address up to here: what follows is enough of a password by itself. */
const SEARCHED = 128;

/** Whether a text holds the address of this mac. The address is not known, so every part of the text is tried. */
export function holdsAddress(home: Home, text: string, mac: Buffer): boolean {
  const folded = foldAddress(text).slice(0, SEARCHED);
  for (let from = 0; from + SHORTEST <= folded.length; from++)
    for (let to = from + SHORTEST; to <= folded.length; to++)
      if (addressMac(home, folded.slice(from, to)).equals(mac)) return true;
  return false;
}
