// How the first steward of a fresh node comes in, and makes a key for the gateway: what a person does with an authenticator app.
import { createHmac, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

async function ask(nodeUrl, query, variables, headers = {}) {
  const response = await fetch(`${nodeUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(errors[0].message);
  return data;
}

/** The token of a session; `said` tells what the node has printed so far, with the invitation in the end. */
export async function firstSteward(nodeUrl, said) {
  const invitation = await invitationIn(said);
  const { invitation: offer } = await ask(
    nodeUrl,
    "query ($token: String!) { invitation(token: $token) { otpauthUri } }",
    {
      token: invitation,
    },
  );
  const input = {
    address: "steward@example.org",
    password: randomBytes(24).toString("base64url"),
    code: codeNow(new URL(offer.otpauthUri).searchParams.get("secret")),
  };
  const { acceptInvitation } = await ask(
    nodeUrl,
    "mutation ($token: String!, $input: AcceptInput!) { acceptInvitation(token: $token, input: $input) { token } }",
    { token: invitation, input },
  );
  return acceptInvitation.token;
}

async function invitationIn(said) {
  for (let tries = 0; tries < 200; tries++) {
    const [line] = /^ {2}[\w-]{43}$/m.exec(said()) ?? [];
    if (line !== undefined) return line.trim();
    await sleep(50);
  }
  throw new Error(`the node printed no invitation:\n${said()}`);
}

export async function routerKey(nodeUrl, session) {
  const { createFrontendKey } = await ask(
    nodeUrl,
    `mutation { createFrontendKey(input: { name: "Gateway", origins: [], scopes: [ROUTER, ACCOUNTS] }) { key } }`,
    {},
    { authorization: `Bearer ${session}` },
  );
  return createFrontendKey.key;
}

/** What an authenticator shows (RFC 6238, HMAC-SHA-1, 30 seconds, six digits). */
function codeNow(secret) {
  const bits = [...secret]
    .map((sign) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
