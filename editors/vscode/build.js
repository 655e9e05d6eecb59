// Bundle the extension and pack it as dist/ncco-lang-VERSION.vsix, or in a given folder, with the same bytes every time.
// A .vsix is a zip with two files of its own, so this needs no packing tool with hundreds of packages.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");
const esbuild = require("esbuild");

const HERE = __dirname;
const ROOT = path.join(HERE, "..", "..");
const OWN = path.join(HERE, "dist");
const DIST = process.argv[2] ? path.resolve(process.argv[2]) : OWN;
const GRAMMAR = path.join(HERE, "..", "textmate", "ncco.tmLanguage.json");

async function main() {
  if (DIST === OWN) {
    // The folder can then be run directly, from an editor that develops extensions.
    fs.rmSync(DIST, { recursive: true, force: true });
    fs.mkdirSync(path.join(HERE, "syntaxes"), { recursive: true });
    fs.copyFileSync(GRAMMAR, path.join(HERE, "syntaxes", "ncco.tmLanguage.json"));
  }
  const bundled = await esbuild.build({
    absWorkingDir: HERE,
    entryPoints: ["src/extension.js"],
    outfile: path.join(DIST, "extension.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
    minify: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const manifest = JSON.parse(read("package.json"));
  const { devDependencies: _tools, scripts: _scripts, private: _private, ...shipped } = manifest;
  /** @type {[string, string | Buffer][]} */
  const files = [
    ["[Content_Types].xml", contentTypes()],
    ["extension.vsixmanifest", vsixManifest(manifest)],
    ["extension/package.json", `${JSON.stringify(shipped, null, 2)}\n`],
    ["extension/README.md", read("README.md")],
    ["extension/LICENSE.txt", fs.readFileSync(path.join(ROOT, "LICENSE"), "utf8")],
    ["extension/NOTICES.txt", notices(Object.keys(bundled.metafile.inputs))],
    ["extension/language-configuration.json", read("language-configuration.json")],
    ["extension/snippets.json", read("snippets.json")],
    ["extension/syntaxes/ncco.tmLanguage.json", fs.readFileSync(GRAMMAR, "utf8")],
    ["extension/dist/extension.js", fs.readFileSync(path.join(DIST, "extension.js"), "utf8")],
  ];
  const target = path.join(DIST, `${manifest.name}-${manifest.version}.vsix`);
  fs.writeFileSync(target, zip(files.map(([name, text]) => [name, Buffer.from(text)])));
  process.stdout.write(`${path.relative(process.cwd(), target)}\n`);
}

/**
 * @param {string} name
 */
function read(name) {
  return fs.readFileSync(path.join(HERE, name), "utf8");
}

/**
 * The licences of the bundled packages, which require their text to be included.
 * @param {string[]} inputs
 */
function notices(inputs) {
  const found = inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  const folders = [...new Set(found.filter((folder) => folder !== undefined))].sort();
  return folders.map((folder) => {
    const { name, version } = JSON.parse(read(`${folder}/package.json`));
    const file = fs.readdirSync(path.join(HERE, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) {
      throw new Error(`${name} has no licence beside it`);
    }
    return `${name} ${version}\n\n${read(`${folder}/${file}`).trim()}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

function contentTypes() {
  const types = { json: "application/json", vsixmanifest: "text/xml", md: "text/markdown", txt: "text/plain" };
  const rows = Object.entries({ ...types, js: "application/javascript" });
  const lines = rows.map(([extension, type]) => `<Default Extension=".${extension}" ContentType="${type}"/>`);
  const space = "http://schemas.openxmlformats.org/package/2006/content-types";
  return `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="${space}">${lines.join("")}</Types>\n`;
}

/**
 * @param {any} manifest
 */
function vsixManifest(manifest) {
  const space = "http://schemas.microsoft.com/developer/vsx-schema/2011";
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="${space}">
  <Metadata>
    <Identity Language="en-US" Id="${manifest.name}" Version="${manifest.version}" Publisher="${manifest.publisher}"/>
    <DisplayName>${manifest.displayName}</DisplayName>
    <Description xml:space="preserve">${manifest.description}</Description>
    <Tags>${manifest.keywords.join(",")}</Tags>
    <Categories>${manifest.categories.join(",")}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${manifest.engines.vscode}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="${manifest.extensionKind.join(",")}"/>
      <Property Id="Microsoft.VisualStudio.Services.GitHubFlavoredMarkdown" Value="true"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

/**
 * Return a zip archive. Every file has zip's earliest time, so that the bytes do not depend on the time of packing.
 * @param {[string, Buffer][]} files
 */
function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, content] of files) {
    const packed = zlib.deflateRawSync(content, { level: 9 });
    const called = Buffer.from(name, "utf8");
    const about = Buffer.alloc(26);
    // Version 2.0, names in UTF-8, deflated, 1 January 1980.
    [20, 0x0800, 8, 0, 0x0021].forEach((value, index) => about.writeUInt16LE(value, index * 2));
    [crc32(content), packed.length, content.length].forEach((value, index) => about.writeUInt32LE(value, 10 + index * 4));
    about.writeUInt16LE(called.length, 22);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), about, called, packed);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE(0o100644 * 0x10000, 6);
    attributes.writeUInt32LE(offset, 10);
    // Marked as made on Unix, so that the permissions above are used.
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), about, attributes, called);
    offset += 4 + about.length + called.length + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/**
 * @param {Buffer} content
 */
function crc32(content) {
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

main().catch((error) => {
  process.stderr.write(`${error && error.stack}\n`);
  process.exitCode = 1;
});
