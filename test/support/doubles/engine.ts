/** Runs the YARA engine in this process, for tests that run it often on rules that terminate. */
import { readFileSync } from "node:fs"
import { Compiler, initSync } from "@virustotal/yara-x"

let ready = false

/** Returns the engine's errors, and the matching rules of each file. */
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
