import { isoCBOR } from "@simplewebauthn/server/helpers";
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** What of an authenticator's answer can go wrong, for those who forge one. */
export type Forgery = {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  /** Whether it says that it has checked its owner. */
  readonly verified?: boolean;
  readonly counter?: number;
  readonly owner?: string;
  readonly type?: string;
};

type Options = {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
};

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/** An authenticator in software, with one passkey (ES256, no attestation). It answers as WebAuthn has browsers answer. */
export class Authenticator {
  readonly id = randomBytes(32).toString("base64url");
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #owner = "";
  #counter = 0;

  constructor(private readonly origin: string) {}

  /** Makes the passkey that these options ask for. */
  register(json: string, forged: Forgery = {}): string {
    const options = JSON.parse(json) as Options;
    this.#owner = options.user?.id ?? "";
    const data = this.#data(options.rp?.id ?? "", forged, this.#attested());
    const attestation = new Map<string, string | Map<string, string> | Uint8Array<ArrayBuffer>>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", bytes(data)],
    ]);
    return this.#answer({
      clientDataJSON: this.#client("webauthn.create", options, forged).toString("base64url"),
      attestationObject: Buffer.from(isoCBOR.encode(attestation)).toString("base64url"),
      transports: ["internal"],
    });
  }

  /** Signs in with the passkey. */
  answer(json: string, forged: Forgery = {}): string {
    const options = JSON.parse(json) as Options;
    this.#counter += 1;
    const data = this.#data(options.rpId ?? "", forged);
    const client = this.#client("webauthn.get", options, forged);
    return this.#answer({
      clientDataJSON: client.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: signed(this.#keys.privateKey, Buffer.concat([data, sha256(client)])),
      userHandle: forged.owner ?? this.#owner,
    });
  }

  #answer(response: object): string {
    const { id } = this;
    return JSON.stringify({ id, rawId: id, type: "public-key", clientExtensionResults: {}, response });
  }

  #client(type: string, { challenge }: Options, forged: Forgery): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: forged.type ?? type,
        challenge: forged.challenge ?? challenge,
        origin: forged.origin ?? this.origin,
        crossOrigin: false,
      }),
    );
  }

  #data(rpId: string, forged: Forgery, attested: Buffer = Buffer.alloc(0)): Buffer {
    const flags =
      PRESENT | (forged.verified === false ? 0 : VERIFIED) | (attested.length === 0 ? 0 : ATTESTED);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(forged.counter ?? this.#counter);
    return Buffer.concat([sha256(Buffer.from(forged.rpId ?? rpId)), Buffer.from([flags]), counter, attested]);
  }

  #attested(): Buffer {
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    return Buffer.concat([Buffer.alloc(16), length, id, this.#publicKey()]);
  }

  /** The key as COSE has it (RFC 9052): an elliptic curve key for ES256 on P-256. */
  #publicKey(): Buffer {
    const { x = "", y = "" } = this.#keys.publicKey.export({ format: "jwk" });
    const key = new Map<number, number | Uint8Array<ArrayBuffer>>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(Buffer.from(x, "base64url"))],
      [-3, bytes(Buffer.from(y, "base64url"))],
    ]);
    return Buffer.from(isoCBOR.encode(key));
  }
}

function bytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(buffer);
}

function sha256(data: Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

function signed(key: KeyObject, data: Buffer): string {
  return sign("sha256", data, key).toString("base64url");
}
