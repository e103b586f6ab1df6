/** Runs one `tocsin` command: results on stdout, messages on stderr. */
import fs from "node:fs"
import { runCommands } from "@tocsin/base/command-line"
import { makeCommands } from "./command-line.ts"

const { version } = JSON.parse(fs.readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string
}

await runCommands(makeCommands(process.env).version(version))
