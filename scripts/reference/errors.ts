/** The reference of error codes, from the places in the code that refuse. */
import type { Said } from "../../test/architecture/refusals.ts"
import { generatedNote, tableOf } from "./markdown.ts"

const statusOf: Readonly<Record<string, string>> = {
    invalid: "400",
    forbidden: "403",
    missing: "404",
    conflict: "409",
    unprocessable: "422",
    unavailable: "503",
}

/** What to do where a message does not say it. */
const usualAdvice: Readonly<Record<string, string>> = {
    invalid: "Correct the value that the message names.",
    forbidden: "Ask a person with the required role.",
    missing: "Check the id, and whether you have access.",
    conflict: "Resolve what the message names, then try again.",
    unprocessable: "Correct the object that the message names.",
    unavailable: "Try again later.",
    "400": "Correct the request.",
    "401": "Sign in, or check the token.",
    "403": "Call from a page of Tocsin, or from a script.",
    "404": "Check the address, and whether you have access.",
    "405": "Use a method that the address takes.",
    "406": "Accept a media type that the address has.",
    "413": "Send less.",
    "415": "Send a media type that the address reads.",
    "429": "Wait as `retry-after` says.",
    "500": "Look into the log of the server.",
    "503": "Try again later.",
}

const head = `# Errors

${generatedNote}
Every error that Tocsin answers with. A code without a status comes from a command or from a check of a text. Codes are
stable: match on the code, never on the message. An answer over HTTP has the code
in the field \`code\` of a problem document (RFC 9457). On the command line, the code follows the message in brackets.

Where the table has \`…\`, the message has a value. The last column names the places in the code that answer with
this error.
`

export function renderErrors(statements: readonly Said[]): string {
    const sections = Object.entries(Object.groupBy(statements, ({ code }) => code.split(".")[0] ?? ""))
    const inOrder = sections.toSorted(([a], [b]) => (a < b ? -1 : 1))
    return (
        head + inOrder.map(([object, errors = []]) => `\n## ${object}\n\n${tableOf(columns, rowsOf(errors))}`).join("")
    )
}

const columns = ["code", "status", "meaning", "what to do", "source"]

function rowsOf(errors: readonly Said[]): string[][] {
    const rows = Map.groupBy(errors, ({ code, message }) => `${code}\n${message}`)
    const sorted = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return sorted.flatMap(([, places]) => {
        const [first] = places
        if (first === undefined) return []
        const [meaning, advice] = partsOf(first.message.replace(/^\(.*\)$/, "the message says what is wrong"))
        const isOfCommand = places.every(({ file }) => ofCommands.test(file))
        const common = isOfCommand ? "Correct the option, the setting or the file." : commonAdvice(first)
        const sources = new Set(places.map(({ file, line }) => `\`${file}:${line}\``))
        return [
            [
                `\`${first.code}\``,
                isOfCommand ? "" : (statusOf[first.kind] ?? first.kind),
                sentence(meaning),
                advice === null ? common : sentence(advice),
                [...sources].sort().join(", "),
            ],
        ]
    })
}

/** What to do where a message says only what is wrong. */
function commonAdvice({ code, file, kind }: Said): string {
    if (ofChecks.test(file)) return "Get the file again from its author. If the error stays, the file was altered."
    if (kind === "") return "Correct the text at the line that the message names."
    if (kind === "conflict" && ofPastStates.test(code)) return "Reload to see the current state."
    return usualAdvice[kind] ?? ""
}

/** Checks of bundles, expert files, exports and receipts, which run without a server. */
const ofChecks = /^packages\/(audit-log\/src\/|marks\/src\/(bundle|expert)[/.])/

/** Conflicts with a state that changed since the page was read. */
const ofPastStates = /\.(already_|not_open|not_running|not_due|case_closed|closed|expired|person_left|proposal_)/

/** A message says what is wrong, then after a colon what to do: an imperative. A colon within code is no such colon. */
function partsOf(message: string): [meaning: string, advice: string | null] {
    const [meaning = "", ...more] = message.split(/: (?=(?:[^`]*`[^`]*`)*[^`]*$)/)
    const advice = more.join(": ")
    return advice === "" || explanationStart.test(advice) ? [message, null] : [meaning, advice]
}

/** How a second part begins that explains the first one. */
const explanationStart = new RegExp(
    "^[^a-z]|^(an?|all|both|each|every|from|it|its|no|none|not|as|by|nobody|nothing|reports|one|only" +
        String.raw`|some|that|the|their|there|these|they|this|those|to|two|what|whoever|with)\b`,
)

function sentence(text: string): string {
    const start = text.charAt(0).toUpperCase() + text.slice(1)
    return /[.…]$/.test(start) ? start : `${start}.`
}

/** Refusals of commands, which have no status. */
const ofCommands = /^(server\/src\/(commands|platform\/(config|postgres|crypto))|packages\/[a-z-]+\/src\/commands)\//

/** The page without the lines of code, which move with every change. */
export const withoutLines = (page: string): string => page.replaceAll(/(\.tsx?):\d+`/g, "$1`")
