import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair, type JWTPayload } from "jose";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const client = { id: "cadre", secret: "a secret between the two" };

/** How the provider makes the ID token of its next sign-in; changes what is right. */
export type Token = {
  readonly claims?: JWTPayload;
  /** Signed as it should be, not at all, with HMAC keyed by the public key, or by a key nobody knows. */
  readonly signed?: "right" | "none" | "hmac" | "stranger";
};

/** A small OpenID provider on this machine, whose tokens can be wrong. */
export type TestProvider = {
  readonly issuer: string;
  /** Whoever signs in there is this subject, with this token; answers the address they come back by. */
  visit(url: string, subject: string, token?: Token): string;
  close(): Promise<void>;
};

type Visit = {
  readonly subject: string;
  readonly nonce: string;
  readonly challenge: string;
  readonly token: Token;
};

export async function openProvider(): Promise<TestProvider> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const stranger = await generateKeyPair("RS256");
  const publicText = await exportSPKI(publicKey);
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" }] };
  const visits = new Map<string, Visit>();
  let issuer = "";

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    // As lenient as a provider can be: what is refused is refused by whoever reads the tokens.
    id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
  });

  async function idToken({ subject, nonce, token }: Visit): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: client.id,
      sub: subject,
      nonce,
      iat: now,
      exp: now + 300,
      ...token.claims,
    };
    const jwt = new SignJWT(claims);
    switch (token.signed ?? "right") {
      case "right":
        return jwt.setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey);
      case "none":
        return new UnsecuredJWT(claims).encode();
      case "hmac":
        return jwt.setProtectedHeader({ alg: "HS256", kid: "one" }).sign(Buffer.from(publicText));
      case "stranger":
        return jwt.setProtectedHeader({ alg: "RS256", kid: "one" }).sign(stranger.privateKey);
      default:
        throw new Error("unheard of");
    }
  }

  async function exchange(incoming: IncomingMessage): Promise<object | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const code = form.get("code") ?? "";
    const visit = visits.get(code);
    visits.delete(code);
    const shown = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (visit === undefined || shown !== visit.challenge) return null;
    if (form.get("client_secret") !== client.secret) return null;
    return { access_token: "an access token", token_type: "Bearer", id_token: await idToken(visit) };
  }

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? "/", issuer).pathname;
    const body =
      path === "/.well-known/openid-configuration"
        ? metadata()
        : path === "/keys"
          ? keys
          : path === "/token"
            ? await exchange(incoming)
            : null;
    response.writeHead(body === null ? 400 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body ?? { error: "invalid_grant" }));
  }

  const server = createServer((incoming, response) => void respond(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer,
    visit(url, subject, token = {}) {
      const asked = new URL(url).searchParams;
      const code = `code-${visits.size}-${Math.random()}`;
      visits.set(code, {
        subject,
        nonce: asked.get("nonce") ?? "",
        challenge: asked.get("code_challenge") ?? "",
        token,
      });
      const back = new URL(asked.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", asked.get("state") ?? "");
      return back.href;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
