/**
 * Checks YARA rules without the engine: what they use from outside, and what the engine's messages mean. The engine
 * runs in a subprocess of the server.
 */
import { type Issue, type Place, error, placesOf, quote, textStart, warning } from "@tocsin/base/issue"

/** The most characters in a file of YARA rules. */
export const yaraCharsMax = 262_144

/** Modules that look only at the scanned data and always give the same result. */
const modules = ["dotnet", "elf", "hash", "lnk", "macho", "math", "pe", "string"]

/** Checks a file before the engine runs. Codes: `yara.too_large`, `yara.include`, `yara.module` and `yara.empty`. */
export function checkBeforeEngine(text: string): Issue[] {
    if (!(text.length <= yaraCharsMax)) {
        return [error(textStart, "yara.too_large", `YARA rules may have \`${yaraCharsMax}\` characters at most`)]
    }
    const at = placesOf(text)
    const issues: Issue[] = []
    const words = wordsOf(text)
    for (const [n, { text: word, at: offset }] of words.entries()) {
        if (word === "include") issues.push(error(at(offset), "yara.include", "`include` reads another file"))
        const moduleText = words[n + 1]?.text ?? ""
        const name = moduleText.startsWith('"') ? moduleText.slice(1, -1) : moduleText
        if (word === "import" && !modules.includes(name)) {
            issues.push(error(at(offset), "yara.module", `the module ${quote(name)} is not run here`))
        }
    }
    if (!words.some((word) => word.text === "rule"))
        issues.push(error(textStart, "yara.empty", "there is no rule here"))
    return issues
}

interface YaraWord {
    readonly text: string
    readonly at: number
}

/**
 * Lists words and texts, without comments, patterns, and texts that are not module names. A `/` always begins a pattern
 * or comment.
 */
function wordsOf(text: string): YaraWord[] {
    const token = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"?|\/(?:[^/\\\n]|\\.)+\/?|[A-Za-z_]\w*/g
    const words: YaraWord[] = []
    let last = ""
    for (const item of text.matchAll(token)) {
        const found = item[0]
        if (found.startsWith("/") || (found.startsWith('"') && last !== "import")) continue
        words.push({ text: found, at: item.index })
        last = found
    }
    return words
}

/** Converts the engine's message `error[E009]: …`, with a place and an excerpt below, to an issue. */
export function yaraIssue(message: string): Issue {
    const [head = "", ...rest] = message.split("\n")
    const [, kind, code = "failed", description = head] = /^(error|warning)\[(\w+)\]: (.*)$/.exec(head) ?? []
    const label = rest.map((line) => /^\s*\|\s*[\^-]+ (.+)$/.exec(line)?.[1]).find((item) => item !== undefined)
    const report = kind === "warning" ? warning : error
    return report(
        placeIn(rest),
        `yara.${code.toLowerCase()}`,
        label === undefined ? description : `${description}: ${label}`,
    )
}

function placeIn(lines: readonly string[]): Place {
    const found = lines.map((line) => /^\s*--> line:(\d+):(\d+)$/.exec(line)).find((item) => item !== null)
    return found ? { line: Number(found[1]), column: Number(found[2]) } : textStart
}
