import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Where a sealed value lies, as in `["base.fact", practitioner, field]`: it opens nowhere else. */
export type Place = readonly string[];

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key that seals values with AES-256-GCM (NIST SP 800-38D), bound to their place. Its bytes are seen nowhere outside. */
export class Key {
  readonly #bytes: Buffer;

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
    return new Key(new Uint8Array(hkdfSync("sha256", this.#bytes, "", `cadre ${purpose}`, KEY_BYTES)));
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
    const nonce = this.derive("nonce")
      .mac(...place, value)
      .subarray(0, NONCE_BYTES);
    return this.#encrypt(place, Buffer.from(value, "utf8"), nonce).toString("base64url");
  }

  /** The value; a fault when the text was changed, was sealed under another key or lies in another place. */
  open(place: Place, sealed: string): string {
    return this.#decrypt(place, Buffer.from(sealed, "base64url")).toString("utf8");
  }

  wrap(place: Place, key: Key): Buffer {
    return this.#encrypt(place, key.#bytes, randomBytes(NONCE_BYTES));
  }

  unwrap(place: Place, wrapped: Buffer): Key {
    return new Key(this.#decrypt(place, wrapped));
  }

  #encrypt(place: Place, value: Buffer, nonce: Buffer): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#bytes, nonce).setAAD(aad(place));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }

  #decrypt(place: Place, sealed: Buffer): Buffer {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("a sealed value is cut short");
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(-TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#bytes, nonce, { authTagLength: TAG_BYTES })
      .setAAD(aad(place))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}

function aad(place: Place): Buffer {
  return Buffer.from(JSON.stringify(place));
}
