// Calls methods of drip-nodejs one after another, as a shop would, and prints what came of each: [status, body].
//
//   node drip.cjs 0|1 callbacks|promises '[["listPurchases", "john@acme.com"], …]'
"use strict";

const [version, style, steps] = process.argv.slice(2);
const accountId = 9999999;
const client = require(`drip-nodejs-${version}`)({ token: process.env.TOKEN, accountId });
const first = version === "0" ? [accountId] : []; // 1.x knows its account, 0.x is told with each call

// 0.x does not parse what it gets; an error of 1.x has the answer within.
const read = (body) => (typeof body === "string" && body !== "" ? JSON.parse(body) : body);
const told = (error) => {
  if (!error.response) throw error;
  return error.response;
};

function call(name, given) {
  if (style === "promises") return client[name](...first, ...given).catch(told);
  return new Promise((resolve, reject) => {
    client[name](...first, ...given, (error, response) => {
      try {
        resolve(error ? told(error) : response);
      } catch (lost) {
        reject(lost);
      }
    });
  });
}

async function main() {
  const came = [];
  for (const [name, ...given] of JSON.parse(steps)) {
    const { statusCode, body } = await call(name, given);
    came.push([statusCode, read(body) ?? null]);
  }
  console.log(JSON.stringify(came));
}

main();
