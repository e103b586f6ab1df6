/**
 * The corpus of source files for marks, and how this machine runs each: a copy must print what its master prints. The
 * product needs none of these compilers and interpreters.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface SampleProgram {
    readonly language: string
    /** In test/fixtures/source. */
    readonly file: string
    readonly text: string
    /** Returns the output and the exit code; null: this machine cannot run it. */
    readonly run: ((text: string) => string) | null
}

type Runner = (path: string) => [command: string, args: string[]][]

const node = process.execPath

/** Commands per language; the last runs the program. `needs` is asked for its version to detect it. */
const runners: Readonly<Record<string, { needs: string[]; steps: Runner }>> = {
    bash: { needs: ["bash", "--version"], steps: (path) => [["bash", [path]]] },
    c: {
        needs: ["gcc", "--version"],
        steps: (path) => [
            ["gcc", ["-std=c11", "-Wall", "-Wextra", "-Werror", "-o", `${path}.out`, path, "-lm"]],
            [`${path}.out`, []],
        ],
    },
    csharp: {
        needs: ["mcs", "--version"],
        steps: (path) => [
            ["mcs", ["-langversion:7", `-out:${path}.exe`, path]],
            ["mono", [`${path}.exe`]],
        ],
    },
    go: {
        needs: ["go", "version"],
        steps: (path) => [["go", ["run", path]]],
    },
    javascript: { needs: [node, "--version"], steps: (path) => [[node, ["--no-warnings", path]]] },
    powershell: {
        needs: ["pwsh", "--version"],
        steps: (path) => [["pwsh", ["-NoProfile", "-NonInteractive", "-File", path]]],
    },
    python: {
        needs: ["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 8))"],
        steps: (path) => [["python3", ["-X", "utf8", path]]],
    },
    ruby: { needs: ["ruby", "--version"], steps: (path) => [["ruby", [path]]] },
    typescript: { needs: [node, "--version"], steps: (path) => [[node, ["--no-warnings", path]]] },
}

const files: readonly [language: string, file: string, as?: string][] = [
    ["bash", "logs.sh"],
    ["c", "headers.c"],
    ["csharp", "Replies.cs"],
    ["go", "versions.go"],
    ["javascript", "queue.js", "queue.mjs"],
    ["powershell", "services.ps1"],
    ["python", "frames.py"],
    ["ruby", "cookies.rb"],
    ["typescript", "readings.ts", "readings.mts"],
]

export const programs: readonly SampleProgram[] = files.map(([language, file, as]) => {
    const text = readFileSync(join("test/fixtures/source", file), "utf8")
    return { language, file, text, run: runnerOf(language, as ?? file) }
})

/** Runs a text in a language under a file name; null, with a printed line, if this machine cannot. */
export function runnerOf(language: string, file: string): ((text: string) => string) | null {
    const runner = runners[language]
    const [needed = "", ...args] = runner?.needs ?? []
    const isAbsent = runner === undefined || spawnSync(needed, args).status !== 0
    if (isAbsent) process.stderr.write(`no ${needed} here: copies of ${file} are parsed, and not run\n`)
    return isAbsent ? null : (copy) => runInFolder(runner.steps, file, copy)
}

function runInFolder(steps: Runner, name: string, text: string): string {
    const folder = mkdtempSync(join(tmpdir(), "program-"))
    try {
        const path = join(folder, name)
        writeFileSync(path, text)
        const list = steps(path)
        for (const [command, args] of list.slice(0, -1)) execFileSync(command, args, { stdio: "pipe" })
        const [command, args] = list.at(-1) ?? ["", []]
        const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8", timeout: 60_000 })
        return `${status}\n${stdout}${stderr}`.replaceAll(folder, "")
    } finally {
        rmSync(folder, { recursive: true })
    }
}
