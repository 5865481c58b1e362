import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Where a sealed value lies: table, row and field, as in `["base.fact", practitioner, "about"]`. It opens nowhere else. */
export type Place = readonly string[];

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A sealed value is a multiple of this long, so that its length does not tell a yes from a no. In bytes. */
const BLOCK = 128;

/** A key that seals values with AES-256-GCM (NIST SP 800-38D), bound to their place. Its bytes are seen nowhere outside. */
export class Key {
  readonly #bytes: Buffer;
  #nonces: Key | undefined;

  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new Error(`a key is ${KEY_BYTES} bytes long`);
    this.#bytes = Buffer.from(bytes);
  }

  static random(): Key {
    return new Key(randomBytes(KEY_BYTES));
  }

  /** Names the key without telling anything of it. */
  get id(): string {
    return createHash("sha256").update("cadre key id").update(this.#bytes).digest("hex").slice(0, 16);
  }

  /** A key for one purpose (HKDF, RFC 5869). */
  derive(purpose: string): Key {
    return this.#expand(`cadre ${purpose}`);
  }

  /** HMAC-SHA-256 of the parts, which cannot run into each other. */
  mac(...parts: readonly string[]): Buffer {
    return createHmac("sha256", this.#bytes).update(JSON.stringify(parts)).digest();
  }

  /**
   * The sealed text in base64url. The nonce is made from the place and the value (as in AES-GCM-SIV, RFC 8452), so that what is
   * unchanged is sealed to the same text: an edit that changes nothing touches nothing, and no nonce meets two values.
   */
  seal(place: Place, value: string): string {
    this.#nonces ??= this.#expand("nonces of sealed values");
    const nonce = this.#nonces.mac(...place, value).subarray(0, NONCE_BYTES);
    return this.#encrypt(["value", ...place], pad(Buffer.from(value, "utf8")), nonce).toString("base64url");
  }

  /** The value; a fault when the text was changed, was sealed under another key or lies in another place. */
  open(place: Place, sealed: string): string {
    const padded = this.#decrypt(["value", ...place], Buffer.from(sealed, "base64url"));
    return unpad(padded).toString("utf8");
  }

  /** Another key, sealed for keeping: differently each time. `of` says whose it is. */
  wrap(of: readonly string[], key: Key): Buffer {
    return this.#encrypt(["key", ...of], key.#bytes, randomBytes(NONCE_BYTES));
  }

  unwrap(of: readonly string[], wrapped: Buffer): Key {
    return new Key(this.#decrypt(["key", ...of], wrapped));
  }

  #expand(info: string): Key {
    return new Key(new Uint8Array(hkdfSync("sha256", this.#bytes, "", info, KEY_BYTES)));
  }

  #encrypt(bound: readonly string[], value: Buffer, nonce: Buffer): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#bytes, nonce).setAAD(aad(bound));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }

  #decrypt(bound: readonly string[], sealed: Buffer): Buffer {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("a sealed value is cut short");
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(-TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#bytes, nonce, { authTagLength: TAG_BYTES })
      .setAAD(aad(bound))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}

/** What is authenticated beside the value: what kind of thing it is, and its place or its owner. */
function aad(bound: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(bound));
}

/** One 0x80 and as many zeros as fill the block (ISO/IEC 7816-4). */
function pad(value: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((value.length + 1) / BLOCK) * BLOCK);
  value.copy(padded);
  padded[value.length] = 0x80;
  return padded;
}

function unpad(padded: Buffer): Buffer {
  return padded.subarray(0, padded.lastIndexOf(0x80));
}
