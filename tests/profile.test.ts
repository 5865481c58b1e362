import { startTestNode, type Ask, type Person, type TestNode } from "./node.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

test("smoke", async () => {
  const person = await node.signedIn("PRACTITIONER");
  const a = await person.ask(`mutation { saveProfile(input: {alias: "Zorzal", specialties: [{specialty: "digital.encryption"}], regions: [{region: "GT-09", relation: BASED_IN, coarser: [{code: "GT", audience: PARTNERS}]}]}) { id state practitioner { alias } visibility { field item audience ceiling coarser { item audience } } confirmBy confirmationDue reason } }`);
  console.log(a.text);
});
