import { serverAudits } from "graphql-http";
import { startTestNode, type TestNode } from "./node.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode(null);
});
afterAll(() => node.close());

const audits = serverAudits({ url: () => `${node.url}/graphql` });

test("the audits are there", () => {
  expect(audits.length).toBeGreaterThan(50);
});

/** What we leave undone, and why. */
function declined(name: string, status: string): boolean {
  // Questions are taken by POST alone, so what a server MAY do by GET is not done here.
  if (/GET/.test(name)) return status === "notice";
  // A question that cannot be run is answered with 400 also to clients of the older media type: it is no success.
  return status === "warn" && /SHOULD use .*200.* on .* failure when accepting application\/json$/.test(name);
}

test.each(audits.map((audit) => [audit.name, audit] as const))(
  "GraphQL over HTTP: %s",
  async (name, audit) => {
    const result = await audit.fn();
    expect({ ...result, kept: result.status === "ok" || declined(name, result.status) }).toMatchObject({
      kept: true,
    });
  },
);
