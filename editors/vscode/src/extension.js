// Connect the server, the document beside a flow, and the commands to the editor.
"use strict";

const vscode = require("vscode");
const { Beside, SCHEME } = require("./beside");
const { Session } = require("./session");

/** @type {Session | null} */
let session = null;

/**
 * @param {vscode.ExtensionContext} context
 */
async function activate(context) {
  const own = new Session(context.extensionUri);
  session = own;
  const beside = new Beside((uri) => own.ask("ncco/compile", { uri }));
  const restart = () => own.restart();
  context.subscriptions.push(
    beside,
    own.onDidStart(() => beside.refresh()),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, beside),
    vscode.workspace.onDidChangeTextDocument((event) => beside.edited(event.document)),
    vscode.workspace.onDidCloseTextDocument((document) => beside.closed(document)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("ncco.path")) {
        void restart();
      }
    }),
    vscode.commands.registerCommand("ncco.showBeside", () => beside.show(vscode.window.activeTextEditor)),
    vscode.commands.registerCommand("ncco.restartServer", restart),
    vscode.commands.registerCommand("ncco.showLog", () => own.log.show()),
  );
  await own.restart();
}

async function deactivate() {
  const own = session;
  session = null;
  await own?.dispose();
}

module.exports = { activate, deactivate };
