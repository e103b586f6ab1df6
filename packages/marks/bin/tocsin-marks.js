#!/usr/bin/env node
// Runs the sources in a checkout, and the build in an installed package.
import fs from "node:fs"

const source = new URL("../src/main.ts", import.meta.url)
await import(fs.existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href)
