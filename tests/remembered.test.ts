import { ceiba } from "../seeds/cast.js";
import { refusal } from "./people.js";
import { startTestNode, type TestNode } from "./node.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

const [one, other] = ceiba.organizations.filter(({ audience }) => audience === "PUBLIC");
const question = "query ($id: ID!) { organization(id: $id) { name } }";

/** What the node has read, and so remembers. */
async function read(id: string | undefined): Promise<void> {
  for (let times = 0; times < 2; times++) expect(refusal(await node.ask(question, { id }))).toBeNull();
}

function byHand(sql: string, id: string | undefined): Promise<unknown> {
  return node.ground.database.write.query(sql, [id]);
}

describe("what was read before", () => {
  test("is told as it is now, whoever changed it", async () => {
    await read(one?.id);
    await byHand(
      `update seen.listing set doc = jsonb_set(doc::jsonb, '{name}', '"Casa Nueva"')::text where id = $1`,
      one?.id,
    );
    expect((await node.ask(question, { id: one?.id })).data).toEqual({
      organization: { name: "Casa Nueva" },
    });
  });

  test("is gone when it was taken out, and there again when it was put back, whoever did it", async () => {
    await read(other?.id);
    await byHand("create table public.aside as select * from seen.listing where id = $1", other?.id);
    await byHand("delete from seen.listing where id = $1", other?.id);
    for (let times = 0; times < 2; times++)
      expect(refusal(await node.ask(question, { id: other?.id }))).toBe("NOT_FOUND");
    await byHand("insert into seen.listing select * from public.aside where id = $1", other?.id);
    await read(other?.id);
  });

  test("is told to nobody to whom it was not told, however often it was read by those who may", async () => {
    const hidden = ceiba.practitioners.find(({ audience }) => audience === "MEMBERS");
    const person = "query ($id: ID!) { practitioner(id: $id) { id } }";
    const member = await node.signedIn("PRACTITIONER");
    for (let times = 0; times < 2; times++) {
      expect(refusal(await node.ask(person, { id: hidden?.id }))).toBe("NOT_FOUND");
      expect(refusal(await member.ask(person, { id: hidden?.id }))).toBeNull();
    }
  });
});
