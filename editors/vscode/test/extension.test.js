"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { after, afterEach, test } = require("node:test");
const { load, makeEditor, Uri } = require("./stub");

const SERVER = path.join(__dirname, "server.js");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ncco-vscode-"));
const cleanups = [];

after(() => fs.rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const clean of cleanups.splice(0)) {
    await clean();
  }
});

/** Write a program that starts another one. */
function program(name, command) {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(" ")} "$@"\n`, { mode: 0o755 });
  return file;
}

/** Return the editor with the extension in it, and the server that a setting names. */
async function start(settings, prepare = () => {}) {
  const editor = makeEditor();
  for (const [key, value] of Object.entries(settings)) {
    editor.settings.set(key, value);
  }
  prepare(editor);
  const extension = load(editor);
  const context = { subscriptions: [], extensionUri: Uri.file(path.join(__dirname, "..")) };
  await extension.activate(context);
  cleanups.push(async () => {
    context.subscriptions.forEach((each) => each.dispose());
    await extension.deactivate();
  });
  return editor;
}

/** Wait until a document has the expected text; the test runner's limit is the only timeout. */
function until(editor, document, expected) {
  return new Promise((resolve) => {
    const look = () => expected(document.text) && resolve(document.text);
    editor.events.onDidChangeTextDocument.event(look);
    look();
  });
}

const fake = () => program("fake", [process.execPath, SERVER]);
const flow = (editor, text) => {
  const document = editor.openDocument(Uri.file(path.join(folder, "hello there.flow")), "ncco-flow", text);
  editor.api.window.activeTextEditor = { document };
  return document;
};

test("it starts the server that the setting names, and says which", async () => {
  const editor = await start({ "ncco.path": fake() });
  assert.match(editor.seen.status.text, /^ncco 0\.0\.\d+$/);
  assert.match(editor.seen.status.detail, /the setting ncco\.path/);
  assert.deepEqual(editor.seen.errors, []);
});

test("it starts the server of the workspace's environment", async () => {
  program(".venv/bin/ncco", [process.execPath, SERVER]);
  const editor = await start({}, ({ api }) => api.workspace.workspaceFolders.push({ uri: Uri.file(folder) }));
  assert.match(editor.seen.status.detail, /the workspace's \.venv/);
});

test("without a server it says how to get one, and copies the command", async () => {
  const { PATH } = process.env;
  cleanups.push(() => (process.env.PATH = PATH));
  process.env.PATH = "";
  const editor = await start({}, ({ answers }) => answers.push("Copy the command"));
  const [[message, ...buttons]] = editor.seen.errors;
  assert.match(message, /no ncco was found.*pip install 'ncco-lang\[lsp\]'/);
  assert.deepEqual(buttons, ["How to install", "Copy the command", "Open the setting"]);
  await editor.api.commands.executeCommand("ncco.showLog");
  assert.equal(editor.seen.clipboard, "pip install 'ncco-lang[lsp]'");
  assert.equal(editor.seen.status.text, "no server");
});

test("the help is the page that comes with the extension", async () => {
  const editor = await start({ "ncco.path": "/gone/ncco" }, ({ answers }) => answers.push("How to install"));
  assert.match(editor.seen.errors[0][0], /ncco\.path names \/gone\/ncco/);
  await new Promise(setImmediate);
  const [name, uri] = editor.seen.ran[0];
  assert.equal(name, "markdown.showPreview");
  assert.ok(fs.readFileSync(uri.fsPath, "utf8").includes("pip install 'ncco-lang[lsp]'"));
});

test("a program that is not a server is reported, with the log", async () => {
  const editor = await start({ "ncco.path": program("false", ["/bin/false"]) }, ({ answers }) => answers.push("Show the log"));
  assert.match(editor.seen.errors.at(-1)[0] + editor.seen.errors[0][0], /did not start as a language server/);
  assert.equal(editor.seen.status.text, "the server did not start");
});

test("the NCCO is shown beside the flow, in a document that follows edits", async () => {
  const editor = await start({ "ncco.path": fake() });
  const source = flow(editor, "one");
  await editor.api.commands.executeCommand("ncco.showBeside");
  const [{ document, options }] = editor.seen.shown;
  assert.equal(document.uri.scheme, "ncco");
  assert.ok(document.uri.path.endsWith("/hello there.ncco.jsonc"));
  assert.deepEqual(options, { viewColumn: editor.api.ViewColumn.Beside, preserveFocus: true, preview: true });
  assert.equal(document.text, '["one"]\n');
  editor.edit(source, "two");
  editor.edit(source, "three");
  assert.equal(await until(editor, document, (text) => text !== '["one"]\n'), '["three"]\n');
});

test("a flow with errors keeps what it became before, and says so", async () => {
  const editor = await start({ "ncco.path": fake() });
  const source = flow(editor, "bad");
  await editor.api.commands.executeCommand("ncco.showBeside");
  const [{ document }] = editor.seen.shown;
  assert.equal(document.text, "// The flow does not compile now: 2 findings.\n");
  editor.edit(source, "good");
  await until(editor, document, (text) => text === '["good"]\n');
  editor.edit(source, "bad");
  const text = await until(editor, document, (each) => each.startsWith("//"));
  assert.equal(text, '// The flow does not compile now: 2 findings. This is what it became before.\n["good"]\n');
});

test("a document that is closed is not asked for any more", async () => {
  const editor = await start({ "ncco.path": fake() });
  const source = flow(editor, "one");
  await editor.api.commands.executeCommand("ncco.showBeside");
  const [{ document }] = editor.seen.shown;
  editor.close(document);
  const provider = editor.providers.get("ncco");
  editor.edit(source, "two");
  assert.equal(provider.waiting.size, 0);
  assert.equal(provider.shown.size, 0);
});

test("a document that the editor brings back finds its flow, open or not, and says when it is gone", async () => {
  const editor = await start({ "ncco.path": fake() });
  const shown = (name) => {
    const uri = Uri.file(path.join(folder, `${name}.flow`));
    return editor.api.workspace.openTextDocument(Uri.from({ scheme: "ncco", path: `/${name}`, query: uri.toString() }));
  };
  fs.writeFileSync(path.join(folder, "back.flow"), "back");
  assert.equal((await shown("back")).text, '["back"]\n');
  assert.match((await shown("gone")).text, /^\/\/ The flow cannot be opened: .*gone\.flow/);
});

test("only a flow has something to show", async () => {
  const editor = await start({ "ncco.path": fake() });
  await editor.api.commands.executeCommand("ncco.showBeside");
  assert.match(editor.seen.informations[0][0], /open a \.flow file first/);
  assert.deepEqual(editor.seen.shown, []);
});

test("a restart gives another server, and what is shown is asked for again", async () => {
  const editor = await start({ "ncco.path": fake() });
  flow(editor, "one");
  await editor.api.commands.executeCommand("ncco.showBeside");
  const [{ document }] = editor.seen.shown;
  const before = editor.seen.status.text;
  const version = document.version;
  await editor.api.commands.executeCommand("ncco.restartServer");
  assert.match(editor.seen.status.text, /^ncco 0\.0\.\d+$/);
  assert.notEqual(editor.seen.status.text, before);
  await until(editor, document, () => document.version > version);
  assert.equal(document.text, '["one"]\n');
});

/** Wait until the status line has the expected text; the test runner's limit is the only timeout. */
async function status(editor, expected) {
  while (!expected(editor.seen.status.text)) {
    await new Promise(setImmediate);
  }
}

test("a server that dies is started again, and what is shown is asked for again; five times are enough", async () => {
  const editor = await start({ "ncco.path": fake() });
  flow(editor, "one");
  await editor.api.commands.executeCommand("ncco.showBeside");
  const [{ document }] = editor.seen.shown;
  for (let died = 1; died <= 5; died++) {
    const { version } = document;
    const before = editor.seen.status.text;
    process.kill(Number(before.split(".").at(-1)), "SIGKILL");
    if (died < 5) {
      await status(editor, (text) => text !== before && text.startsWith("ncco "));
      await until(editor, document, () => document.version > version);
      assert.equal(document.text, '["one"]\n');
    }
  }
  await status(editor, (text) => text === "the server has stopped");
  assert.match(editor.seen.errors[0][0], /crashed 5 times/);
  await editor.api.commands.executeCommand("ncco.restartServer");
  assert.match(editor.seen.status.text, /^ncco 0\.0\.\d+$/);
});

test("another path starts the server of that path", async () => {
  const editor = await start({ "ncco.path": "/gone/ncco" });
  editor.settings.set("ncco.path", fake());
  const source = flow(editor, "one");
  editor.events.onDidChangeConfiguration.fire({ affectsConfiguration: (name) => name === "ncco.path" });
  await editor.api.commands.executeCommand("ncco.showBeside");
  assert.equal(editor.seen.shown[0].document.text, '["one"]\n');
  assert.equal(source.version, 1);
});

// tests/shells/test_vscode.py says how the real server is started.
const real = process.env.NCCO_SERVER ? JSON.parse(process.env.NCCO_SERVER) : null;

test("the real server: what it can do, and the NCCO beside", { skip: real === null && "NCCO_SERVER is not set" }, async () => {
  const editor = await start({ "ncco.path": program("real", real) });
  assert.match(editor.seen.status.text, /^ncco \d+\.\d+\.\d+/, editor.seen.log.join("\n"));
  for (const what of ["Hover", "CompletionItem", "Rename", "DocumentSymbol", "FoldingRange", "InlayHints", "DocumentLink"]) {
    assert.ok(editor.seen.registered.has(`register${what}Provider`), what);
  }
  const source = flow(editor, 'talk "Hello 😀."\n');
  await editor.api.commands.executeCommand("ncco.showBeside");
  const [{ document }] = editor.seen.shown;
  assert.deepEqual(JSON.parse(document.text), [{ action: "talk", text: "Hello 😀." }]);
  editor.edit(source, 'talk "Hello 😀." lop: 2\n');
  assert.match(await until(editor, document, (text) => text.startsWith("//")), /1 finding\b.*before/);
  editor.edit(source, 'talk "Hello 😀." loop: 2\n');
  const text = await until(editor, document, (each) => !each.startsWith("//"));
  assert.deepEqual(JSON.parse(text), [{ action: "talk", text: "Hello 😀.", loop: 2 }]);
});
