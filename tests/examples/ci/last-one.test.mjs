// Mocktill in a container, for tests in Node.js: `npm install testcontainers`, then `node --test`.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { GenericContainer, Wait } from "testcontainers";

const TOKEN = "in-tests";
let container;
let mocktill;

before(async () => {
  container = await new GenericContainer("mocktill")
    .withEnvironment({ MOCKTILL_CONTROL_TOKEN: TOKEN })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp("/_mocktill/ready", 8080).forStatusCode(200))
    .start();
  mocktill = `http://${container.getHost()}:${container.getMappedPort(8080)}`;
});

after(() => container.stop());

beforeEach(async () => {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const reset = await fetch(`${mocktill}/_mocktill/reset`, { method: "POST", headers });
  assert.ok(reset.ok);
});

test("the last one is reserved once", async () => {
  const statuses = [];
  for (let time = 0; time < 2; time++) {
    const answer = await fetch(`${mocktill}/deem/v1/purchases/reserve?api_key=1234567`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ deal_id: "last-one", num_bought: 1 }),
    });
    statuses.push(answer.status);
  }
  assert.deepEqual(statuses, [200, 422]);
});
