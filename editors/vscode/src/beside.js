// Show the NCCO of a flow in a document of its own, which follows the flow's edits.
"use strict";

const vscode = require("vscode");
const { FLOW } = require("./session");

const SCHEME = "ncco";
const PAUSE = 150;

/** Provides the documents of the scheme; a flow with errors keeps its last NCCO visible. */
class Beside {
  /**
   * @param {(uri: string) => Promise<{ ncco: string | null, findings: number } | null>} compile
   */
  constructor(compile) {
    this.compile = compile;
    /** @type {vscode.EventEmitter<vscode.Uri>} */
    this.changes = new vscode.EventEmitter();
    this.onDidChange = this.changes.event;
    /** Source → its last NCCO without errors. @type {Map<string, string>} */
    this.last = new Map();
    /** @type {Map<string, NodeJS.Timeout>} */
    this.waiting = new Map();
    /** The sources that are shown. @type {Map<string, vscode.Uri>} */
    this.shown = new Map();
  }

  /**
   * Open the NCCO of a flow in the next column.
   * @param {vscode.TextEditor | undefined} editor
   */
  async show(editor) {
    if (editor?.document.languageId !== FLOW) {
      await vscode.window.showInformationMessage("NCCO: open a .flow file first; its NCCO is shown beside it.");
      return;
    }
    const target = targetOf(editor.document.uri);
    const document = await vscode.workspace.openTextDocument(target);
    const options = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true };
    await vscode.window.showTextDocument(document, options);
  }

  /**
   * @param {vscode.Uri} target
   */
  async provideTextDocumentContent(target) {
    const source = sourceOf(target);
    this.shown.set(source, target);
    try {
      // The server knows only open documents, and after a reload of the window the flow may not be open.
      await vscode.workspace.openTextDocument(vscode.Uri.parse(source));
    } catch (error) {
      return `// The flow cannot be opened: ${error instanceof Error ? error.message : error}\n`;
    }
    const answer = await this.compile(source);
    if (answer === null) {
      return "// The server does not answer. The command \"NCCO: restart the server\" starts it again.\n";
    }
    if (answer.ncco !== null) {
      this.last.set(source, answer.ncco);
      return ending(answer.ncco);
    }
    const many = answer.findings === 1 ? "1 finding" : `${answer.findings} findings`;
    const before = this.last.get(source);
    const head = `// The flow does not compile now: ${many}.`;
    return before === undefined ? `${head}\n` : `${head} This is what it became before.\n${ending(before)}`;
  }

  /**
   * Update the shown NCCO of an edited flow after a pause.
   * @param {vscode.TextDocument} document
   */
  edited(document) {
    const source = document.uri.toString();
    const target = this.shown.get(source);
    if (target === undefined) {
      return;
    }
    clearTimeout(this.waiting.get(source));
    const later = () => {
      this.waiting.delete(source);
      this.changes.fire(target);
    };
    this.waiting.set(source, setTimeout(later, PAUSE));
  }

  /** Request every shown NCCO again, as after a restart of the server. */
  refresh() {
    for (const target of this.shown.values()) {
      this.changes.fire(target);
    }
  }

  /**
   * @param {vscode.TextDocument} document
   */
  closed(document) {
    if (document.uri.scheme === SCHEME) {
      const source = sourceOf(document.uri);
      clearTimeout(this.waiting.get(source));
      this.waiting.delete(source);
      this.shown.delete(source);
      this.last.delete(source);
    }
  }

  dispose() {
    for (const timer of this.waiting.values()) {
      clearTimeout(timer);
    }
    this.changes.dispose();
  }
}

/**
 * Return the URI of the document that shows the NCCO of a flow: the flow's name as the path, its URI as the query.
 * @param {vscode.Uri} source
 */
function targetOf(source) {
  const path = `${source.path.replace(/\.flow$/, "")}.ncco.jsonc`;
  return vscode.Uri.from({ scheme: SCHEME, path, query: source.toString() });
}

/**
 * @param {vscode.Uri} target
 */
function sourceOf(target) {
  return target.query;
}

/**
 * @param {string} text
 */
function ending(text) {
  return text.endsWith("\n") ? text : `${text}\n`;
}

module.exports = { Beside, SCHEME };
