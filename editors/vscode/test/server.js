#!/usr/bin/env node
// A language server for the tests: it keeps a document's text and compiles `bad` to nothing, over the real protocol.
"use strict";

const rpc = require("vscode-jsonrpc/node");

const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(process.stdin), new rpc.StreamMessageWriter(process.stdout));
const texts = new Map();

connection.onRequest("initialize", () => ({
  serverInfo: { name: "ncco", version: `0.0.${process.pid}` },
  capabilities: { textDocumentSync: { openClose: true, change: 1 } },
}));
connection.onNotification("textDocument/didOpen", ({ textDocument }) => texts.set(textDocument.uri, textDocument.text));
connection.onNotification("textDocument/didChange", ({ textDocument, contentChanges }) =>
  texts.set(textDocument.uri, contentChanges.at(-1).text),
);
connection.onRequest("ncco/compile", ({ uri }) => {
  const text = texts.get(uri);
  return text === undefined ? null : { ncco: text.includes("bad") ? null : JSON.stringify([text]), findings: 2 };
});
connection.onRequest("shutdown", () => null);
connection.onNotification("exit", () => process.exit(0));
connection.listen();
