/**
 * What is published: the sources compiled (Node strips no types under node_modules), and the browser's part.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import { buildWeb } from "./web.ts"

fs.rmSync("dist", { recursive: true, force: true })
execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" })
fs.cpSync("src", "dist", {
    recursive: true,
    filter: (from) => !/\.tsx?$/.test(from) && !from.startsWith("src/web"),
})
await buildWeb()
