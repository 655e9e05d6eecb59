// Find the server: in the settings, the workspace's environment, the search path, or a Python that has the package.
"use strict";

const path = require("node:path");

/**
 * A way to start the server.
 * @typedef {{ command: string, args: string[], where: string }} Found
 */

/**
 * The facts about the machine and the workspace.
 * @typedef {object} Place
 * @property {string} configured the setting `ncco.path`; empty if not set
 * @property {string[]} folders the workspace's folders
 * @property {boolean} trusted whether programs of the workspace may be started
 * @property {NodeJS.Platform} platform
 * @property {Record<string, string | undefined>} env
 * @property {string} home
 * @property {(file: string) => boolean} isProgram whether a file exists and can be started
 * @property {(command: string, args: string[]) => Promise<boolean>} succeeds runs a program; whether it exits with 0
 */

/** Thrown if the setting names a program that does not exist; starting another one would be a surprise. */
class NoSuchProgram extends Error {}

/**
 * Return the server to start; null if there is none.
 * @param {Place} place
 * @returns {Promise<Found | null>}
 */
async function findServer(place) {
  const paths = place.platform === "win32" ? path.win32 : path.posix;
  const program = place.platform === "win32" ? "ncco.exe" : "ncco";
  if (place.configured && place.trusted) {
    const command = expand(place.configured, place, paths);
    if (paths.isAbsolute(command) ? !place.isProgram(command) : !onPath(command, place, paths)) {
      throw new NoSuchProgram(`the setting ncco.path names ${command}, and no such program is there`);
    }
    return { command, args: ["lsp"], where: "the setting ncco.path" };
  }
  for (const folder of place.trusted ? place.folders : []) {
    const command = paths.join(folder, ".venv", place.platform === "win32" ? "Scripts" : "bin", program);
    if (place.isProgram(command)) {
      return { command, args: ["lsp"], where: "the workspace's .venv" };
    }
  }
  const known = onPath(program, place, paths);
  if (known) {
    return { command: known, args: ["lsp"], where: "the search path" };
  }
  const pythons = place.platform === "win32" ? ["py.exe", "python.exe"] : ["python3", "python"];
  for (const name of pythons) {
    const python = onPath(name, place, paths);
    if (python && (await place.succeeds(python, ["-m", "ncco_lang", "--version"]))) {
      return { command: python, args: ["-m", "ncco_lang", "lsp"], where: `${name} -m ncco_lang` };
    }
  }
  return null;
}

/**
 * @param {string} written
 * @param {Place} place
 * @param {path.PlatformPath} paths
 */
function expand(written, place, paths) {
  const folder = place.folders[0] ?? "";
  let said = written.trim().replaceAll("${workspaceFolder}", folder);
  if (said === "~" || said.startsWith("~/") || said.startsWith("~\\")) {
    said = place.home + said.slice(1);
  }
  const hasFolder = said.includes("/") || (place.platform === "win32" && said.includes("\\"));
  return hasFolder && !paths.isAbsolute(said) && folder ? paths.join(folder, said) : said;
}

/**
 * Return a program of the search path with its folder; null if there is none.
 * @param {string} name
 * @param {Place} place
 * @param {path.PlatformPath} paths
 */
function onPath(name, place, paths) {
  const searched = place.env.PATH ?? place.env.Path ?? "";
  for (const folder of searched.split(paths.delimiter)) {
    // A relative folder would be inside the workspace, which may not be trusted.
    if (paths.isAbsolute(folder) && place.isProgram(paths.join(folder, name))) {
      return paths.join(folder, name);
    }
  }
  return null;
}

module.exports = { findServer, NoSuchProgram };
