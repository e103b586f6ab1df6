/**
 * Main program of the subprocess that runs YARA rules. It reads one question from standard input and writes one answer
 * to standard output.
 *
 * It may read only the engine and its own code, and starts nothing. `sandbox.ts` enforces this and a time limit.
 */
import { readFileSync } from "node:fs"
import { Compiler, type Rules, initSync } from "@virustotal/yara-x"

interface Question {
    readonly rules: string
    /** Samples in Base64. */
    readonly samples: readonly string[]
}

/** The rules by name. */
interface Answer {
    readonly errors: readonly string[]
    readonly warnings: readonly string[]
    /** For each sample, the rules that matched; empty where the rules have errors. */
    readonly matched: readonly (readonly string[])[]
}

function answer({ rules, samples }: Question): Answer {
    const wasm = new URL("yara_x_js_bg.wasm", import.meta.resolve("@virustotal/yara-x"))
    initSync({ module: readFileSync(wasm) })
    const compiler = new Compiler()
    try {
        compiler.addSource(rules)
    } catch (fault) {
        // `errors` has faults of the rules. A fault of the engine throws.
        if (compiler.errors.length === 0) throw fault
    }
    const { errors, warnings } = compiler
    if (errors.length > 0) return { errors, warnings, matched: [] }
    const built = compiler.build()
    return { errors, warnings, matched: samples.map((sample) => matches(built, Buffer.from(sample, "base64"))) }
}

function matches(built: Rules, sample: Buffer): string[] {
    const scanner = built.scanner()
    scanner.setMaxMatchesPerPattern(100)
    const found = scanner.scan(sample) as { matches: { identifier: string }[] }
    return found.matches.map((match) => match.identifier)
}

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const result = answer(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Question)
process.stdout.write(JSON.stringify(result))
