// Collect the facts about this machine and this workspace for `find.js`.
"use strict";

const { execFile } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const vscode = require("vscode");

const LONGEST = 10_000;

/**
 * @returns {import("./find").Place}
 */
function here() {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return {
    configured: vscode.workspace.getConfiguration("ncco").get("path", ""),
    folders: folders.filter((folder) => folder.uri.scheme === "file").map((folder) => folder.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
    platform: process.platform,
    env: process.env,
    home: os.homedir(),
    isProgram,
    succeeds,
  };
}

/**
 * @param {string} file
 */
function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<boolean>}
 */
function succeeds(command, args) {
  // Not in the workspace, because Python would import modules from there.
  const options = { timeout: LONGEST, windowsHide: true, cwd: os.homedir() };
  return new Promise((resolve) => execFile(command, args, options, (error) => resolve(error === null)));
}

module.exports = { here };
