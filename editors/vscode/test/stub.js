// Replaces the editor: `require("vscode")` returns the API made here. Only what the extension and the language client
// use is real; any other class or event is empty.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const { pathToFileURL, fileURLToPath } = require("node:url");

class Uri {
  constructor(scheme, authority, path, query, fragment) {
    Object.assign(this, { scheme, authority, path, query, fragment });
  }
  static parse(text) {
    const [, scheme, , authority, path, , query, , fragment] = /^([^:]+):(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?$/.exec(text);
    return new Uri(scheme, authority ?? "", decodeURIComponent(path), decodeURIComponent(query ?? ""), fragment ?? "");
  }
  static file(path) {
    return Uri.parse(pathToFileURL(path).toString());
  }
  static from(parts) {
    return new Uri(parts.scheme, parts.authority ?? "", parts.path ?? "", parts.query ?? "", parts.fragment ?? "");
  }
  static joinPath(uri, ...names) {
    return Uri.from({ ...uri, path: [uri.path, ...names].join("/") });
  }
  get fsPath() {
    return this.scheme === "file" ? fileURLToPath(this.toString()) : this.path;
  }
  toString() {
    const path = this.path.split("/").map(encodeURIComponent).join("/");
    const slashes = this.authority || this.scheme === "file" ? `//${this.authority}` : "";
    return `${this.scheme}:${slashes}${path}${this.query ? `?${encodeURIComponent(this.query)}` : ""}`;
  }
}

class Disposable {
  constructor(call = () => {}) {
    this.dispose = call;
  }
  static from(...all) {
    return new Disposable(() => all.forEach((each) => each.dispose()));
  }
}

class EventEmitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener, self) => {
      const call = self ? listener.bind(self) : listener;
      this.listeners.add(call);
      return new Disposable(() => this.listeners.delete(call));
    };
  }
  fire(value) {
    for (const listener of [...this.listeners]) {
      listener(value);
    }
  }
  dispose() {
    this.listeners.clear();
  }
}

class CancellationTokenSource {
  constructor() {
    const cancelled = new EventEmitter();
    this.token = { isCancellationRequested: false, onCancellationRequested: cancelled.event };
    this.cancel = () => {
      this.token.isCancellationRequested = true;
      cancelled.fire();
    };
    this.dispose = () => cancelled.dispose();
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(...ends) {
    const [start, end] = ends.length === 4 ? [new Position(ends[0], ends[1]), new Position(ends[2], ends[3])] : ends;
    Object.assign(this, { start, end });
  }
}

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}
CodeActionKind.Empty = new CodeActionKind("");

/** An empty class whose statics are all 0, so that it also works as an enumeration. */
function nothing(name) {
  const made = { [name]: class {} }[name];
  return new Proxy(made, { get: (target, key) => (key in target || typeof key === "symbol" ? target[key] : 0) });
}

/** Return an object on which any other event exists and never fires, and any other function does nothing. */
function open(known, called = () => {}) {
  return new Proxy(known, {
    get(target, key) {
      if (!(key in target) && typeof key === "string") {
        target[key] = () => {
          called(key);
          return new Disposable();
        };
      }
      return target[key];
    },
  });
}

/** Return a new editor for a test. */
function makeEditor() {
  const events = Object.fromEntries(
    ["onDidOpenTextDocument", "onDidChangeTextDocument", "onDidCloseTextDocument", "onDidChangeConfiguration"].map((name) => [
      name,
      new EventEmitter(),
    ]),
  );
  const settings = new Map();
  const commands = new Map();
  const providers = new Map();
  const seen = { errors: [], informations: [], shown: [], clipboard: "", ran: [], log: [], diagnostics: new Map(), status: null, registered: new Set() };
  const answers = [];
  const log = open({ dispose() {}, logLevel: 0, show: () => seen.ran.push("show log") });
  for (const level of ["error", "warn", "info", "debug", "trace", "append", "appendLine"]) {
    log[level] = (text) => seen.log.push(String(text));
  }
  const enums = {
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    LanguageStatusSeverity: { Information: 0, Warning: 1, Error: 2 },
    ViewColumn: { Active: -1, Beside: -2, One: 1 },
  };
  const api = new Proxy(
    {
      ...{ Uri, Disposable, EventEmitter, CancellationTokenSource, Position, Range, Diagnostic, CodeActionKind, ...enums },
      CancellationError: class extends Error {},
      version: "1.91.0",
      env: open({
        appName: "test",
        language: "en",
        clipboard: { writeText: async (text) => void (seen.clipboard = text) },
      }),
      l10n: { t: (text) => text },
      extensions: open({ all: [], getExtension: () => undefined }),
      workspace: open({
        isTrusted: true,
        workspaceFolders: [],
        textDocuments: [],
        notebookDocuments: [],
        getConfiguration: (section) => ({ get: (key, otherwise) => settings.get(`${section}.${key}`) ?? otherwise }),
        registerTextDocumentContentProvider(scheme, provider) {
          providers.set(scheme, provider);
          return provider.onDidChange(async (uri) => {
            const document = api.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
            if (document) {
              edit(document, await provider.provideTextDocumentContent(uri));
            }
          });
        },
        async openTextDocument(uri) {
          const known = api.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
          if (known || uri.scheme === "file") {
            return known ?? openDocument(uri, "ncco-flow", fs.readFileSync(uri.fsPath, "utf8"));
          }
          const text = await providers.get(uri.scheme).provideTextDocumentContent(uri);
          return openDocument(uri, "jsonc", text);
        },
        createFileSystemWatcher: () => open({ dispose() {} }),
        ...Object.fromEntries(Object.entries(events).map(([name, emitter]) => [name, emitter.event])),
      }),
      window: open({
        activeTextEditor: undefined,
        visibleTextEditors: [],
        tabGroups: open({ all: [] }),
        createOutputChannel: () => log,
        async showErrorMessage(...message) {
          seen.errors.push(message);
          return answers.shift();
        },
        async showInformationMessage(...message) {
          seen.informations.push(message);
        },
        async showTextDocument(document, options) {
          seen.shown.push({ document, options });
        },
      }),
      languages: open({
        match: (selector, document) =>
          [selector].flat().some((filter) => filter.language === document.languageId && filter.scheme === document.uri.scheme) ? 1 : 0,
        createLanguageStatusItem: (id) => (seen.status = { id, dispose() {} }),
        createDiagnosticCollection: () => ({
          set: (uri, list) => seen.diagnostics.set(uri.toString(), list),
          delete: (uri) => seen.diagnostics.delete(uri.toString()),
          clear: () => seen.diagnostics.clear(),
          dispose() {},
        }),
      }, (name) => seen.registered.add(name)),
      commands: open({
        registerCommand(name, call) {
          commands.set(name, call);
          return new Disposable(() => commands.delete(name));
        },
        async executeCommand(name, ...args) {
          seen.ran.push([name, ...args]);
          return commands.get(name)?.(...args);
        },
      }),
    },
    {
      get(target, key) {
        if (!(key in target) && typeof key === "string") {
          target[key] = nothing(key);
        }
        return target[key];
      },
    },
  );

  function openDocument(uri, languageId, text) {
    const document = { uri, languageId, version: 1, text, isClosed: false, isDirty: false, eol: 1, fileName: uri.fsPath };
    document.getText = () => document.text;
    api.workspace.textDocuments.push(document);
    events.onDidOpenTextDocument.fire(document);
    return document;
  }

  function edit(document, text) {
    const lines = document.text.split("\n");
    const range = new Range(0, 0, lines.length - 1, lines[lines.length - 1].length);
    const change = { range, rangeOffset: 0, rangeLength: document.text.length, text };
    document.text = text;
    document.version += 1;
    events.onDidChangeTextDocument.fire({ document, contentChanges: [change], reason: undefined });
  }

  function close(document) {
    api.workspace.textDocuments.splice(api.workspace.textDocuments.indexOf(document), 1);
    document.isClosed = true;
    events.onDidCloseTextDocument.fire(document);
  }

  return { api, seen, answers, settings, commands, events, providers, openDocument, edit, close };
}

/** The extension's source, or its bundle. */
const EXTENSION = process.env.NCCO_EXTENSION ?? require.resolve("../src/extension");

/** Make `require("vscode")` return this editor, and load the extension and the client again on top of it. */
function load(editor) {
  for (const file of Object.keys(require.cache)) {
    if (file === EXTENSION || file.includes("vscode-languageclient") || /[\\/]vscode[\\/]src[\\/]/.test(file)) {
      delete require.cache[file];
    }
  }
  const original = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? editor.api : original(name, ...rest));
  try {
    return require(EXTENSION);
  } finally {
    Module._load = original;
  }
}

module.exports = { makeEditor, load, Uri };
