// Find, start, restart and stop the server, and report if there is none.
"use strict";

const vscode = require("vscode");
const { CloseAction, LanguageClient, State } = require("vscode-languageclient/node");
const { findServer, NoSuchProgram } = require("./find");
const { here } = require("./machine");

const INSTALL = "pip install 'ncco-lang[lsp]'";
const FLOW = "ncco-flow";

/** The documents that the server handles; of JSON files it handles those that `ncco check` would check. */
const DOCUMENTS = [
  { scheme: "file", language: FLOW },
  { scheme: "untitled", language: FLOW },
  { scheme: "file", pattern: "**/ncco.toml" },
  { scheme: "file", language: "json", pattern: "**/*.json" },
];

/** A client that tolerates a server that exits before it is initialized; the library stops it then, and throws. */
class Client extends LanguageClient {
  /**
   * @param {number} [timeout]
   */
  async stop(timeout) {
    if (this.state !== State.Starting) {
      await super.stop(timeout);
    }
  }
}

/** One server at a time; a restart waits for the previous one. */
class Session {
  /**
   * @param {vscode.Uri} folder the extension's own
   */
  constructor(folder) {
    this.folder = folder;
    /** @type {LanguageClient | null} */
    this.client = null;
    this.log = vscode.window.createOutputChannel("NCCO", { log: true });
    this.status = vscode.languages.createLanguageStatusItem("ncco.server", DOCUMENTS);
    this.status.name = "NCCO";
    this.status.command = { command: "ncco.restartServer", title: "restart" };
    /** @type {Promise<void>} */
    this.last = Promise.resolve();
    /** Fires when a server is ready: the first, or one after a restart or a crash. @type {vscode.EventEmitter<void>} */
    this.started = new vscode.EventEmitter();
    this.onDidStart = this.started.event;
  }

  /** Start the server, or restart it. */
  restart() {
    this.last = this.last.then(async () => {
      await this.end();
      await this.start();
    });
    return this.last;
  }

  async start() {
    this.tell("starting", false, true);
    /** @type {import("./find").Found | null} */
    let found;
    try {
      found = await findServer(here());
    } catch (error) {
      if (!(error instanceof NoSuchProgram)) {
        throw error;
      }
      this.tell("no server", true);
      void this.complain(`NCCO: ${error.message}.`, true);
      return;
    }
    if (found === null) {
      this.tell("no server", true);
      void this.complain(`NCCO: no ncco was found. It comes with Python: ${INSTALL}`, true);
      return;
    }
    const server = { command: found.command, args: found.args };
    let isStarted = false;
    /** @type {LanguageClient} */
    const client = new Client("ncco", "NCCO", server, {
      documentSelector: DOCUMENTS,
      outputChannel: this.log,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (error, message, count) => usual.error(error, message, count),
        // A server that exits before it is initialized would do so again.
        closed: () => (isStarted ? usual.closed() : { action: CloseAction.DoNotRestart, handled: true }),
      },
    });
    const usual = client.createDefaultErrorHandler();
    try {
      await client.start();
      isStarted = true;
    } catch (error) {
      this.log.error(`${found.command} ${found.args.join(" ")}: ${error}`);
      this.tell("the server did not start", true);
      void this.complain(`NCCO: ${found.command} did not start as a language server. Does it need ${INSTALL}?`, false);
      return;
    }
    this.client = client;
    this.follow(client, found);
    client.onDidChangeState(() => this.follow(client, found));
  }

  /**
   * The library restarts a server that crashes, until it has crashed too often.
   * @param {LanguageClient} client
   * @param {import("./find").Found} found
   */
  follow(client, found) {
    if (client !== this.client) {
      return;
    }
    if (client.state === State.Running) {
      const version = client.initializeResult?.serverInfo?.version ?? "";
      this.tell(`ncco ${version}`.trim(), false, false, `${found.command}, from ${found.where}`);
      this.started.fire();
    } else if (client.state === State.Stopped) {
      this.tell("the server has stopped", true);
    } else {
      this.tell("starting", false, true);
    }
  }

  async end() {
    const client = this.client;
    this.client = null;
    try {
      await client?.stop();
    } catch (error) {
      // It is gone already, as wanted.
      this.log.warn(`the server did not say goodbye: ${error}`);
    }
  }

  /**
   * Send a request to the server; null if there is no server, or no result.
   * @param {string} method
   * @param {unknown} params
   * @returns {Promise<any>}
   */
  async ask(method, params) {
    await this.last;
    try {
      return (await this.client?.sendRequest(method, params)) ?? null;
    } catch (error) {
      this.log.warn(`${method}: ${error}`);
      return null;
    }
  }

  /**
   * @param {string} text
   * @param {boolean} isWrong
   * @param {boolean} isBusy
   * @param {string} detail
   */
  tell(text, isWrong, isBusy = false, detail = "") {
    this.status.text = text;
    this.status.detail = detail;
    this.status.busy = isBusy;
    this.status.severity = isWrong ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
  }

  /**
   * Show an error, with buttons for what helps.
   * @param {string} message
   * @param {boolean} isMissing
   */
  async complain(message, isMissing) {
    const help = "How to install";
    const copy = "Copy the command";
    const last = isMissing ? "Open the setting" : "Show the log";
    const chosen = await vscode.window.showErrorMessage(message, help, copy, last);
    if (chosen === help) {
      await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.joinPath(this.folder, "README.md"));
    } else if (chosen === copy) {
      await vscode.env.clipboard.writeText(INSTALL);
    } else if (chosen === last && isMissing) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "ncco.path");
    } else if (chosen === last) {
      this.log.show();
    }
  }

  async dispose() {
    await this.last;
    await this.end();
    this.started.dispose();
    this.status.dispose();
    this.log.dispose();
  }
}

module.exports = { Session, INSTALL, FLOW };
