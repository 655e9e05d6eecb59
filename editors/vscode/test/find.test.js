"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { findServer, NoSuchProgram } = require("../src/find");

/** Return a machine with some programs, and with some Pythons that have the package. */
function machine(programs, more = {}, pythons = []) {
  return {
    configured: "",
    folders: ["/shop"],
    trusted: true,
    platform: "linux",
    env: { PATH: "/usr/local/bin:/usr/bin:bin" },
    home: "/me",
    isProgram: (file) => programs.includes(file),
    succeeds: async (command) => pythons.includes(command),
    ...more,
  };
}

const ALL = ["/opt/ncco", "/shop/.venv/bin/ncco", "/usr/bin/ncco", "/usr/bin/python3"];

test("the setting comes first", async () => {
  const found = await findServer(machine(ALL, { configured: "/opt/ncco" }));
  assert.deepEqual(found, { command: "/opt/ncco", args: ["lsp"], where: "the setting ncco.path" });
});

test("the setting may begin at home, in the workspace, or be a name of the search path", async () => {
  for (const [configured, program] of [
    ["~/bin/ncco", "/me/bin/ncco"],
    ["${workspaceFolder}/tools/ncco", "/shop/tools/ncco"],
    ["tools/ncco", "/shop/tools/ncco"],
  ]) {
    assert.equal((await findServer(machine([program], { configured })))?.command, program);
  }
  assert.equal((await findServer(machine(["/usr/bin/ncco"], { configured: "ncco" })))?.command, "ncco");
});

test("a setting that names nothing is said, and nothing else is taken", async () => {
  await assert.rejects(findServer(machine(ALL, { configured: "/gone/ncco" })), NoSuchProgram);
  await assert.rejects(findServer(machine(ALL, { configured: "gone" })), /ncco\.path names gone/);
});

test("then the workspace's environment", async () => {
  const found = await findServer(machine(ALL));
  assert.deepEqual(found, { command: "/shop/.venv/bin/ncco", args: ["lsp"], where: "the workspace's .venv" });
  const second = await findServer(machine(["/b/.venv/bin/ncco"], { folders: ["/a", "/b"] }));
  assert.equal(second?.command, "/b/.venv/bin/ncco");
});

test("then the search path, of which no relative folder counts", async () => {
  assert.equal((await findServer(machine(["bin/ncco", "/usr/bin/ncco"])))?.command, "/usr/bin/ncco");
  assert.equal(await findServer(machine(["bin/ncco"])), null);
});

test("then a Python that has the package", async () => {
  const programs = ["/usr/bin/python3", "/usr/local/bin/python"];
  const found = await findServer(machine(programs, {}, ["/usr/local/bin/python"]));
  assert.deepEqual(found, {
    command: "/usr/local/bin/python",
    args: ["-m", "ncco_lang", "lsp"],
    where: "python -m ncco_lang",
  });
});

test("otherwise there is no server", async () => {
  assert.equal(await findServer(machine(["/usr/bin/python3"])), null);
  assert.equal(await findServer(machine([], { env: {} })), null);
});

test("a workspace that is not trusted starts nothing of its own", async () => {
  const found = await findServer(machine(ALL, { trusted: false, configured: "/opt/ncco" }));
  assert.equal(found?.command, "/usr/bin/ncco");
});

test("on Windows programs have other names and places", async () => {
  const windows = { platform: "win32", folders: ["C:\\shop"], env: { Path: "C:\\bin;C:\\py" } };
  const own = "C:\\shop\\.venv\\Scripts\\ncco.exe";
  assert.equal((await findServer(machine([own, "C:\\bin\\ncco.exe"], windows)))?.command, own);
  assert.equal((await findServer(machine(["C:\\bin\\ncco.exe"], windows)))?.command, "C:\\bin\\ncco.exe");
  assert.equal((await findServer(machine(["C:\\py\\py.exe"], windows, ["C:\\py\\py.exe"])))?.command, "C:\\py\\py.exe");
});
