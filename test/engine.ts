/** The engine of YARA in this process: for tests that run it often, on rules that are known to end. */
import { readFileSync } from "node:fs"
import { Compiler, initSync } from "@virustotal/yara-x"

let ready = false

/** What the engine says is wrong, and of each file the rules that match it. */
export function runYara(
    rules: string,
    files: readonly Uint8Array[],
): { errors: readonly string[]; warnings: readonly string[]; matched: readonly (readonly string[])[] } {
    if (!ready) {
        initSync({ module: readFileSync(new URL("yara_x_js_bg.wasm", import.meta.resolve("@virustotal/yara-x"))) })
        ready = true
    }
    const compiler = new Compiler()
    compiler.addSource(rules)
    const { errors, warnings } = compiler
    const built = compiler.build()
    const matched = files.map((file) => {
        const found = built.scanner().scan(file) as { matches: { identifier: string }[] }
        return found.matches.map((match) => match.identifier).toSorted()
    })
    return { errors, warnings, matched }
}
