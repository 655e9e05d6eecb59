// Runs the official SDK for the tests: one JSON request a line on standard input, one JSON answer a line on standard output.
// The first line has the credentials and options of a client; each other one names an API, a method and its arguments.
const { createInterface } = require("node:readline");
const { Vonage } = require("@vonage/server-sdk");

async function call(vonage, { api, method, values }) {
  const result = vonage[api][method](...values);
  if (!result[Symbol.asyncIterator]) return (await result) ?? null;
  const items = [];
  for await (const item of result) items.push(item);
  return items;
}

async function main() {
  let vonage;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer = { result: null };
    try {
      if (request.credentials) vonage = new Vonage(request.credentials, request.options);
      else answer = { result: await call(vonage, request) };
    } catch (error) {
      // The SDK's error has the response of fetch; an error without one is the SDK's own.
      answer = { error: String(error), status: error.response?.status ?? null };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}

main();
