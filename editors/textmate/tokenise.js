// Tokenise texts with the TextMate grammar. Reads a JSON list of texts from standard input and writes JSON: for each text a
// list of lines, for each line a list of [start, end, scopes], in UTF-16 units of that line. Used by tests/test_textmate.py.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

// One locked set of packages is for everything below editors/.
const take = createRequire(path.join(__dirname, "..", "vscode", "package.json"));
const textmate = take("vscode-textmate");
const oniguruma = take("vscode-oniguruma");

const GRAMMAR = path.join(__dirname, "ncco.tmLanguage.json");

async function main() {
  const wasm = fs.readFileSync(take.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(GRAMMAR, "utf8"), GRAMMAR),
  });
  const grammar = await registry.loadGrammar("source.ncco");
  const texts = JSON.parse(fs.readFileSync(0, "utf8"));
  const tokens = texts.map((text) => {
    let stack = textmate.INITIAL;
    return text.split(/\r\n|\r|\n/).map((line) => {
      const result = grammar.tokenizeLine(line, stack);
      stack = result.ruleStack;
      return result.tokens.map((token) => [token.startIndex, Math.min(token.endIndex, line.length), token.scopes]);
    });
  });
  process.stdout.write(JSON.stringify(tokens));
}

main().catch((error) => {
  process.stderr.write(`${error && error.stack}\n`);
  process.exitCode = 1;
});
